// One run from its first child process to its last output: exchange and database, engine, a status once a second, the end.
import { endpointsOf } from '../../bybit/endpoints.ts';
import type { Overrides } from '../../config/override.ts';
import { createEngine, type Engine } from '../../engine.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Timer } from '../../lib/clock.ts';
import { createRng } from '../../lib/rng.ts';
import { createLatencies } from '../../operator/metrics/latency.ts';
import type { Control } from '../../ops/control.ts';
import type { Log } from '../../ops/log.ts';
import { memoryBound, memoryLimits, memoryTaken, MemoryWatch } from '../../ops/memory-watch.ts';
import type { ScenarioResult } from '../../simulator/scenario/play.ts';
import { openStore, type Store } from '../../store/write/client.ts';
import { startEmbedded, type Embedded } from '../../store/server/launcher.ts';
import { storeSettings } from '../../store/settings.ts';
import { analyzerThreads } from '../analyzer-threads.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from '../context.ts';
import { externalConnection } from '../database.ts';
import { ObservedLives } from '../score/observed-lives.ts';
import { createDisplay, runStatus } from './status.ts';
import { openRunControl } from './control.ts';
import type { RunRecording } from './recording.ts';
import { startChecked, warnOfFaults, drainPositions, storedRows, scoreOf } from './ends.ts';
import { reloadOnHangup, type Hangups } from './process.ts';
import { viewOfTrading } from './views.ts';
import type { KillSignal } from '../kill-signal.ts';
import type { OperatorSurface } from './operator.ts';
import { identityOf, listenToState, openGround, tradingOptions, type Ground } from './trading.ts';
import type { ScenarioRun } from './scenario.ts';
import { verdictText } from '../scenario.ts';
import { startsSimulator } from './flags.ts';
import { startSimulatorChild, type SimulatorChild } from '../simulator-child.ts';
import { StageTimes } from '../../stage-times.ts';
import { rehearse, type Rehearsals } from '../../rehearsal.ts';

const SECOND = 1_000 as Ms;
const FULL = 'memory';
const DIED = 'the simulated exchange died';

/** What is open so far; whatever happens, it is closed at the end. */
export interface Opened {
  /** Undefined again once it is closed. */
  recording?: RunRecording | undefined;
  ground?: Ground | undefined;
  /** Undefined again once it is stopped. */
  engine?: Engine | undefined;
  control?: Control;
  shown?: Timer;
  rehearsals?: Rehearsals;
  memory?: MemoryWatch;
  /** Undefined again once it is closed. */
  store?: Store | undefined;
  /** How it ended; undefined while it did not end as it should. */
  reason?: string;
  simulator?: SimulatorChild | undefined;
  embedded?: Embedded | undefined;
}

export interface Watch {
  readonly sessionId: string;
  readonly startedMs: Ms;
  /** Undefined: nobody may look. */
  readonly surface: OperatorSurface | undefined;
  readonly version: string;
  readonly truthFile: string | undefined;
  readonly ledgerFile: string | undefined;
  readonly killSignal: KillSignal;
  readonly hangups: Hangups;
  readonly scenario: ScenarioRun | undefined;
  readonly log: Log;
  readonly asked: Promise<string>;
  readonly over: AbortSignal;
  readonly opened: Opened;
  readonly overrides: Overrides;
}

export async function watch(context: CliContext, loaded: LoadedConfig, run: Watch): Promise<void> {
  const { config, stateDir } = loaded;
  const { sessionId, startedMs, surface, version, truthFile, scenario, log, asked, opened } = run;
  const { environment, endpoints } = config.exchange;
  const begun = performance.now();
  const identity = identityOf(config, context.env, startsSimulator(config));
  const secrets = context.secretsOf(config);
  const ground = await openGround({
    config,
    stateDir,
    account: identity.account,
    env: context.env,
    secrets,
    log,
    source: { environment, sessionId },
    condition: () => opened.engine?.status() ?? {},
  });
  opened.ground = ground;
  run.killSignal.arm(ground.state.latch, () => opened.engine?.trading?.trader);
  try {
    await startChildren(loaded, run);
  } catch (error) {
    // Ctrl-C reaches a child too until it has a process group of its own: then nothing failed.
    const ending = await Promise.race([asked, Promise.resolve(undefined)]);
    if (ending === undefined) throw error;
    opened.reason = ending;
    return;
  }
  const connection = opened.embedded?.connection ?? externalConnection(config.database, context.env);
  const store =
    connection === undefined
      ? undefined
      : await openStore({ connection, stateDir, settings: storeSettings(config.database) }, log);
  opened.store = store;
  const observed = truthFile === undefined ? undefined : new ObservedLives();
  const reached = endpointsOf(environment, opened.simulator ?? endpoints);
  const { connects, calls } = ground;
  const threads = config.analysis.workers;
  const workers = analyzerThreads(threads);
  if (threads !== 'auto' && workers < threads) log.warn({ asked: threads, workers }, 'analysis.workers_capped');
  const latencies = createLatencies(1 + workers);
  const times = new StageTimes(latencies, systemClock);
  if (config.trading.mode !== 'off')
    opened.rehearsals = rehearse(config, systemClock, (error) => log.error({ error }, 'rehearsal.failed'));
  const trading = tradingOptions({
    config,
    times,
    rehearsals: opened.rehearsals,
    identity,
    endpoints: reached,
    ownKeys: opened.simulator?.keys[0],
    ground,
    log,
    trader: () => opened.engine?.trading?.trader,
  });
  const running = createEngine({
    config,
    endpoints: reached,
    connects,
    calls,
    trading,
    session: {
      sessionId,
      environment,
      mode: config.trading.mode,
      version,
      node: process.version,
      config: loaded.effective,
    },
    clock: systemClock,
    rng: createRng(process.pid),
    log,
    workers,
    times,
    ...(surface === undefined ? {} : { onHappening: surface.tell }),
    store: scenario?.tap(store) ?? store,
    recorder: opened.recording?.recorder,
    ...(observed === undefined ? {} : { onEvent: (event, instrument) => observed.see(event, instrument) }),
  });
  opened.engine = running;
  if (running.trading !== undefined) listenToState(ground, running.trading, times);
  const memory = new MemoryWatch(memoryLimits(config.market.slots, workers, memoryBound()), {
    clock: systemClock,
    log,
    look: memoryTaken,
  });
  opened.memory = memory;
  const killReason = () => ground.state.latch.standing.reason;
  opened.control = await openRunControl({
    stateDir,
    engine: running,
    facts: { version, environment, trading: config.trading.mode },
    memory: () => ({ taken: memory.taken.process, limit: memory.limits.process }),
    killReason,
    log,
  });
  const view = () => (running.trading === undefined ? undefined : viewOfTrading(running.trading, killReason()));
  const status = () => runStatus(running, store?.stats(), (performance.now() - begun) / SECOND, view());
  const display = createDisplay(context);
  let inForce = config;
  surface?.open({
    config: () => inForce,
    stateDir,
    session: {
      sessionId,
      version,
      node: process.version,
      environment,
      tradingMode: config.trading.mode,
      startedMs,
      configHash: loaded.digest.slice(0, 16),
    },
    engine: running,
    latencies,
    memory,
    stats: () => store?.stats(),
    connection,
    account: identity.account,
    secrets,
    log,
    announce: (text) => display.announce(`dashboard  ${text}`),
  });
  const observe = () => observed?.watch(running.feed.status().symbols, systemClock.wall());
  const shown = systemClock.every(SECOND, () => {
    observe();
    display.show(status(), running);
  });
  opened.shown = shown;
  reloadOnHangup(
    run.hangups,
    loaded,
    () => context.reloadConfig(loaded.file, run.overrides),
    log,
    (latest) => {
      inForce = latest;
      running.reload(latest);
      warnOfFaults(running, log);
    },
  );
  const failed = startChecked(running, log).then(() => new Promise<never>(() => undefined));
  const died = opened.simulator?.died.then(() => DIED);
  let lived: ScenarioResult | undefined;
  const { control } = opened.simulator ?? {};
  const played =
    control === undefined
      ? undefined
      : scenario?.play(control, running, systemClock, run.over).then((result) => {
          lived = result;
          return 'scenario';
        });
  const reason = await Promise.race([asked, failed, memory.full, ...[died, played].filter((one) => one !== undefined)]);
  shown.cancel();
  log.info({ reason }, 'run.ending');
  surface?.ending();
  observe();
  const { waitsFor, books, standing } = status(); // as it was while the exchange was still listened to
  if (reason !== DIED) await drainPositions(running, config, log);
  await running.stop();
  opened.engine = undefined;
  const recorded = await opened.recording?.end();
  opened.recording = undefined;
  await store?.close();
  opened.store = undefined;
  const rows = connection === undefined ? 0 : await storedRows(connection, sessionId, log);
  await opened.simulator?.close();
  const score = truthFile === undefined || observed === undefined ? undefined : scoreOf(truthFile, observed);
  const verdict = lived === undefined ? undefined : scenario?.verdict(lived);
  display.end(
    {
      ...(score === undefined ? {} : { score }),
      ...(verdict === undefined ? {} : { scenario: verdict }),
      ...status(),
      waitsFor,
      books,
      standing,
      ...(rows === undefined ? {} : { rows }),
      ...(recorded === undefined ? {} : { recorded }),
      warnings: log.counts(),
    },
    running,
  );
  if (reason === DIED) throw new CliError(reason, EXIT.unavailable);
  opened.reason = reason;
  if (reason === FULL) {
    throw new CliError('memory is used up: the run ended in good order; a service manager restarts it', EXIT.later);
  }
  if (verdict?.passed === false) throw new CliError(verdictText(verdict), EXIT.failure);
}

/** The simulated exchange and the embedded database. Waits for both even when one fails: what has started must be closed. */
async function startChildren({ config, stateDir }: LoadedConfig, run: Watch): Promise<void> {
  const { opened, log, truthFile: truth, ledgerFile: ledger } = run;
  const [exchange, database] = await Promise.allSettled([
    startsSimulator(config) ? startSimulatorChild({ ...config.simulator, truth, ledger }) : undefined,
    config.database.mode === 'embedded' ? startEmbedded({ stateDir, mayBeLate: true }, log) : undefined,
  ]);
  if (exchange.status === 'fulfilled') opened.simulator = exchange.value;
  if (database.status === 'fulfilled') opened.embedded = database.value;
  const failure = [exchange, database].find((one) => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
