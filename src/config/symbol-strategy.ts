// Which strategy holds for one symbol, when a row of `coin_parameters` says otherwise?
import { z } from 'zod';
import { camelKey, camelKeys, deepFreeze } from './camel.ts';
import { explain } from './explain.ts';
import type { Config } from './schema.ts';
import { strategy } from './strategy-section.ts';

export type SymbolStrategy =
  | { readonly ok: true; readonly strategy: Config['strategy'] }
  | { readonly ok: false; readonly errors: readonly string[] };

const strict = z.strictObject(strategy);

/** `parameters` has the file's snake_case keys; the bounds are the file's; one bad key refuses the whole row. */
export function strategyFor(base: Config['strategy'], parameters: Readonly<Record<string, unknown>>): SymbolStrategy {
  const fields = base as unknown as Readonly<Record<string, unknown>>;
  const whole = {
    ...Object.fromEntries(Object.keys(strategy).map((key) => [key, fields[camelKey(key)]])),
    ...parameters,
  };
  const parsed = strict.safeParse(whole);
  if (parsed.success) return { ok: true, strategy: deepFreeze(camelKeys(parsed.data)) as Config['strategy'] };
  const root = { strategy: whole };
  return {
    ok: false,
    errors: parsed.error.issues
      .flatMap((issue) => explain(root, { ...issue, path: ['strategy', ...issue.path] }))
      .map(({ path, message }) => `${String(path.at(-1))}: ${message}`),
  };
}
