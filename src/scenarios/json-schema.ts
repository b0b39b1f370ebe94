import { z } from 'zod';
import { scenariosFile } from './schema.ts';

/** The JSON Schema of a scenarios file as it is written, for editors. */
export const scenariosJsonSchema = (): object => ({
  title: 'trade-sim scenarios',
  ...z.toJSONSchema(scenariosFile, { io: 'input' }),
});
