// How does a run begin and end well: may it trade, what does it let go of, what has it stored, how well has it seen?
import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { snakeKey } from '../../config/camel.ts';
import type { Config } from '../../config/schema.ts';
import type { Engine } from '../../engine.ts';
import type { Log } from '../../ops/log.ts';
import type { SettingFault } from '../../risk/start-check.ts';
import { countRows } from '../../store/read/count.ts';
import { messageOf } from '../../store/error.ts';
import { CliError, EXIT } from '../context.ts';
import type { ObservedLives } from '../score/observed-lives.ts';
import { judgeRun, type Score } from '../score/score.ts';

const told = ({ section, key, message }: SettingFault): string => `${section}.${snakeKey(key)}: ${message}`;

/**
 * Market and account are known; can they be traded as configured? If not the run ends with the reasons, except where
 * something of ours is open: that is managed to its end, and nothing is entered.
 */
export async function begin(engine: Engine, log: Log): Promise<void> {
  await engine.start();
  const { trading } = engine;
  if (trading === undefined) return;
  const [equity, unfit] = await Promise.race([
    Promise.all([trading.funded, trading.judged]),
    trading.refused.then((reason) => [undefined, [reason]] as const),
  ]);
  const { faults, warnings } = trading.check(engine.feed.symbols(), equity);
  for (const warning of warnings) log.warn({ reason: told(warning) }, 'config.doubtful');
  const reasons = [...unfit, ...faults.map(told)];
  if (reasons.length === 0) return;
  if (trading.trader.held().size === 0) throw new CliError(reasons.join('\n'), EXIT.config);
  log.fatal({ reasons }, 'run.unfit');
  trading.trader.block('run.unfit', true);
}

/** Of what was taken over meanwhile, by the balance of now: it ends nothing, but the next start would not begin with it. */
export function doubt({ trading, feed }: Engine, log: Log): void {
  const wallet = trading?.trader.status().wallet;
  if (trading === undefined || wallet === undefined) return;
  const { faults, warnings } = trading.check(feed.symbols(), wallet.balance + wallet.unrealised);
  for (const fault of faults) log.error({ reason: told(fault) }, 'config.doubtful');
  for (const warning of warnings) log.warn({ reason: told(warning) }, 'config.doubtful');
}

/** Nothing is in flight and every stop stands, or all is closed, by policy; what is left is named. */
export async function letGo(engine: Engine, { safety, trading }: Config, log: Log): Promise<void> {
  // The stops of paper end with us: what it left open nobody would ever close, and its trades would never end.
  const policy = trading.mode === 'paper' ? 'flatten' : safety.onShutdown;
  const left = (await engine.trading?.trader.drain(policy)) ?? [];
  if (left.length > 0) log.error({ left }, 'run.left_behind');
}

/** The rows of this run as SQL counts them; with the database away just then, what it has acknowledged stands. */
export async function readBack(connection: ClientConfig, sessionId: string, log: Log): Promise<number | undefined> {
  try {
    return await countRows(connection, sessionId);
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'rows.uncounted');
    return undefined;
  }
}

export function scoreOf(truthFile: string, observed: ObservedLives): Score {
  const { endMs, watched } = observed;
  return judgeRun(readFileSync(truthFile, 'utf8').split('\n'), observed.all(), { endMs, watched }).score;
}
