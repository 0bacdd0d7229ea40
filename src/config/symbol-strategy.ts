// Which strategy holds for one symbol, when a row of `coin_parameters` says otherwise?
import { z } from 'zod';
import { camelKey, camelKeys, deepFreeze } from './camel.ts';
import { explain } from './explain.ts';
import type { Config } from './schema.ts';
import { settingFaults } from '../risk/start-check.ts';
import { strategy } from './strategy-section.ts';

/** What a row is judged beside. */
export type Configured = Pick<Config, 'strategy' | 'trading' | 'paper'>;

export type SymbolStrategy =
  | { readonly ok: true; readonly strategy: Config['strategy'] }
  | { readonly ok: false; readonly errors: readonly string[] };

const strict = z.strictObject(strategy);

/** `parameters` has the file's snake_case keys; bounds and contradictions are the file's; one bad key refuses the whole row. */
export function strategyFor(
  { strategy: base, trading, paper }: Configured,
  parameters: Readonly<Record<string, unknown>>,
): SymbolStrategy {
  const fields = base as unknown as Readonly<Record<string, unknown>>;
  const whole = {
    ...Object.fromEntries(Object.keys(strategy).map((key) => [key, fields[camelKey(key)]])),
    ...parameters,
  };
  const parsed = strict.safeParse(whole);
  if (parsed.success) {
    const read = deepFreeze(camelKeys(parsed.data)) as Config['strategy'];
    const faults = settingFaults(trading, read, trading.mode === 'paper' ? paper.takerFeePercent : undefined);
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
