// `record`: the raw frames of the live market, as they come, into a file that `replay` reads.
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { createBooks } from '../book/layout.ts';
import { endpointsOf } from '../bybit/endpoints.ts';
import { createFeed, type Feed } from '../bybit/feed/feed.ts';
import { Ingest } from '../bybit/frames/ingest.ts';
import { candlesOf } from '../engine/candles.ts';
import { feedConfig } from '../engine/feed-config.ts';
import type { Ms } from '../lib/brand.ts';
import { systemClock } from '../lib/clock.ts';
import { createRng } from '../lib/rng.ts';
import { createLog, type Log } from '../ops/log.ts';
import { createRecorder, type Recorder } from '../record/recorder.ts';
import { createTape } from '../tape/layout.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from './context.ts';
import { endAsked, SIGNALS } from './end-asked.ts';
import { safeEnvironment } from './doctor/machine.ts';
import { duration } from './arguments.ts';
import { createProgress } from './progress.ts';
import { startsSimulator } from './run/flags.ts';
import { neverBlock } from './run/process.ts';
import { asCliError, timeForName } from './run/recording.ts';
import { startSimulatorChild, type SimulatorChild } from './simulator-child.ts';

interface RecordFlags {
  readonly out?: string;
  readonly duration?: Ms;
  readonly seed?: string;
}

const SECOND = 1_000 as Ms;

export function addRecordCommand(program: Command, context: CliContext, version: () => string): void {
  program
    .command('record')
    .summary('write the raw frames of the live market to a file')
    .description(
      'Watches the same symbols as `run`, with the same care for gaps and silence, and writes every frame as it came, with its ' +
        'time and connection, into one gzip file. A kill costs at most the last second.',
    )
    .option('--out <file>', 'a new file (default: recording-TIME.jsonl.gz here)')
    .option('--duration <time>', 'end by itself after 30s, 2m, 1h', duration)
    .option('--seed <n>', 'of the simulated market (simulator.seed)')
    .addHelpText(
      'after',
      `
Examples:
  npx plotnost record --environment mainnet --duration 10m
  npx plotnost record --environment mainnet --set market.symbols=[BTCUSDT] --out one.jsonl.gz
  npx plotnost replay one.jsonl.gz --verify

Ctrl-C or SIGTERM end it cleanly. Warnings go to stderr.`,
    )
    .action((flags: RecordFlags) => record(context, flags, version()));
}

async function record(context: CliContext, flags: RecordFlags, version: string): Promise<void> {
  const loaded = context.loadConfig({ seed: flags.seed });
  await safeEnvironment(context);
  const { environment } = loaded.config.exchange;
  const log = createLog(
    { ...loaded.config.logging, file: null, level: 'warn' },
    { stderr: context.stderr, clock: systemClock, directory: loaded.stateDir },
  );
  neverBlock(process.stderr, (writes) => log.warn({ writes }, 'stderr.skipped'));
  const path = flags.out ?? `recording-${timeForName()}.jsonl.gz`;
  const options = { environment, program: version, clock: systemClock, log, flag: '--out' };
  const recorder = await createRecorder(path, options).catch(asCliError(EXIT.usage));
  const over = new AbortController();
  // SIGHUP ends it: there is no configuration to reload, and a closed terminal sends it.
  const asked = endAsked(flags.duration, over.signal, [...SIGNALS, 'SIGHUP']);
  try {
    await watch(context, loaded, flags, { recorder, asked, log }).catch(asCliError(EXIT.failure));
  } finally {
    over.abort();
    log.close();
  }
}

interface Watch {
  readonly recorder: Recorder;
  readonly asked: Promise<string>;
  readonly log: Log;
}

async function watch(
  context: CliContext,
  { config }: LoadedConfig,
  flags: RecordFlags,
  { recorder, asked, log }: Watch,
): Promise<void> {
  const { environment, endpoints } = config.exchange;
  const begun = systemClock.monotonic();
  const progress = createProgress(context.stderr, flags.duration, systemClock);
  const symbols = new Set<string>();
  let simulator: SimulatorChild | undefined;
  let feed: Feed | undefined;
  let reason: string;
  let waitsFor: string | undefined;
  try {
    if (startsSimulator(config)) {
      simulator = await startSimulatorChild(config.simulator);
    }
    // It keeps books of its own, because only they show a gap, so that a resync is requested.
    const { slots } = config.market;
    const ingest = new Ingest(createBooks(slots), createTape(slots));
    feed = createFeed(
      {
        endpoints: endpointsOf(environment, simulator ?? endpoints),
        ingest,
        clock: systemClock,
        rng: createRng(process.pid),
        log,
        config: feedConfig(config),
      },
      {
        onEvent: () => undefined,
        onAttached: (_slot, { instrument }) => {
          symbols.add(instrument.symbol);
          recorder.instrument(instrument);
        },
        onDetached: () => undefined,
        onKlines: (_slot, symbol, klines) => recorder.candles(symbol, candlesOf(klines)),
        onSelection: () => undefined,
        held: () => new Set(),
        onFrame: (bytes, connection, received) => {
          recorder.frame(bytes, connection, received);
          progress.show(received - begun, `${recorder.frames} frames of ${symbols.size} symbols`);
        },
      },
    );
    const failed = feed.start().then(() => new Promise<never>(() => undefined));
    const full = recorder.written.then((error) => `${error?.message}`);
    const died = simulator?.died.then((code) => `the simulated exchange died (exit code ${code})`);
    reason = await Promise.race([asked, failed, full, ...(died === undefined ? [] : [died])]);
  } finally {
    waitsFor = feed?.status().waitsFor;
    feed?.stop();
    progress.end();
    try {
      await recorder.close();
    } finally {
      await simulator?.close();
    }
  }
  tell(context, recorder, feed, symbols, (systemClock.monotonic() - begun) / SECOND);
  if (reason.startsWith('the simulated')) throw new CliError(reason, EXIT.unavailable);
  if (recorder.frames === 0) {
    const why = waitsFor === undefined ? '' : ` (${waitsFor})`;
    throw new CliError(`no frame came${why}: no file was kept`, EXIT.unavailable);
  }
}

function tell(
  context: CliContext,
  { path, frames, dropped }: Recorder,
  feed: Feed,
  symbols: ReadonlySet<string>,
  elapsed: number,
): void {
  const { resyncs } = feed.status();
  const bytes = frames === 0 ? 0 : statSync(path).size;
  const seconds = Math.round(elapsed * 10) / 10;
  if (context.json) {
    context.printJson({ file: path, frames, dropped, symbols: [...symbols], resyncs, bytes, seconds });
    return;
  }
  if (frames === 0) return;
  const lost = dropped === 0 ? '' : `, ${dropped} lost because the disk was too slow`;
  context.print(`${path}: ${frames} frames of ${symbols.size} symbols in ${seconds} s, ${bytes} bytes${lost}`);
  context.print(`read it with: npx plotnost replay ${path} --verify`);
}
