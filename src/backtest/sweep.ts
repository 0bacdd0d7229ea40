// Which variants does a sweep hold, and who runs them? The product of its lists, as ordinary tasks of a pool of threads.
import { Piscina } from 'piscina';
import type { BacktestOptions } from './backtest.ts';
import type { VariantResult, VariantTask } from './variant.ts';

/** One key and the values that it takes, as they were typed. */
export interface SweptKey {
  readonly key: string;
  readonly values: readonly string[];
}

/** `key=a,b,c`; commas within brackets or quotes belong to a value. Undefined where it is none. */
export function parseSweep(text: string): SweptKey | undefined {
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(equals, 0)).trim();
  const values = text
    .slice(equals + 1)
    .split(/,(?![^[]*\])(?=(?:[^"']*["'][^"']*["'])*[^"']*$)/)
    .map((value) => value.trim());
  return key === '' || values.includes('') ? undefined : { key, values };
}

/** Every combination, the last key changing fastest; each a list of `key=value`. */
export function variantsOf(swept: readonly SweptKey[]): readonly (readonly string[])[] {
  return swept.reduce<readonly (readonly string[])[]>(
    (before, { key, values }) => before.flatMap((variant) => values.map((value) => [...variant, `${key}=${value}`])),
    [[]],
  );
}

export interface Sweep {
  readonly threads: number;
  /** Bytes read of all variants together, and how many of them are done. */
  readonly onProgress: (bytes: number, done: number) => void;
}

const LOOK_MS = 100;

export async function runSweep(
  variants: readonly BacktestOptions[],
  { threads, onProgress }: Sweep,
): Promise<readonly VariantResult[]> {
  const progress = new SharedArrayBuffer(variants.length * 8);
  const read = new Float64Array(progress);
  let done = 0;
  const pool = new Piscina<VariantTask, VariantResult>({
    filename: new URL('../../workers/variant.ts', import.meta.url).href,
    name: 'runVariant',
    minThreads: 1,
    maxThreads: Math.min(threads, variants.length),
    concurrentTasksPerWorker: 1,
  });
  const looking = setInterval(() => {
    onProgress(
      read.reduce((sum, bytes) => sum + bytes, 0),
      done,
    );
  }, LOOK_MS);
  try {
    return await Promise.all(
      variants.map(async (options, place) => {
        const result = await pool.run({ options, progress, place });
        done++;
        return result;
      }),
    );
  } finally {
    clearInterval(looking);
    await pool.destroy();
  }
}
