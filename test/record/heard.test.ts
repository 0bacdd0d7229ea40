// Does what an engine heard while it traded, replayed, tell once more all that its analysis told?
import { expect, test } from 'vitest';
import { Replayer } from '../../src/backtest/replayer.ts';
import { scansFirst } from '../../src/backtest/recorded-scans.ts';
import { CHANGE_LOST, createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Config } from '../../src/config/schema.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import type { Entry } from '../../src/record/entry.ts';
import { createRecorder } from '../../src/record/recorder.ts';
import { readRecording } from '../../src/record/recording.ts';
import { eventText, type AnalysisEvent } from '../../src/scan/event.ts';
import { createLives, PARAMS_AT } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import { createTape } from '../../src/tape/layout.ts';
import { defaultStrategy } from '../cli/replay/replay-room.ts';
import { VirtualEngine } from '../safety/virtual-engine.ts';
import { bookFrame, useDirectory, type TestLevel } from './recorded.ts';

const directory = useDirectory();

/** What is of this process alone: slots and their tenancies, and the local clock. */
const textOf = (event: AnalysisEvent, symbol: string): string =>
  `${symbol} ${eventText({ ...event, slot: 0, tenancy: 0, epoch: 0, receivedMs: 0 })}`;

/** What the replay of `entries` tells. */
async function again(entries: readonly Entry[], strategy: Config['strategy'], asRecorded: boolean): Promise<string[]> {
  const told: string[] = [];
  const symbols: string[] = [];
  const replayer = new Replayer({
    params: strategy,
    extremaMinutes: strategy.tpLocalExtremaHours * 60,
    mode: 'inline',
    workers: 1,
    clock: systemClock,
    verify: false,
    asRecorded,
    onNotice: ({ event }) => expect.unreachable(event),
    stage: {
      attached: (slot, { symbol }) => (symbols[slot] = symbol),
      detached: () => undefined,
      moved: () => undefined,
      onEvent: (event) => told.push(textOf(event, symbols[event.slot] as string)),
    },
  });
  for (const entry of entries) await replayer.take(entry);
  return told.toSorted();
}

test('in line, every density, candidate and signal comes again from the frames alone', async () => {
  const entries: Entry[] = [];
  const scans: Entry[] = [];
  const told: string[] = [];
  const life = new VirtualEngine({
    seed: 4,
    symbols: 4,
    settings: [],
    onEvent: (event, { symbol }) => told.push(textOf(event, symbol)),
    recorder: {
      instrument: (instrument) => entries.push({ kind: 'instrument', instrument }),
      candles: (symbol, candles) => entries.push({ kind: 'candles', symbol, candles }),
      frame: (bytes, connection, received) =>
        entries.push({ kind: 'frame', bytes: Buffer.from(bytes), connection: `${connection}`, received, ours: true }),
      scanned: (symbol, sequence) => scans.push({ kind: 'scans', symbol, sequences: [sequence], anew: [] }),
    },
  });
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.run(120_000);
  const { strategy } = life.config;
  told.sort();
  expect(told.filter((text) => text.includes(' signal ')).length).toBeGreaterThan(0);
  expect(await again(entries, strategy, false)).toEqual(told);
  // In line there is a scan for every message.
  expect(await again([...scans, ...entries], strategy, true)).toEqual(told);
  const fewer = scans.filter((_, i) => i % 2 === 0);
  expect(await again([...fewer, ...entries], strategy, true)).not.toEqual(told);
});

test('where an engine lost what it knew of a book and began anew, its replay does', async () => {
  const file = directory.path('anew.gz');
  const log = { error: (_fields: object, event: string) => expect.unreachable(event) };
  const options = { environment: 'simulator', program: 'test', clock: systemClock, log, flag: '--record' };
  const recorder = await createRecorder(file, options);
  const slot = 0 as Slot;
  const sol = createInstrument('SOLUSDT', '0.01', '1') as Instrument;
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const ingest = new Ingest(memory.books, memory.tape);
  const told: string[] = [];
  const analysis = new InlineAnalysis(
    memory,
    (event) => told.push(textOf(event, sol.symbol)),
    undefined,
    (_slot, _tenancy, sequence, restarts) => recorder.scanned(sol.symbol, sequence, restarts),
  );
  recorder.instrument(sol);
  ingest.attach(slot, sol, 50);
  ingest.bind(slot, 1);
  const strategy = { ...defaultStrategy(), densityMinLifetimeMs: 0 };
  writeParams(memory.lives.numbers, PARAMS_AT, strategy, sol);
  const side = (touch: number, step: number): TestLevel[] =>
    Array.from({ length: 50 }, (_, i) => [((touch + i * step) / 100).toFixed(2), i === 10 ? '90000' : '10']);
  const hear = (frame: Buffer, at: number): void => {
    recorder.frame(frame, 1, at as Ms);
    ingest.frame(frame, 1, at as Ms);
  };
  const buy = (T: number, v: string, p: string): Buffer => {
    const row = { T, s: sol.symbol, S: 'Buy', v, p, L: 'PlusTick', i: 'x', BT: false };
    return Buffer.from(JSON.stringify({ topic: 'publicTrade.SOLUSDT', type: 'snapshot', ts: T, data: [row] }));
  };
  for (let u = 1; u <= 9; u++) {
    // Whoever comes too late for the change ring finds it so.
    if (u === 5) memory.books.words[CHANGE_LOST] = 1;
    const frame = Buffer.from(
      u === 1
        ? bookFrame('snapshot', u, side(9_999, -1), side(10_001, 1))
        : bookFrame('delta', u, [['99.99', `${u}`]], u === 7 ? [['100.11', '70000']] : []),
    );
    // Later than the book that is seen without it, so the engine waits for the next message; and behind that one the wall is eaten.
    if (u === 5) hear(buy(1_733_011_200_700, '1', '100.01'), u);
    if (u === 6) hear(buy(1_733_011_200_650, '20000', '100.11'), u);
    hear(frame, u);
    analysis.scan(slot);
  }
  await recorder.close();
  const entries: Entry[] = [];
  for await (const entry of scansFirst(readRecording(file))) entries.push(entry);
  expect(told.filter((text) => text.includes(' unknown '))).toHaveLength(2);
  expect(told.filter((text) => text.includes(' eroding ')).length).toBeGreaterThan(0);
  expect(await again(entries, strategy, true)).toEqual(told.toSorted());
});
