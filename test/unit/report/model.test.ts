import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STAGES } from '../../../src/engine/telemetry.ts';
import { MAX_STOCK_ROWS, type Result, resultSchema } from '../../../src/report/model.ts';
import { latencySummary, resultFixture } from '../../support/result-fixture.ts';

const SCHEMA_PATH = '../../../schemas/result.schema.json';
const DOCUMENT = readFileSync(new URL('../../../docs/result.md', import.meta.url), 'utf8');

const accepts = (candidate: unknown): boolean => resultSchema.safeParse(candidate).success;

describe('resultSchema', () => {
  it('accepts a result, also after a way through JSON', () => {
    const result = resultFixture();
    expect(resultSchema.parse(result)).toEqual(result);
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });

  it.each(Object.keys(resultFixture()))('refuses a result without %s', (field) => {
    const { [field as keyof Result]: _, ...rest } = resultFixture();
    expect(accepts(rest)).toBe(false);
  });

  it('refuses unknown keys, at the top and below', () => {
    const result = resultFixture();
    expect(accepts({ ...result, extra: 1 })).toBe(false);
    expect(accepts({ ...result, run: { ...result.run, url: 'x' } })).toBe(false);
    expect(accepts({ ...result, cache: { ...result.cache, misses: 1 } })).toBe(false);
    expect(accepts({ ...result, audit: [{ ...result.audit[0], extra: 1 }] })).toBe(false);
  });

  it('wants every stage, and takes metrics of the load beside them', () => {
    const { latency } = resultFixture();
    for (const stage of STAGES) {
      const { [stage]: _, ...rest } = latency;
      expect(accepts(resultFixture({ latency: rest as Result['latency'] }))).toBe(false);
    }
    expect(accepts(resultFixture({ latency: { ...latency, 'cart.latency': latencySummary(5, 90) } }))).toBe(
      true,
    );
    expect(accepts({ ...resultFixture(), latency: { ...latency, 'cart.latency': 90 } })).toBe(false);
  });

  it('bounds the list of SKUs', () => {
    const [account] = resultFixture().stock;
    const stock = Array.from({ length: MAX_STOCK_ROWS + 1 }, (_, sku) => ({ ...account!, sku }));
    expect(accepts(resultFixture({ stock }))).toBe(false);
    expect(accepts(resultFixture({ stock: stock.slice(1) }))).toBe(true);
  });

  it('refuses exit codes that no verdict has', () => {
    expect(accepts({ ...resultFixture(), exitCode: 2 })).toBe(false);
  });
});

describe('schemas/result.schema.json', () => {
  it('is what the model says (vitest --update writes it anew)', async () => {
    const schema = `${JSON.stringify(z.toJSONSchema(resultSchema), null, 2)}\n`;
    await expect(schema).toMatchFileSnapshot(SCHEMA_PATH);
  });
});

describe('docs/result.md', () => {
  interface JsonSchema {
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly items?: JsonSchema;
    readonly additionalProperties?: JsonSchema | boolean;
    readonly $defs?: Readonly<Record<string, JsonSchema>>;
  }
  const fieldsOf = (schema: JsonSchema): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [name, ...fieldsOf(field)]),
    ...(schema.items === undefined ? [] : fieldsOf(schema.items)),
    ...Object.values(schema.$defs ?? {}).flatMap(fieldsOf),
  ];

  it('names every field', () => {
    const fields = new Set(fieldsOf(z.toJSONSchema(resultSchema) as JsonSchema));
    expect(fields.size).toBeGreaterThan(80);
    expect([...fields].filter((field) => !DOCUMENT.includes(`\`${field}\``))).toEqual([]);
  });

  it('has an example that the schema accepts', () => {
    const [, example] = /```json\n([\s\S]*?)```/.exec(DOCUMENT)!;
    expect(resultSchema.safeParse(JSON.parse(example!)).error).toBeUndefined();
  });
});
