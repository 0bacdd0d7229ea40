// What does one variant of a sweep bring? A task of a thread of its own; nothing is shared but how far it is.
import { runBacktest, type BacktestOptions, type BacktestResult } from './backtest.ts';

export interface VariantTask {
  readonly options: BacktestOptions;
  /** Bytes read of each variant, as Float64. */
  readonly progress: SharedArrayBuffer;
  readonly place: number;
}

/** Without what only one who looks at this variant alone wants: its rows. */
export type VariantResult = Omit<BacktestResult, 'trades' | 'executions' | 'replay'>;

export async function runVariant({ options, progress, place }: VariantTask): Promise<VariantResult> {
  const read = new Float64Array(progress);
  const {
    trades: _trades,
    executions: _executions,
    replay: _replay,
    ...result
  } = await runBacktest(options, (bytes) => {
    // A price off the derived grid begins the recording anew: what was read once is not read less.
    read[place] = Math.max(read[place] as number, bytes);
  });
  return result;
}
