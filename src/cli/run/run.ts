// `run`: the daemon. Configuration → exchange → database → engine, a status once a second, and a clean end.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { endpointsOf } from '../../bybit/endpoints.ts';
import type { Overrides } from '../../config/override.ts';
import { createEngine, type Engine } from '../../engine.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Timer } from '../../lib/clock.ts';
import { createRng } from '../../lib/rng.ts';
import { createLatencies } from '../../operator/metrics/latency.ts';
import type { Control } from '../../ops/control.ts';
import { logCrashes } from '../../ops/crash-log.ts';
import type { Log } from '../../ops/log.ts';
import { memoryBound, memoryLimits, memoryTaken, MemoryWatch } from '../../ops/memory-watch.ts';
import type { ScenarioResult } from '../../simulator/scenario/play.ts';
import { openStore, type Store } from '../../store/write/client.ts';
import { StoreError } from '../../store/error.ts';
import { startEmbedded, type Embedded } from '../../store/server/launcher.ts';
import { storeSettings } from '../../store/settings.ts';
import { analyzerThreads } from '../analyzer-threads.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from '../context.ts';
import { externalConnection } from '../database.ts';
import { ObservedLives } from '../score/observed-lives.ts';
import { environmentChecks } from '../doctor/machine.ts';
import { endAsked } from '../end-asked.ts';
import { createDisplay, runStatus } from './status.ts';
import { openRunControl } from './control.ts';
import { RunRecording } from './recording.ts';
import { begin, doubt, letGo, readBack, scoreOf } from './ends.ts';
import {
  checkWritable,
  closeEach,
  goOnUnheard,
  leaveUnheard,
  Hangups,
  makeStateDir,
  openLog,
  reloadOnHangup,
} from './process.ts';
import { viewOfTrading } from './views.ts';
import { KillSignal } from '../kill-signal.ts';
import { Onlookers } from './operator.ts';
import { identityOf, listenToState, openGround, tradingOptions, type Ground } from './trading.ts';
import { ScenarioRun } from './scenario.ts';
import { verdictText } from '../scenario.ts';
import { startSimulatorChild, type SimulatorChild } from '../simulator-child.ts';
import { StageTimes } from '../../stage-times.ts';
import { rehearse, type Rehearsals } from '../../rehearsal.ts';

interface RunFlags {
  readonly seed?: string;
  readonly mode?: string;
  readonly live?: boolean;
  readonly duration?: Ms;
  readonly score?: boolean;
  readonly scenario?: string;
  readonly ledger?: string;
  readonly record?: string;
}

const SECOND = 1_000 as Ms;
const DURATION_MS_MAX = 500 * 3_600_000;
const FULL = 'memory';
const DIED = 'the simulated exchange died';
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `2m`, `1h`; a bare number is seconds. */
export function duration(text: string): Ms {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text);
  const ms = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? 's'] as number);
  if (ms > 0 && ms <= DURATION_MS_MAX) return ms as Ms;
  throw new InvalidArgumentError('Give a time like 30s, 2m or 1h, 500h at most.');
}

export function addRunCommand(program: Command, context: CliContext, version: () => string): void {
  program
    .command('run')
    .summary('the engine: watch, detect, tell, store (this is what npm start runs)')
    .description(
      'Watches the most moving symbols, detects densities and signals, and stores them with every criterion. ' +
        'Without further ado it starts an exchange of its own on loopback; --environment names a real one.',
    )
    .option('--seed <n>', 'of the simulated market (simulator.seed)')
    .option('--mode <mode>', 'off, paper or live (trading.mode)')
    .option('--live', 'outside the simulator: yes, with real orders')
    .option('--duration <time>', 'end by itself after 30s, 2m, 1h', duration)
    .option('--score', 'simulator only: compare with the walls that were really planted, at the end')
    .option(
      '--scenario <file>',
      'simulator only: live through this and end; exit code 1 when it does not end as it says',
    )
    .option(
      '--ledger <file>',
      'simulator only: what really happened there, order by order and fill by fill, as JSON lines',
    )
    .option(
      '--record <file>',
      'every frame that it hears, as it came, into a new file that `replay` reads (FILE.TIME where that is there)',
    )
    .addHelpText(
      'after',
      `
Examples:
  plotnost run
  plotnost run --json --duration 30s
  plotnost run --environment mainnet --mode paper --set market.symbols=[BTCUSDT,ETHUSDT]
  plotnost run --environment demo --live
  plotnost run --seed 7 --duration 2m --score --json
  plotnost run --mode paper --record today.jsonl.gz
  plotnost run --scenario examples/scenarios/exits/timeout.yaml --json

On a terminal a table shows what is seen; otherwise, or with --json, one JSON object a second goes to stdout. \
Ctrl-C or SIGTERM end it cleanly, SIGHUP reads the configuration again, SIGUSR2 is the kill switch (as \`flatten\`). \
The log goes to logging.file in the state directory.`,
    )
    .action(async (flags: RunFlags) => {
      await run(context, flags, version());
    });
}

/** What was opened so far, to be closed whatever happens. */
interface Opened {
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

async function run(context: CliContext, flags: RunFlags, version: string): Promise<void> {
  const scenario = flags.scenario === undefined ? undefined : new ScenarioRun(flags.scenario);
  const given = { seed: flags.seed, mode: flags.mode };
  const overrides = scenario?.overrides(given) ?? given;
  const loaded = context.loadConfig(overrides);
  const { config, stateDir } = loaded;
  const isOurs = config.exchange.environment === 'simulator' && config.exchange.endpoints.rest === undefined;
  if (flags.score === true && !isOurs) {
    throw new CliError(
      '--score: only the simulated market that run itself starts tells what it really planted',
      EXIT.usage,
    );
  }
  if (flags.ledger !== undefined && !isOurs) {
    throw new CliError(
      '--ledger: only the simulated exchange that run itself starts tells what happened there',
      EXIT.usage,
    );
  }
  if (flags.ledger !== undefined) checkWritable('--ledger', flags.ledger);
  if (scenario !== undefined && !isOurs) {
    throw new CliError(
      '--scenario: only the simulated market that run itself starts can be told what to do',
      EXIT.usage,
    );
  }
  const { environment } = config.exchange;
  if (config.trading.mode === 'live' && environment !== 'simulator' && flags.live !== true) {
    throw new CliError(
      `trading.mode: live on ${environment} sends real orders: say so with --live, or take --mode paper or --mode off`,
      EXIT.config,
    );
  }
  const surroundings = await environmentChecks(context);
  const leak = surroundings.find(({ verdict }) => verdict === 'fail');
  if (leak !== undefined) throw new CliError(`${leak.text}: ${leak.remedy}`, EXIT.config);
  makeStateDir(stateDir);
  const onlookers = config.dashboard.enabled ? new Onlookers() : undefined;
  const opened: Opened = {};
  const log = openLog(context, loaded, onlookers?.line, (level, fields, event) =>
    opened.ground?.alerts?.raise(level === 'fatal' ? 'critical' : 'error', event, fields),
  );
  for (const { verdict, text, remedy } of surroundings)
    if (verdict === 'warn') log.warn({ reason: text, remedy }, 'environment.unsafe');
  // Their timers keep the process: only once nothing can refuse the run before it is watched.
  const over = new AbortController();
  const asked = endAsked(flags.duration, over.signal);
  const hangups = new Hangups();
  const killSignal = new KillSignal();
  goOnUnheard(log);
  const hearNoMore = logCrashes(log, process);
  const sessionId = randomUUID();
  const startedMs = systemClock.wall();
  const truthFile = flags.score === true ? path.join(stateDir, `truth-${sessionId}.jsonl`) : undefined;
  log.info({ sessionId, version, environment: config.exchange.environment, digest: loaded.digest }, 'run.started');
  try {
    if (flags.record !== undefined)
      opened.recording = await RunRecording.begin(flags.record, environment, version, log);
    await watch(context, loaded, {
      sessionId,
      startedMs,
      onlookers,
      version,
      truthFile,
      ledgerFile: flags.ledger,
      killSignal,
      hangups,
      scenario,
      log,
      asked,
      over: over.signal,
      opened,
      overrides,
    });
  } catch (error) {
    // Told and clean: the next start need not take it for a crash.
    if (error instanceof CliError || error instanceof StoreError) opened.reason ??= 'refused';
    else log.fatal({ error }, 'run.failed');
    throw error;
  } finally {
    over.abort();
    opened.shown?.cancel();
    opened.rehearsals?.cancel();
    opened.memory?.close();
    const { control, engine, recording, store, simulator, embedded, ground, reason } = opened;
    await closeEach(
      [
        () => control?.close(),
        () => engine?.stop(),
        () => recording?.end(),
        () => store?.close(),
        () => simulator?.close(),
        () => embedded?.stop(),
        () => ground?.close(reason),
      ],
      log,
    );
    if (truthFile !== undefined) rmSync(truthFile, { force: true });
    log.info({ sessionId }, 'run.ended');
    await onlookers?.close();
    hearNoMore();
    hangups.close();
    log.close();
    leaveUnheard();
  }
}

interface Watch {
  readonly sessionId: string;
  readonly startedMs: Ms;
  /** Undefined: nobody may look. */
  readonly onlookers: Onlookers | undefined;
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

async function watch(context: CliContext, loaded: LoadedConfig, run: Watch): Promise<void> {
  const { config, stateDir } = loaded;
  const { sessionId, startedMs, onlookers, version, truthFile, scenario, log, asked, opened } = run;
  const { environment, endpoints } = config.exchange;
  const begun = performance.now();
  const isOurs = environment === 'simulator' && endpoints.rest === undefined;
  const identity = identityOf(config, context.env, isOurs);
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
  // Both are waited for also when one fails: what was opened is known then, and is closed.
  const [exchange, database] = await Promise.allSettled([
    isOurs ? startSimulatorChild({ ...config.simulator, truth: truthFile, ledger: run.ledgerFile }) : undefined,
    config.database.mode === 'embedded' ? startEmbedded({ stateDir, mayBeLate: true }, log) : undefined,
  ]);
  if (exchange.status === 'fulfilled') opened.simulator = exchange.value;
  if (database.status === 'fulfilled') opened.embedded = database.value;
  const failure = [exchange, database].find((one) => one.status === 'rejected');
  if (failure !== undefined) {
    // Ctrl-C ends a child that is just being made too, for it is of our group until it has one of its own: nothing failed.
    const ending = await Promise.race([asked, Promise.resolve(undefined)]);
    if (ending === undefined) throw failure.reason;
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
    ...(onlookers === undefined ? {} : { onHappening: onlookers.tell }),
    store: scenario?.overhear(store) ?? store,
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
  onlookers?.open({
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
      doubt(running, log);
    },
  );
  const failed = begin(running, log).then(() => new Promise<never>(() => undefined));
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
  onlookers?.ending();
  observe();
  const { waitsFor, books, standing } = status(); // as it was while the exchange was still listened to
  if (reason !== DIED) await letGo(running, config, log);
  await running.stop();
  opened.engine = undefined;
  const recorded = await opened.recording?.end();
  opened.recording = undefined;
  await store?.close();
  opened.store = undefined;
  const rows = connection === undefined ? 0 : await readBack(connection, sessionId, log);
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
    throw new CliError(
      'memory is used up: it has ended in good order, and begins anew where a supervisor starts it',
      EXIT.later,
    );
  }
  if (verdict?.passed === false) throw new CliError(verdictText(verdict), EXIT.failure);
}
