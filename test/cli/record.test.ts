// Is what `record` wrote the market that the exchange had?
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/server.ts';
import { readAll, textsOf, useDirectory } from '../record/recorded.ts';
import type { BookMessage } from '../simulator/plain-book.ts';
import { MAIN, NODE } from '../program.ts';
import { replayed, runCli } from './replay/replay-room.ts';

const SYMBOLS = 8;
const POLL = { interval: 250 };

const directory = useDirectory();
const log = { info: () => {}, debug: () => {}, warn: () => {}, error: () => {} };
let simulator: Simulator | undefined;
let child: ChildProcess | undefined;

afterEach(async () => {
  if (child?.exitCode === null) child.kill('SIGKILL');
  await simulator?.close();
  simulator = undefined;
});

interface Recording {
  readonly file: string;
  readonly child: ChildProcess;
  /** Exit code and what was said. */
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

/** `blocksMax`: the file may not grow beyond so many blocks of 512 bytes, as on a full disk. */
function record(flags: readonly string[], blocksMax: number | 'unlimited' = 'unlimited'): Recording {
  const file = directory.path('recorded.jsonl.gz');
  const args = [
    'record',
    '--json',
    '--environment',
    'simulator',
    '--out',
    file,
    '--set',
    'websocket.orderbook_depth=50',
  ];
  const command = [NODE, MAIN, ...args, ...flags];
  const started = spawn('/bin/sh', ['-c', `ulimit -f ${blocksMax}; exec "$@"`, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let out = '';
  let err = '';
  started.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  started.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    started.once('close', (code) => resolve({ code, out, err }));
  });
  return { file, child: started, ended };
}

const at = ({ restUrl, publicUrl }: Pick<Simulator, 'restUrl' | 'publicUrl'>): string[] => [
  '--set',
  `exchange.endpoints.rest=${restUrl}`,
  '--set',
  `exchange.endpoints.public=${publicUrl}`,
];

/** The last `u` that a recording, finished or not, holds of each book. */
async function recordedIds(file: string): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  if (!existsSync(file)) return ids;
  for (const text of textsOf((await readAll(file)).entries)) {
    const { topic, data } = JSON.parse(text) as BookMessage;
    if (topic?.startsWith('orderbook.50.')) ids.set(data.s, data.u);
  }
  return ids;
}

test('a recording of the simulated exchange, ended by Ctrl-C, replays to the books that the exchange has', async () => {
  simulator = await startSimulator({ seed: 5, symbols: SYMBOLS }, systemClock, log);
  const { market } = simulator;
  const recording = record(at(simulator));
  await expect.poll(async () => (await recordedIds(recording.file)).size, POLL).toBe(SYMBOLS);
  market.pause();
  const pausedMs = market.nowMs;
  // What was decided before the pause is published at the books' next turn.
  await expect.poll(() => market.nowMs - pausedMs, POLL).toBeGreaterThan(500);
  const symbols = market.contracts.map(({ listing }) => listing.symbol);
  const books = Object.fromEntries(
    symbols.map((symbol) => {
      const { b: bids, a: asks, u } = market.contract(symbol)?.view(50)?.state() ?? { b: [], a: [], u: 0 };
      return [symbol, { bids, asks, u }];
    }),
  );
  const ids = new Map(Object.entries(books).map(([symbol, { u }]) => [symbol, u]));
  await expect.poll(() => recordedIds(recording.file), POLL).toEqual(ids);
  recording.child.kill('SIGINT');
  const { code, out, err } = await recording.ended;
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const told = JSON.parse(out) as { frames: number; symbols: string[] };
  expect(told).toMatchObject({ file: recording.file, dropped: 0, resyncs: 0 });
  expect(told.symbols.toSorted()).toEqual(symbols.toSorted());

  const report = await replayed(recording.file, '--verify', '--dump-book', 'all');
  expect(report).toMatchObject({
    frames: told.frames,
    snapshots: SYMBOLS,
    gaps: 0,
    resyncs: 0,
    fallbacks: 0,
    verify: { differences: 0 },
    damaged: [],
    untrusted: [],
  });
  expect(report.books).toEqual(books);
  expect(Object.values(report.instruments).map(({ source }) => source)).toEqual(Array(SYMBOLS).fill('recording'));
  expect((await replayed(recording.file, '--analysis', 'pool')).eventsSha256).toBe(report.eventsSha256);
});

test('a lost delta and a cut connection stand in the recording as they were, and end mended', async () => {
  simulator = await startSimulator({ seed: 6, symbols: 2 }, systemClock, log);
  const [symbol = ''] = simulator.market.contracts.map(({ listing }) => listing.symbol);
  const fault = async (body: object): Promise<void> => {
    const answer = await fetch(`${simulator?.controlUrl}/fault`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
  };
  const recording = record([...at(simulator), '--set', 'websocket.reconnect_delay_initial=1']);
  const snapshots = async (): Promise<number> => {
    if (!existsSync(recording.file)) return 0;
    const texts = textsOf((await readAll(recording.file)).entries);
    return texts.filter((text) => text.startsWith('{"topic":"orderbook.50.') && text.includes('"snapshot"')).length;
  };
  await expect.poll(snapshots, POLL).toBe(2);
  await fault({ kind: 'drop-delta', symbol });
  await expect.poll(snapshots, POLL).toBe(3);
  await fault({ kind: 'cut' });
  await expect.poll(snapshots, POLL).toBe(5);
  recording.child.kill('SIGTERM');
  expect((await recording.ended).code).toBe(0);
  const report = await replayed(recording.file, '--verify');
  expect(report).toMatchObject({ gaps: 1, resyncs: 3, snapshots: 5, verify: { differences: 0 }, untrusted: [] });
});

test('it starts an exchange of its own, ends by itself, and never writes over a file', async () => {
  const recording = record(['--duration', '8s', '--seed', '3', '--set', 'simulator.symbols=5']);
  expect((await recording.ended).code).toBe(0);
  expect(await replayed(recording.file)).toMatchObject({ gaps: 0, damaged: [] });
  const again = await runCli(['record', '--out', recording.file]);
  expect(again).toMatchObject({ code: 64, err: expect.stringContaining('is not written over') as string });
});

test('S12: it records nothing in an environment that prints requests with their keys, and says what to unset', async () => {
  const file = directory.path('recorded.jsonl.gz');
  const nowhere = at({ restUrl: 'http://127.0.0.1:1', publicUrl: 'ws://127.0.0.1:1' });
  const args = ['record', '--out', file, '--duration', '0.01s', ...nowhere];
  const ran = await runCli(args, false, { BYBITTRACE: '1' });
  expect(ran).toEqual({ code: 78, out: '', err: 'BYBITTRACE prints requests with their keys: unset it\n' });
  expect(existsSync(file)).toBe(false);
});

test('a full disk ends it with the reason; the exchange that it started ends too, and what was written is read', async () => {
  const recording = record(['--duration', '1h'], 40);
  // Closed, and not only ended: the exchange would hold the same stderr open.
  expect(await recording.ended).toMatchObject({
    code: 1,
    err: `${recording.file}: cannot be written (EFBIG): make room or name another file with --out\n`,
  });
  const { code, out } = await runCli(['replay', '--json', '--verify', recording.file]);
  expect(code).toBe(65);
  expect(JSON.parse(out)).toMatchObject({ verify: { differences: 0 }, damaged: [{ byte: 40 * 512 }] });
});
