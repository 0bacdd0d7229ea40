// What is one key of the configuration? A checked value with its default, its unit, a sentence, and whether it reloads.
import { z } from 'zod';

interface Facts {
  /** What it does, for the README and the editor. */
  readonly about: string;
  /** `''` where the value counts nothing. */
  readonly unit?: string;
  /** Taken over on SIGHUP, without a restart. */
  readonly reload?: boolean;
}

const meta = (facts: Facts): { description: string; unit: string; reload: boolean } => ({
  description: facts.about,
  unit: facts.unit ?? '',
  reload: facts.reload ?? false,
});

export function amount(initial: number, min: number, max: number, unit: string, about: string) {
  return z.number().min(min).max(max).default(initial).meta(meta({ about, unit }));
}

export function count(initial: number, min: number, max: number, unit: string, about: string) {
  return z.int().min(min).max(max).default(initial).meta(meta({ about, unit }));
}

export function flag(initial: boolean, about: string) {
  return z.boolean().default(initial).meta(meta({ about }));
}

export function choice<const Value extends string | number>(
  initial: NoInfer<Value>,
  values: readonly Value[],
  about: string,
) {
  return z
    .literal(values)
    .default(initial as never)
    .meta(meta({ about }));
}

/** Each bound ends the check, so that the word is told beside them. */
export function wordOrCount<const Word extends string>(
  initial: Word,
  min: number,
  max: number,
  unit: string,
  about: string,
) {
  return z
    .union([z.literal(initial), z.int().min(min, { abort: true }).max(max, { abort: true })], {
      error: `must be ${initial} or a whole number from ${min} to ${max}`,
    })
    .default(initial as never)
    .meta(meta({ about, unit }));
}

export function text(initial: string, about: string) {
  return z.string().min(1).default(initial).meta(meta({ about }));
}

/** Where something lies: `~` would be a folder of that name, in whichever folder the engine is started from. */
export const place = z
  .string()
  .min(1)
  .regex(/^(?!~(?:\/|$))/, { error: 'must be written out: only a shell knows what ~ is' });

/** The NAME of an environment variable: never the secret itself, so a pasted secret must not fit. */
export function envName(initial: string, about: string) {
  return z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, {
      error: 'must be the NAME of an environment variable in capitals, never the secret itself: put that into .env',
    })
    .default(initial)
    .meta(meta({ about }));
}

export function described<Schema extends z.ZodType>(schema: Schema, about: string, unit = ''): Schema {
  return schema.meta(meta({ about, unit }));
}

/** The same key, taken over on SIGHUP. */
export function reloadable<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), reload: true });
}

/** Every key of a section taken over on SIGHUP. */
export function reloadableAll<Shape extends Record<string, z.ZodType>>(shape: Shape): Shape {
  return Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, reloadable(schema)])) as Shape;
}
