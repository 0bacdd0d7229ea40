// Analyzer threads that die or hang: do others take over, and does nothing wrong come of it?
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import type { Slot } from '../../src/market/units.ts';
import { FAULT_EXIT, FAULT_EXIT_TELLING, FAULT_HANG, FAULT_KIND, FAULT_SLOT } from '../../src/pool/control.ts';
import { PoolAnalysis } from '../../src/pool/pool.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import type { StandingDensity } from '../../src/engine/standing.ts';
import { openRoom, type Room, until } from './room.ts';

const WORKERS = 2;

let room: Room;

beforeAll(async () => {
  // Nearly anything is a density here, so that every book always has lives and something to tell.
  room = await openRoom({
    // A busy machine stops a thread for a quarter of a second: only those that are struck are to be replaced here.
    hungMs: 1_500 as Ms,
    settings: [
      'analysis.mode=pool',
      `analysis.workers=${WORKERS}`,
      'strategy.density_threshold_abs=2000',
      'strategy.density_threshold_relative=1.5',
      'strategy.density_threshold_percent=1',
      'strategy.density_min_lifetime_ms=300',
    ],
  });
});
afterAll(() => room.close());

const slotOf = (symbol: string): number =>
  room.engine.feed.status().symbols.find((row) => row.symbol === symbol)?.slot ?? -1;

function wordsOf(symbol: string): Int32Array {
  const { analysis } = room.engine;
  if (!(analysis instanceof PoolAnalysis)) throw new Error('this room has a pool');
  return analysis.controlOf(slotOf(symbol) as Parameters<PoolAnalysis['controlOf']>[0]).words;
}

function strike(symbol: string, kind: number): void {
  const words = wordsOf(symbol);
  words[FAULT_KIND] = kind;
  words[FAULT_SLOT] = slotOf(symbol) + 1;
}

const mend = (symbol: string): number => (wordsOf(symbol)[FAULT_SLOT] = 0);

/** The fault is over at the first takeover, before the next thread begins; answers how much was told by then. */
async function strikeOnce(symbol: string, kind: number): Promise<number> {
  const before = takeovers();
  let count = 0;
  room.ledger.onHappened = ({ eventType }) => {
    if (eventType !== 'analysis.takeover') return;
    mend(symbol);
    count = room.ledger.told.length;
  };
  strike(symbol, kind);
  await until('a takeover', () => takeovers() > before);
  return count;
}

const takeovers = (): number => room.engine.status().analysis.takeovers;

/** Symbols about which nothing has been told since `from`. */
const silentSince = (from: number, symbols = room.symbols): string[] => {
  const heard = new Set(room.ledger.told.slice(from).map(({ slot }) => slot));
  return symbols.filter((symbol) => !heard.has(slotOf(symbol)));
};

/** Lives of a symbol that were born and have no label, among the first `count` events. */
function living(symbol: string, count: number): Set<number> {
  const lives = new Set<number>();
  for (const { kind, slot, life } of room.ledger.told.slice(0, count)) {
    if (slot !== slotOf(symbol)) continue;
    if (kind === 'birth') lives.add(life);
    if (kind === 'label') lives.delete(life);
  }
  return lives;
}

const labels = (from: number, symbol: string): AnalysisEvent[] =>
  room.ledger.told.slice(from).filter(({ kind, slot }) => kind === 'label' && slot === slotOf(symbol));

test('what stands is every confirmed life of which something was told and no end', async () => {
  const { told } = room.ledger;
  const standing = (): StandingDensity[] => [...room.engine.standing()];
  await until('lives that go on', () => standing().length > 5 && told.length > 500);
  const living = new Map<string, object>();
  for (const { kind, slot, life, side, confirmedMs } of told) {
    const key = `${slot} ${life}`;
    if (kind === 'label') living.delete(key);
    else if (kind !== 'candidate' && kind !== 'signal' && confirmedMs !== 0)
      living.set(key, { slot, life, side, instrument: room.engine.instrument(slot as Slot) });
  }
  const shown = standing().map(({ slot, life, side, instrument }) => ({ slot, life, side, instrument }));
  expect(new Map(shown.map((density) => [`${density.slot} ${density.life}`, density]))).toEqual(living);
});

test.each([
  ['dies while it tells', FAULT_EXIT_TELLING],
  ['dies before it reads the book', FAULT_EXIT],
  ['hangs', FAULT_HANG],
])('a thread that %s is replaced once, and all its books go on', async (_, kind) => {
  const symbol = nextSymbol();
  await until('some lives', () => living(symbol, room.ledger.told.length).size > 0);
  const before = takeovers();
  const events = room.ledger.happened('analysis.takeover').length;
  const from = await strikeOnce(symbol, kind);
  const stood = living(symbol, from);
  await until('news of every book', () => silentSince(from).length === 0);
  expect(takeovers()).toBe(before + 1);
  expect(room.ledger.happened('analysis.takeover', symbol)).toHaveLength(1);
  expect(room.ledger.happened('analysis.takeover')).toHaveLength(events + 1);
  expect(room.engine.status().analysis.excluded).toEqual([]);
  const ended = labels(from, symbol).filter(({ life }) => stood.has(life));
  const unknown = new Set(ended.filter(({ label }) => label === 'unknown').map(({ life }) => life));
  // What it was about to write of its lives may be half written; what it had not touched is as good as before.
  expect(unknown).toEqual(kind === FAULT_EXIT_TELLING ? stood : new Set());
  await room.agrees();
});

test('one after another dies in the middle of a scan, and each life is still born once and ends once', async () => {
  for (let death = 0; death < 7; death++) await strikeOnce(nextSymbol(), FAULT_EXIT_TELLING);
  const from = room.ledger.told.length;
  await until('news of every book', () => silentSince(from).length === 0);
  expect(room.ledger.oddLives().filter((course) => !course.endsWith(': birth'))).toEqual([]);
  await room.agrees();
});

test.each([
  ['hangs', 'BNBUSDT', FAULT_HANG, '0.005'],
  ['kills', 'TRXUSDT', FAULT_EXIT, '0.5'],
] as const)('a book that %s every thread that touches it is left out after three', async (_, symbol, kind, qtyStep) => {
  room.ledger.onHappened = () => undefined;
  const before = takeovers();
  strike(symbol, kind);
  await until('its exclusion', () => room.ledger.happened('analysis.excluded', symbol).length > 0);
  const from = room.ledger.told.length;
  const others = room.symbols.filter((other) => other !== symbol);
  await until('news of the other books', () => silentSince(from, others).length === 0);
  expect(takeovers()).toBe(before + 3);
  expect(room.ledger.happened('analysis.excluded', symbol)).toHaveLength(1);
  expect(room.engine.status().analysis.excluded).toEqual([slotOf(symbol)]);
  // Nobody looks at its densities any more: none of them may stand on, or end as if somebody had.
  expect(living(symbol, room.ledger.told.length)).toEqual(new Set());
  expect([...room.engine.standing()].filter(({ instrument }) => instrument.symbol === symbol)).toEqual([]);
  expect(silentSince(from, [symbol])).toEqual([symbol]);
  await room.agrees();
  mend(symbol);
  // A new book is a new beginning: its place is no longer under suspicion.
  await room.fault({ kind: 'tick-change', symbol, qtyStep });
  await until('news of the new book', () => silentSince(from).length === 0);
  expect(room.engine.status().analysis.excluded).toEqual([]);
  await room.agrees();
});

let taken = 0;
function nextSymbol(): string {
  return room.symbols[taken++] as string;
}
