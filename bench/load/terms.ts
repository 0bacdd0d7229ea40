// What may a load be asked to be? The flags of `load` and `soak`, each within its bounds.
import type { LoadTerms } from './run.ts';
import { LOAD_MODES } from './words.ts';

type Texts = Readonly<Record<keyof Omit<LoadTerms, 'seconds'>, string>>;

const DEPTHS: readonly number[] = [50, 200, 1_000];

/** Throws a RangeError that names the flag. */
export function readTerms(texts: Texts): Omit<LoadTerms, 'seconds'> {
  const depth = whole('depth', texts.depth, 50, 1_000);
  if (!DEPTHS.includes(depth)) throw new RangeError(`--depth must be 50, 200 or 1000, and is ${depth}`);
  const mode = LOAD_MODES.find((one) => one === texts.mode);
  if (mode === undefined) throw new RangeError(`--mode must be one of ${LOAD_MODES.join(', ')}, and is ${texts.mode}`);
  return {
    symbols: whole('symbols', texts.symbols, 1, 1_000),
    depth,
    rate: whole('rate', texts.rate, 1, 1_000_000),
    mode,
    workers: whole('workers', texts.workers, 1, 64),
    seed: whole('seed', texts.seed, 0, 2 ** 32 - 1),
  };
}

export function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new RangeError(`--${name} must be a whole number from ${least} to ${most}, and is ${text}`);
}
