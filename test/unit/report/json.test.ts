import { expect, it } from 'vitest';
import { renderJson } from '../../../src/report/json.ts';
import { resultSchema } from '../../../src/report/model.ts';
import { resultFixture } from '../../support/result-fixture.ts';

it('gives back the same result', () => {
  const result = resultFixture();
  const json = renderJson(result);
  expect(resultSchema.parse(JSON.parse(json))).toEqual(result);
  expect(json.endsWith('}\n')).toBe(true);
});

it('holds no password, wherever one has slipped in', () => {
  const { run } = resultFixture();
  const json = renderJson(
    resultFixture({
      reasons: ['cannot reach amqp://shop:hunter2@127.0.0.1:5672/%2f'],
      run: { ...run, configuration: { services: { redis: 'rediss://:hunter2@10.0.0.1:6379' } } },
    }),
  );
  expect(json).not.toContain('hunter2');
  expect(json).toContain('amqp://shop:***@127.0.0.1:5672/%2f');
  expect(json).toContain('rediss://:***@10.0.0.1:6379');
});
