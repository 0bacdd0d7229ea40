// What does a run start, each from what was started before it? Its state, exchange and database, then the engine.
import type { ClientConfig } from 'pg';
import { endpointsOf } from '../../bybit/endpoints.ts';
import { storable } from '../../config/load.ts';
import { createEngine, type Engine } from '../../engine/engine.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRng } from '../../lib/rng.ts';
import { createLatencies, type Latencies } from '../../operator/metrics/latency.ts';
import { memoryBound, memoryLimits, memoryTaken, MemoryWatch } from '../../ops/memory-watch.ts';
import { openSymbols } from '../../position/trade/restore.ts';
import { rehearse } from '../../engine/rehearsal.ts';
import { StageTimes } from '../../engine/stage-times.ts';
import { startEmbedded } from '../../store/server/launcher.ts';
import { storeSettings } from '../../store/settings.ts';
import { openStore, type Store } from '../../store/write/client.ts';
import { analyzerThreads } from '../analyzer-threads.ts';
import type { CliContext, LoadedConfig } from '../context.ts';
import { externalConnection } from '../database.ts';
import { ObservedLives } from '../score/observed-lives.ts';
import { startSimulatorChild } from '../simulator-child.ts';
import { startsSimulator } from './flags.ts';
import { identityOf, listenToState, openGround, tradingOptions, type Ground, type Identity } from './trading.ts';
import type { Watch } from './watch.ts';

export interface Launched {
  readonly ground: Ground;
  readonly identity: Identity;
  /** Not started yet. */
  readonly engine: Engine;
  readonly latencies: Latencies;
  readonly memory: MemoryWatch;
  /** Both undefined where nothing is stored. */
  readonly connection: ClientConfig | undefined;
  readonly store: Store | undefined;
  /** Undefined where the detection is not to be scored. */
  readonly observed: ObservedLives | undefined;
}

/** Undefined where the run was asked to end meanwhile. Throws what a child, the state directory or the database refuses. */
export async function launch(context: CliContext, loaded: LoadedConfig, run: Watch): Promise<Launched | undefined> {
  const { env } = context;
  const { config, stateDir } = loaded;
  const { sessionId, surface, version, truthFile, scenario, log, asked, opened } = run;
  const { environment, endpoints } = config.exchange;
  const { mode } = config.trading;
  const identity = identityOf(config, env, startsSimulator(config));
  const ground = await openGround({
    config,
    stateDir,
    account: identity.account,
    env,
    secrets: context.secretsOf(config),
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
    return undefined;
  }
  const connection = opened.embedded?.connection ?? externalConnection(config.database, env);
  const store =
    connection === undefined
      ? undefined
      : await openStore(
          {
            connection,
            stateDir,
            settings: storeSettings(config.database),
            mayRefuse: mode !== 'off' && openSymbols(ground.state.recovered).size > 0,
          },
          log,
        );
  opened.store = store;
  const observed = truthFile === undefined ? undefined : new ObservedLives();
  const reached = endpointsOf(environment, opened.simulator ?? endpoints);
  const threads = config.analysis.workers;
  const workers = analyzerThreads(threads);
  if (threads !== 'auto' && workers < threads) log.warn({ asked: threads, workers }, 'analysis.workers_capped');
  const latencies = createLatencies(1 + workers);
  const times = new StageTimes(latencies, systemClock);
  if (mode !== 'off')
    opened.rehearsals = rehearse(config, systemClock, (error) => log.error({ error }, 'rehearsal.failed'));
  const engine = createEngine({
    config,
    endpoints: reached,
    connects: ground.connects,
    calls: ground.calls,
    trading: tradingOptions({
      config,
      times,
      rehearsals: opened.rehearsals,
      identity,
      endpoints: reached,
      ownKeys: opened.simulator?.keys[0],
      ground,
      log,
      trader: () => opened.engine?.trading?.trader,
    }),
    session: { sessionId, environment, mode, version, node: process.version, config: storable(loaded.effective) },
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
  opened.engine = engine;
  if (engine.trading !== undefined) listenToState(ground, engine.trading, times);
  const memory = new MemoryWatch(memoryLimits(config.market.slots, workers, memoryBound()), {
    clock: systemClock,
    log,
    look: memoryTaken,
  });
  opened.memory = memory;
  return { ground, identity, engine, latencies, memory, connection, store, observed };
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
