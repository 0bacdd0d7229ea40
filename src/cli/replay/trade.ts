// `replay --trade`: what would these settings have brought on this recording?
import { sizesOf } from '../../backtest/files.ts';
import { runBacktest, type BacktestResult } from '../../backtest/backtest.ts';
import { systemClock } from '../../lib/clock.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { createProgress } from '../progress.ts';
import { refuseDamage, refuseUnread, toldFault } from './fault.ts';
import { tradeText } from './trade-text.ts';

/** Whatever the daemon does with these settings: here orders meet the recorded books, and pay what paper pays. */
export const AS_PAPER = { set: ['trading.mode=paper'] };

export interface TradeFlags {
  readonly verify?: boolean;
  readonly instruments?: string;
}

export interface TradeReport extends BacktestResult {
  /** How long it took. */
  readonly seconds: number;
}

export async function tradeRecordings(
  context: CliContext,
  files: readonly string[],
  { verify = false, instruments }: TradeFlags,
): Promise<void> {
  const { config } = context.loadConfig(AS_PAPER);
  const sizes = await sizesOf(files).catch(toldFault);
  const begun = systemClock.monotonic();
  const progress = createProgress(
    context.stderr,
    sizes.reduce((sum, size) => sum + size, 0),
    systemClock,
  );
  const result = await runBacktest({ files, config, instruments, verify }, (bytes, frames) =>
    progress.show(bytes, `${frames} frames`),
  ).catch(toldFault);
  progress.end();
  refuseUnread(files, result.damaged);
  const report: TradeReport = { ...result, seconds: Math.round(systemClock.monotonic() - begun) / 1_000 };
  if (context.json) context.printJson(report);
  else context.print(tradeText(report));
  const { untrusted, verify: verdict } = report.replay;
  if (untrusted.length > 0) context.stderr.write(`not to be trusted at the end: ${untrusted.join(', ')}\n`);
  refuseDamage(report.damaged);
  if ((verdict?.differences ?? 0) > 0) throw new CliError('the books are not what the exchange sent', EXIT.failure);
}
