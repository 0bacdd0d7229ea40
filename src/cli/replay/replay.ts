// `replay`: recorded frames through the same core. What is in the books at the end, and what was found on the way?
import { Option, type Command } from 'commander';
import { readFiles, sizesOf, type Reading } from '../../backtest/files.ts';
import { scansFirst } from '../../backtest/recorded-scans.ts';
import type { ReplayedBook } from '../../backtest/replayed-book.ts';
import { Replayer, type ReplayerOptions, type ReplayResult } from '../../backtest/replayer.ts';
import { systemClock } from '../../lib/clock.ts';
import { readInstruments } from '../../record/instruments.ts';
import { analyzerThreads } from '../analyzer-threads.ts';
import { collect } from '../arguments.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { createProgress } from '../progress.ts';
import { refuseDamage, refuseUnread, toldFault } from './fault.ts';
import { sweepRecordings } from './sweep.ts';
import { replayText } from './text.ts';
import { tradeRecordings } from './trade.ts';

interface ReplayFlags {
  readonly verify?: boolean;
  readonly dumpBook?: readonly string[];
  readonly instruments?: string;
  readonly analysis: 'inline' | 'pool';
  readonly asRecorded?: boolean;
  readonly trade?: boolean;
  readonly sweep?: readonly string[];
}

export interface ReplayReport extends ReplayResult, Reading {
  readonly books: Readonly<Record<string, ReplayedBook>>;
  /** How long it took. */
  readonly seconds: number;
}

export interface ReplayRequest extends Omit<ReplayerOptions, 'instruments' | 'clock'> {
  readonly files: readonly string[];
  /** Symbols, or `all`. */
  readonly dumpBook: readonly string[];
  readonly instruments: string | undefined;
}

export function addReplayCommand(program: Command, context: CliContext): void {
  program
    .command('replay')
    .summary('the same core over recorded frames')
    .description(
      'Runs recorded frames through the same books, detection and signals as the live market, scanning after every message. ' +
        'Reads what `npx plotnost record` wrote, the published archives (ob500, since August 2025 ob200), recordings of cryptofeed, and files with one raw ' +
        'frame a line, each plain, gzipped or zipped; those of one symbol in the order of their times.',
    )
    .argument('<file...>', 'recordings; the format is recognised by the content')
    .option('--verify', 'rebuild every book a second, plain way after every frame and compare all of it')
    .option('--dump-book <symbol>', 'print the book at the end; may be repeated; all for every book', collect)
    .option(
      '--instruments <file>',
      'answer of GET /v5/market/instruments-info, for recordings without tick and lot (default: derived from the snapshot)',
    )
    .addOption(
      new Option('--analysis <mode>', 'where books are scanned; the result is the same')
        .choices(['inline', 'pool'])
        .default('inline'),
    )
    .option('--as-recorded', 'scan where the engine that recorded did (run --record), not after every message')
    .option(
      '--trade',
      'trade the signals on paper, with the same risk, orders and exits as the daemon, and print the result',
    )
    .option(
      '--sweep <section.key=a,b,c>',
      'trade once for each value; may be repeated, then for every combination',
      collect,
    )
    .addHelpText(
      'after',
      `
Examples:
  npx plotnost replay recording.jsonl.gz
  npx plotnost replay --verify --json --dump-book BTCUSDT recording.jsonl.gz
  npx plotnost replay today.jsonl.gz --as-recorded
  npx plotnost replay 2026-09-25_XRPUSDT_ob200.data.zip 2026-09-26_XRPUSDT_ob200.data.zip
  npx plotnost replay recording.jsonl.gz --set strategy.density_threshold_relative=4
  npx plotnost replay recording.jsonl.gz --trade --set trading.position_size_usd=500
  npx plotnost replay day.jsonl.gz --sweep strategy.max_stop_percent=1,2 --sweep simulator.seed=1,2

One JSON object with --json. eventsSha256 covers every birth, state change, label, candidate and signal: two replays \
of the same frames under the same configuration have the same; with --trade so does tradesSha256.

--trade begins with paper.starting_balance_usd, and draws the latency of each order from simulator.seed (--sweep it to see \
what luck does). What a recording does not tell is said as taken. What is open at the end is closed at the last book, with \
the reason shutdown; it stays open, and is told so, where that book is not whole.

Exit codes: 0 done, 1 a book differed, 64 a file or flag is wrong, 65 a recording is damaged (what could be read is told)`,
    )
    .action((files: string[], flags: ReplayFlags) => {
      if (flags.trade !== true && flags.sweep === undefined) return runReplay(context, files, flags);
      const alone = {
        '--dump-book': flags.dumpBook !== undefined,
        '--analysis pool': flags.analysis === 'pool',
        '--as-recorded': flags.asRecorded === true,
      };
      const odd = Object.entries(alone).find(([, isGiven]) => isGiven)?.[0];
      if (odd !== undefined) throw new CliError(`${odd}: not together with --trade or --sweep`, EXIT.usage);
      if (flags.sweep === undefined) return tradeRecordings(context, files, flags);
      if (flags.verify === true)
        throw new CliError('--verify: not together with --sweep: all variants see the same books', EXIT.usage);
      return sweepRecordings(context, files, flags.sweep, flags);
    });
}

async function runReplay(context: CliContext, files: readonly string[], flags: ReplayFlags): Promise<void> {
  const { config } = context.loadConfig();
  const { workers } = config.analysis;
  const request: ReplayRequest = {
    files,
    params: config.strategy,
    extremaMinutes: Math.round(config.strategy.tpLocalExtremaHours * 60),
    mode: flags.analysis,
    workers: analyzerThreads(workers),
    verify: flags.verify ?? false,
    asRecorded: flags.asRecorded ?? false,
    dumpBook: flags.dumpBook ?? [],
    instruments: flags.instruments,
    onNotice: ({ event, details }) => context.stderr.write(`${event} ${JSON.stringify(details)}\n`),
  };
  const report = await replay(request, context.stderr).catch(toldFault);
  refuseUnread(files, report.damaged);
  if (report.scans?.recorded === 0) {
    throw new CliError(
      '--as-recorded: only a recording of `run --record` holds where its books were scanned',
      EXIT.usage,
    );
  }
  if (context.json) context.printJson(report);
  else context.print(replayText(report));
  const { damaged, untrusted, verify } = report;
  if (untrusted.length > 0) context.stderr.write(`not to be trusted at the end: ${untrusted.join(', ')}\n`);
  refuseDamage(damaged);
  const unknown = request.dumpBook.filter((symbol) => symbol !== 'all' && report.books[symbol] === undefined);
  if (unknown.length > 0) {
    const known = Object.keys(report.instruments).join(', ') || 'none';
    throw new CliError(`--dump-book ${unknown.join(', ')}: no such book here; there are: ${known}`, EXIT.usage);
  }
  if ((verify?.differences ?? 0) > 0) throw new CliError('the books are not what the exchange sent', EXIT.failure);
}

/** Throws a RecordError where a file is missing, before anything is replayed; damage is part of the report. */
async function replay(request: ReplayRequest, out: { write(text: string): unknown }): Promise<ReplayReport> {
  const { files, dumpBook } = request;
  const sizes = await sizesOf(files);
  const instruments = request.instruments === undefined ? undefined : await readInstruments(request.instruments);
  const begun = systemClock.monotonic();
  const progress = createProgress(
    out,
    sizes.reduce((sum, size) => sum + size, 0),
    systemClock,
  );
  const replayer = new Replayer({ ...request, instruments, clock: systemClock });
  const reading = await readFiles(
    files,
    replayer,
    (bytes) => progress.show(bytes, `${replayer.frames} frames`),
    request.asRecorded === true ? scansFirst : undefined,
  ).catch(async (error: unknown) => {
    // Its threads would keep the process.
    await replayer.end();
    throw error;
  });
  const books: Record<string, ReplayedBook> = {};
  for (const symbol of dumpBook.includes('all') ? replayer.symbols : dumpBook) {
    const book = replayer.book(symbol);
    if (book !== undefined) books[symbol] = book;
  }
  const result = await replayer.end();
  progress.end();
  const seconds = Math.round(systemClock.monotonic() - begun) / 1_000;
  return { ...result, books, seconds, ...reading };
}
