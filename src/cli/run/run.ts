// `run`: the daemon. Configuration → exchange → database → engine, a status once a second, and a clean end.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../../lib/clock.ts';
import { logCrashes } from '../../ops/crash-log.ts';
import { EXIT, type CliContext } from '../context.ts';
import { safeEnvironment } from '../doctor/machine.ts';
import { endAsked } from '../end-asked.ts';
import { RunRecording } from './recording.ts';
import { closeEach, surviveClosedOutput, exitSoon, Hangups, makeStateDir, openLog } from './process.ts';
import { KillSignal } from '../kill-signal.ts';
import { OperatorSurface } from './operator.ts';
import { ScenarioRun } from './scenario.ts';
import { addRunFlags, checkFlags, type RunFlags } from './flags.ts';
import { watch, type Opened } from './watch.ts';

export function addRunCommand(program: Command, context: CliContext, version: () => string): void {
  addRunFlags(program.command('run'))
    .summary('the engine: watch, detect, trade, store (this is what npm start runs)')
    .description(
      'Watches the most moving symbols, detects densities and signals, and stores them with every criterion. ' +
        'By default it starts a simulated exchange of its own on loopback; --environment names a real one.',
    )
    .addHelpText(
      'after',
      `
Examples:
  npx plotnost run
  npx plotnost run --json --duration 30s
  npx plotnost run --environment mainnet --mode paper --set market.symbols=[BTCUSDT,ETHUSDT]
  npx plotnost run --environment demo --live
  npx plotnost run --seed 7 --duration 2m --score --json
  npx plotnost run --mode paper --record today.jsonl.gz
  npx plotnost run --scenario examples/scenarios/exits/timeout.yaml --json

On a terminal a table shows what is seen; otherwise, or with --json, one JSON object a second goes to stdout. \
Ctrl-C or SIGTERM end it cleanly, SIGHUP reads the configuration again, SIGUSR2 is the kill switch (as \`flatten\`). \
The log goes to logging.file in the state directory.`,
    )
    .action(async (flags: RunFlags) => {
      await run(context, flags, version());
    });
}

/** Whichever part refuses a run names the exit code; what has none is a bug. */
const isRefusal = (error: unknown): error is Error & { readonly exitCode: number } =>
  error instanceof Error && 'exitCode' in error;

async function run(context: CliContext, flags: RunFlags, version: string): Promise<void> {
  const scenario = flags.scenario === undefined ? undefined : new ScenarioRun(flags.scenario);
  const given = { seed: flags.seed, mode: flags.mode };
  const overrides = scenario?.overrides(given) ?? given;
  const loaded = context.loadConfig(overrides);
  const { config, stateDir } = loaded;
  checkFlags(flags, config);
  const { environment } = config.exchange;
  const unsafe = await safeEnvironment(context);
  makeStateDir(stateDir);
  const surface = config.dashboard.enabled ? new OperatorSurface() : undefined;
  const opened: Opened = {};
  const log = openLog(context, loaded, surface?.line, (level, fields, event) =>
    opened.ground?.alerts?.raise(level === 'fatal' ? 'critical' : 'error', event, fields),
  );
  for (const { text, remedy } of unsafe) log.warn({ reason: text, remedy }, 'environment.unsafe');
  // Their timers keep the process alive, so they start only when nothing can refuse the run any more.
  const over = new AbortController();
  const asked = endAsked(flags.duration, over.signal);
  const hangups = new Hangups();
  const killSignal = new KillSignal();
  surviveClosedOutput(log);
  logCrashes(log, process);
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
      surface,
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
    if (!isRefusal(error)) log.fatal({ error }, 'run.failed');
    else if (opened.reason === undefined) {
      // A clean refusal: the next start must not count it as a crash. A service manager makes that start, but not after 78.
      opened.reason = 'refused';
      const { message: reason, exitCode } = error;
      log[exitCode === EXIT.config ? 'error' : 'warn']({ reason, exitCode }, 'run.refused');
    }
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
    await surface?.close();
    hangups.close();
    log.close();
    exitSoon();
  }
}
