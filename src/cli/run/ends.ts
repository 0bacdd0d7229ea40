// The checks of a run at its start and its end: may it trade, are its positions safe, what has it stored, how well did it detect?
import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { messageOf } from '../../lib/error-message.ts';
import { snakeKey } from '../../config/camel.ts';
import type { Config } from '../../config/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Log } from '../../ops/log.ts';
import type { SettingFault } from '../../risk/start-check.ts';
import { countRows } from '../../store/read/count.ts';
import type { Store } from '../../store/write/client.ts';
import { CliError, EXIT } from '../context.ts';
import type { ObservedLives } from '../score/observed-lives.ts';
import { judgeRun, type Score } from '../score/score.ts';

const faultText = ({ section, key, message }: SettingFault): string => `${section}.${snakeKey(key)}: ${message}`;

/**
 * Market and account are known; can they be traded as configured, and `stored`? If not the run ends with the reasons, except
 * where something of ours is open: that is managed to its end, and nothing is entered.
 */
export async function startChecked(engine: Engine, log: Log, stored?: Pick<Store, 'refusal'>): Promise<void> {
  await engine.start();
  const { trading } = engine;
  if (trading === undefined) return;
  const [equity, unfit] = await Promise.race([
    Promise.all([trading.funded, trading.judged]),
    trading.refused.then((reason) => [undefined, [reason]] as const),
  ]);
  const { faults, warnings } = trading.check(engine.feed.symbols(), equity);
  for (const warning of warnings) log.warn({ reason: faultText(warning) }, 'config.doubtful');
  const refusal = stored?.refusal === undefined ? [] : [stored.refusal.message];
  const reasons = [...unfit, ...faults.map(faultText), ...refusal];
  if (reasons.length === 0) return;
  if (trading.trader.held().size === 0) throw new CliError(reasons.join('\n'), EXIT.config);
  log.fatal({ reasons }, 'run.unfit');
  trading.trader.block('run.unfit', true);
}

/** After a reload, with the present balance: faults do not end the run, but the next start would fail on them. */
export function warnOfFaults({ trading, feed }: Engine, log: Log): void {
  const wallet = trading?.trader.status().wallet;
  if (trading === undefined || wallet === undefined) return;
  const { faults, warnings } = trading.check(feed.symbols(), wallet.balance + wallet.unrealised);
  for (const fault of faults) log.error({ reason: faultText(fault) }, 'config.doubtful');
  for (const warning of warnings) log.warn({ reason: faultText(warning) }, 'config.doubtful');
}

/** By policy, waits until no order is in flight and every stop is confirmed, or closes everything. Logs what is left. */
export async function drainPositions(engine: Engine, { safety, trading }: Config, log: Log): Promise<void> {
  // Paper's stops end with this process: a position left open would never be closed.
  const policy = trading.mode === 'paper' ? 'flatten' : safety.onShutdown;
  const left = (await engine.trading?.trader.drain(policy)) ?? [];
  if (left.length > 0) log.error({ left }, 'run.left_behind');
}

/** The rows of this run as SQL counts them; undefined where the database does not answer. */
export async function storedRows(connection: ClientConfig, sessionId: string, log: Log): Promise<number | undefined> {
  try {
    return await countRows(connection, sessionId);
  } catch (error) {
    log.warn({ reason: messageOf(error) }, 'rows.uncounted');
    return undefined;
  }
}

/** Or why there is none, as on a full disk: what else the run has to say is said before that. */
export function scoreOf(truthFile: string, observed: ObservedLives): Score | CliError {
  const { endMs, watched } = observed;
  try {
    return judgeRun(readFileSync(truthFile, 'utf8').split('\n'), observed.all(), { endMs, watched }).score;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}
