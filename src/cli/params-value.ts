// Which value of a parameter is in force for one coin, where does it come from, and may it be another?
import { parse } from 'yaml';
import { camelKey } from '../config/camel.ts';
import { configKeys } from '../config/describe.ts';
import { strategy } from '../config/strategy-section.ts';
import { nearest } from '../config/suggest.ts';
import { strategyFor, type Configured } from '../config/symbol-strategy.ts';
import type { CoinParameters } from '../store/read/coin-parameters.ts';
import { messageOf } from '../lib/error-message.ts';
import { CliError, EXIT } from './context.ts';
import type { ParamValue } from '../store/read/coin-parameters-write.ts';

export interface Param {
  readonly key: string;
  readonly unit: string;
  /** As text: `1 … 100`, or a list. */
  readonly allowed: string;
  readonly initial: ParamValue;
}

/** What every key of the configuration's section `strategy` says, and what only a coin can have. */
export const PARAMS: readonly Param[] = [
  {
    key: 'enabled',
    unit: '',
    allowed: 'true, false',
    initial: true,
  },
  {
    key: 'preferred_strategy',
    unit: '',
    allowed: 'breakout, bounce, both',
    initial: 'both',
  },
  ...configKeys()
    .filter(({ section }) => section === 'strategy')
    .map(({ key, unit, bounds, initial }) => ({
      key,
      unit,
      allowed: bounds,
      initial: initial as ParamValue,
    })),
];

export interface InForce extends Param {
  readonly value: ParamValue;
  readonly source: 'default' | 'config' | 'symbol';
  /** The value that would be in force without the coin's own. */
  readonly without: ParamValue;
}

export interface CoinInForce {
  readonly symbol: string;
  readonly params: readonly InForce[];
  /** Why the engine refuses this coin's row; empty where it does not. */
  readonly refused: readonly string[];
}

export function paramOf(key: string): Param {
  const found = PARAMS.find((param) => param.key === key);
  if (found !== undefined) return found;
  const near = nearest(
    key,
    PARAMS.map((param) => param.key),
  );
  const hint = near === undefined ? 'see `npx plotnost params get SYMBOL` for all of them' : `did you mean ${near}?`;
  throw new CliError(`${key}: unknown parameter: ${hint}`, EXIT.usage);
}

export function inForce(symbol: string, config: Configured, row: CoinParameters | undefined): CoinInForce {
  const overrides = row?.overrides ?? {};
  const own = strategyFor(config, overrides);
  const base = config.strategy;
  const before = base as unknown as Readonly<Record<string, ParamValue>>;
  const now = (own.ok ? own.strategy : base) as unknown as Readonly<Record<string, ParamValue>>;
  const coin: Readonly<Record<string, ParamValue>> = {
    enabled: row?.enabled ?? true,
    preferred_strategy: row?.preferredStrategy ?? 'both',
  };
  const params = PARAMS.map((param): InForce => {
    const { key, initial } = param;
    const isCoins = Object.hasOwn(coin, key);
    const value = (isCoins ? coin[key] : now[camelKey(key)]) as ParamValue;
    const without = isCoins ? initial : (before[camelKey(key)] as ParamValue);
    const isOwn = isCoins ? value !== initial : own.ok && Object.hasOwn(overrides, key);
    return { ...param, value, without, source: isOwn ? 'symbol' : without === initial ? 'default' : 'config' };
  });
  return { symbol, params, refused: own.ok ? [] : own.errors };
}

/** As in a file: `true`, `5`, `0.25`, `mark`. The message of a bad one names its bounds. */
export function readValue(param: Param, text: string, config: Configured): ParamValue {
  const refuse = (message: string): never => {
    const isNamed = message.includes(param.allowed);
    const bounds = isNamed ? '' : ` (allowed: ${`${param.allowed} ${param.unit}`.trim()})`;
    throw new CliError(`${message}${bounds}`, EXIT.usage);
  };
  let value: unknown;
  try {
    value = parse(text, { schema: 'core', prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    return refuse(`${param.key}: '${text}' cannot be read: ${messageOf(error)}`);
  }
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return refuse(`${param.key}: must be one value`);
  if (param.key === 'enabled') return typeof value === 'boolean' ? value : refuse('enabled: must be true or false');
  if (param.key === 'preferred_strategy') {
    const isKnown = param.allowed.split(', ').includes(String(value));
    return isKnown ? value : refuse('preferred_strategy: must be one of breakout, bounce, both');
  }
  const judged = strategyFor(config, { [param.key]: value });
  if (judged.ok || strategy[param.key as keyof typeof strategy].safeParse(value).success) return value;
  return refuse(judged.errors.join('; '));
}

/** Throws where a value within its bounds is against a rule beside what the coin has already. */
export function checkBeside(
  { key }: Param,
  value: ParamValue,
  config: Configured,
  overrides: CoinParameters['overrides'] = {},
): void {
  if (!Object.hasOwn(strategy, key)) return;
  // A row that is refused already says nothing of this value.
  const beside = strategyFor(config, overrides).ok ? overrides : {};
  const judged = strategyFor(config, { ...beside, [key]: value });
  if (!judged.ok) throw new CliError(judged.errors.join('; '), EXIT.usage);
}
