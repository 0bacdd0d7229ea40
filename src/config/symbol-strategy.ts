// Which strategy holds for one symbol, when a row of `coin_parameters` says otherwise?
import { z } from 'zod';
import { camelKey, camelKeys, deepFreeze } from './camel.ts';
import { explain } from './explain.ts';
import type { Config } from './schema.ts';
import { ruleFaults } from '../risk/start-check.ts';
import { strategy } from './strategy-section.ts';

export type SymbolStrategy =
  | { readonly ok: true; readonly strategy: Config['strategy'] }
  | { readonly ok: false; readonly errors: readonly string[] };

const strict = z.strictObject(strategy);

/** `parameters` has the file's snake_case keys; bounds and contradictions are the file's; one bad key refuses the whole row. */
export function strategyFor(base: Config['strategy'], parameters: Readonly<Record<string, unknown>>): SymbolStrategy {
  const fields = base as unknown as Readonly<Record<string, unknown>>;
  const whole = {
    ...Object.fromEntries(Object.keys(strategy).map((key) => [key, fields[camelKey(key)]])),
    ...parameters,
  };
  const parsed = strict.safeParse(whole);
  if (parsed.success) {
    const read = deepFreeze(camelKeys(parsed.data)) as Config['strategy'];
    // What contradicts itself in the file was judged with the file, under the fees that hold there.
    const before = new Set(ruleFaults(base).map(({ key }) => key));
    const faults = ruleFaults(read).filter(({ key }) => !before.has(key));
    if (faults.length === 0) return { ok: true, strategy: read };
    const keyOf = (key: string): string => Object.keys(strategy).find((written) => camelKey(written) === key) ?? key;
    return { ok: false, errors: faults.map(({ key, message }) => `${keyOf(key)}: ${message}`) };
  }
  const root = { strategy: whole };
  return {
    ok: false,
    errors: parsed.error.issues
      .flatMap((issue) => explain(root, { ...issue, path: ['strategy', ...issue.path] }))
      .map(({ path, message }) => `${String(path.at(-1))}: ${message}`),
  };
}
