// What does a run need to trade? State on disk, alerts, keys and a venue, opened in this order and closed at the end.
import { createHash } from 'node:crypto';
import path from 'node:path';
import { connectBudget } from '../../bybit/feed/feed.ts';
import type { Budget } from '../../bybit/budget.ts';
import type { Endpoints } from '../../bybit/endpoints.ts';
import { createBybitWires } from '../../bybit/gateway/bybit-wires.ts';
import { keysFromEnvironment, type ApiKeys } from '../../bybit/gateway/keys.ts';
import { callBudget } from '../../bybit/rest/rest.ts';
import type { Config } from '../../config/schema.ts';
import { assert } from '../../lib/assert.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRng } from '../../lib/rng.ts';
import { createAlerts, type Alerts } from '../../ops/alerts.ts';
import type { Log } from '../../ops/log.ts';
import { startWatchdog, type Watchdog } from '../../ops/watchdog.ts';
import { emptyJournal, type JournalState } from '../../order/journal.ts';
import type { EngineFacts } from '../../position/desk-event.ts';
import { TAKER_FEE_PERCENT } from '../../risk/start-check.ts';
import { crashLoop } from '../../state/crash-loop.ts';
import type { JournalStatus } from '../../state/journal-file.ts';
import { accountFolder } from '../../state/account-folder.ts';
import { openState, type EngineState } from '../../state/state.ts';
import type { Rehearsals } from '../../engine/rehearsal.ts';
import type { StageTimes } from '../../engine/stage-times.ts';
import type { Trader } from '../../engine/trader.ts';
import type { Trading, TradingOptions } from '../../engine/trading.ts';
import { exchangeVenue, paperVenue, type Venue } from '../../engine/venue.ts';
import { CliError, EXIT } from '../context.ts';

const ALERTS_END_MS = 2_000 as Ms;

type Env = Readonly<Record<string, string | undefined>>;

/** The account that this run trades. */
export interface Identity {
  /** The same for the same account on the same exchange over restarts, and telling nothing of the key. */
  readonly account: string;
  /** Undefined where no key is needed, or the exchange that we start ourselves brings it. */
  readonly keys: ApiKeys | undefined;
}

/** `ownExchange`: started by this run, and ended with it. Throws a `CliError` where keys are missing. */
export function identityOf({ exchange, trading }: Config, env: Env, ownExchange: boolean): Identity {
  const named = (name: string): string => `${exchange.environment}:${name}`;
  if (trading.mode === 'off') return { account: named('watch'), keys: undefined };
  if (trading.mode === 'paper') return { account: named('paper'), keys: undefined };
  if (ownExchange) return { account: named('own'), keys: undefined };
  const keys = keysFromEnvironment(env, exchange.apiKeyEnv, exchange.apiSecretEnv);
  if (typeof keys === 'string') throw new CliError(keys, EXIT.config);
  if (exchange.environment === 'simulator' && exchange.endpoints.private === undefined) {
    const remedy = 'name the private stream of the simulator that is traded on, or take --mode off or --mode paper';
    throw new CliError(`exchange.endpoints.private: ${remedy}`, EXIT.config);
  }
  return { account: named(createHash('sha256').update(keys.key).digest('hex').slice(0, 8)), keys };
}

/** What is opened before anything is connected, and closed last. */
export interface Ground {
  readonly state: EngineState;
  readonly alerts: Alerts | undefined;
  readonly connects: Budget;
  readonly calls: Budget;
  /** `reason` undefined: the run did not end as it should. */
  close(reason: string | undefined): Promise<void>;
}

export interface GroundOptions {
  readonly config: Config;
  readonly stateDir: string;
  readonly account: string;
  readonly env: Env;
  readonly secrets: readonly string[];
  readonly log: Log;
  readonly source: Readonly<Record<string, string>>;
  readonly condition: () => object;
}

export async function openGround(options: GroundOptions): Promise<Ground> {
  const { config, stateDir, account, env, log, source, condition, secrets } = options;
  const state = await openState(stateDir, accountFolder(account), systemClock, log);
  const rng = createRng(process.pid);
  const watchdog: Watchdog = startWatchdog(
    { reportFile: path.join(stateDir, 'logs', 'watchdog.log') },
    systemClock,
    rng.fork('watchdog'),
    log,
  );
  const url = config.alerts.webhookUrl ?? env[config.alerts.webhookUrlEnv] ?? '';
  const heartbeatMs = (config.alerts.heartbeatInterval * 1_000) as Ms;
  const alerts =
    url === ''
      ? undefined
      : createAlerts(
          { url, heartbeatMs, source, condition, secrets },
          { clock: systemClock, rng: rng.fork('alerts'), log },
        );
  // Flushes the journal before a crashing process is gone.
  const flush = (): void => state.flushNow();
  process.prependListener('uncaughtException', flush);
  return {
    state,
    alerts,
    connects: connectBudget(config.websocket.connectBudget),
    calls: callBudget(),
    async close(reason) {
      process.off('uncaughtException', flush);
      await watchdog.close();
      try {
        await state.close(reason);
      } finally {
        await alerts?.close(ALERTS_END_MS);
      }
    },
  };
}

export interface TradingParts {
  readonly config: Config;
  readonly identity: Identity;
  readonly endpoints: Endpoints;
  /** Keys of an exchange that this run started itself; it knows no earlier orders. */
  readonly ownKeys: ApiKeys | undefined;
  readonly ground: Ground;
  readonly log: Log;
  readonly trader: () => Trader | undefined;
  readonly times: StageTimes;
  readonly rehearsals: Pick<Rehearsals, 'aheadOfBytes'> | undefined;
}

/** Undefined where nothing is traded. */
export function tradingOptions(options: TradingParts): TradingOptions | undefined {
  const { config, ground, log, trader, ownKeys, identity, times, rehearsals } = options;
  const { mode } = config.trading;
  if (mode === 'off') return undefined;
  const { state } = ground;
  const { run, latch } = state;
  const keys = identity.keys ?? ownKeys;
  return {
    venue: times.timed(mode === 'paper' ? paperVenue(config.paper, config.trading.leverage) : liveVenue(options, keys)),
    account: identity.account,
    instance: run.instance,
    epoch: run.epoch,
    // An account with keys of its own was there before us; paper and our own exchange begin anew.
    recovered: identity.keys === undefined ? withoutAccount(state.recovered) : state.recovered,
    haltedFor: crashLoop(run.crashes, config.safety.crashLoopExits, systemClock.wall()),
    takerFee: (mode === 'paper' ? config.paper.takerFeePercent : TAKER_FEE_PERCENT) / 100,
    append(record, sync) {
      if (sync) times.recorded(record.seq);
      state.append(record, sync);
      if (record.kind === 'INTENT') rehearsals?.aheadOfBytes();
    },
    latch(killed) {
      if (killed) return latch.kill('kill switch');
      // One that came meanwhile, or cannot be taken away, stands on.
      const tell = (): void => trader()?.facts({ killedByFile: latch.standing.killed });
      latch.clear().then(tell, (error: unknown) => {
        log.error({ error }, 'kill.clear_failed');
        tell();
      });
    },
    onResumed() {
      state.forgive().catch((error: unknown) => log.error({ error }, 'run.forgive_failed'));
    },
  };
}

/** From now on the desk is notified of lock, journal and kill latch. */
export function listenToState({ state }: Ground, { trader }: Trading, times: StageTimes): void {
  const tell = (facts: Partial<EngineFacts>): void => trader.facts(facts);
  const journal = ({ writable, reason, freeBytes }: JournalStatus): void => {
    tell({ journalWritable: writable, ...(freeBytes === undefined ? {} : { diskFreeBytes: freeBytes }) });
    if (reason === 'overflow') trader.take({ kind: 'checkpoint' });
  };
  state.listen({
    synced(upTo) {
      times.synced(upTo);
      trader.synced(upTo);
    },
    journal,
    runWritten: () => trader.block('state.full', false),
    killed: (killedByFile) => tell({ killedByFile }),
    lockLost: () => tell({ lockHeld: false }),
  });
  tell({ lockHeld: !state.isLockLost });
  // A pause, a trip, a loss may have been among what is lost: an operator looks before anything is entered (R06).
  if (state.isDamaged) trader.block('journal.corrupt', true, true);
  if (!state.run.isWritten) trader.block('state.full', true);
  journal(state.journalStatus());
  tell({ killedByFile: state.latch.standing.killed });
}

function liveVenue({ endpoints, ground }: TradingParts, keys: ApiKeys | undefined): Venue {
  assert(keys !== undefined, 'what trades live has keys of its own, or those of our own exchange');
  const { connects, calls } = ground;
  return exchangeVenue({ wires: (serverNow) => createBybitWires(endpoints, keys, serverNow), connects, calls });
}

/** An account that begins anew knows nothing of orders and trades of before; what an operator has ordered stays. */
function withoutAccount({ seq, mode }: JournalState): JournalState {
  return { ...emptyJournal(), seq, mode };
}
