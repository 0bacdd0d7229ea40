// Does a recording become the books that the exchange had, and the same events every time?
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Replayer } from '../../../src/backtest/replayer.ts';
import { createContext } from '../../../src/cli/context.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { LADDER_AT, SLOT_NUMBERS, WINDOW_MASK } from '../../../src/book/layout.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { bookFrame, readAll, REAL, REAL_INSTRUMENTS, textsOf, useDirectory, zip } from '../../record/recorded.ts';
import { type BookMessage, PlainBook } from '../../simulator/plain-book.ts';
import { defaultStrategy, replayed, runCli } from './replay-room.ts';

const directory = useDirectory();

async function exchangeBooks(): Promise<Record<string, { bids: unknown; asks: unknown; u: number }>> {
  const books = new Map<string, PlainBook>();
  for (const text of textsOf((await readAll(REAL)).entries)) {
    const message = JSON.parse(text) as Partial<BookMessage>;
    if (message.topic?.startsWith('orderbook.') !== true) continue;
    const symbol = message.data?.s ?? '';
    const book = books.get(symbol) ?? new PlainBook();
    books.set(symbol, book);
    book.apply(message as BookMessage);
  }
  return Object.fromEntries(
    [...books].map(([symbol, book]) => {
      const { b, a } = book.levels();
      return [symbol, { bids: b, asks: a, u: book.u }];
    }),
  );
}

test('the real recording becomes the books of the exchange, text for text, with nothing read the slow way', async () => {
  const report = await replayed(REAL, '--verify', '--dump-book', 'all');
  expect(report).toMatchObject({
    frames: 1_227,
    deltas: 792,
    snapshots: 2,
    trades: 139,
    gaps: 0,
    resyncs: 0,
    fallbacks: 0,
    unreadable: 0,
    offGridTrades: 0,
    aheadTrades: 0,
    verify: { checked: 794, differences: 0 },
    eventsLost: 0,
    untrusted: [],
    withoutBook: [],
    damaged: [],
    instruments: {
      BTCUSDT: { source: 'derived', tickSize: '0.10', qtyStep: '0.001', refined: 0 },
      DOGEUSDT: { source: 'derived', tickSize: '0.00001', qtyStep: '1', refined: 0 },
    },
  });
  expect(report.books).toEqual(await exchangeBooks());
  expect(report.events).toBeGreaterThan(100);
  expect(report.eventsSha256).toMatch(/^[0-9a-f]{64}$/);
});

test('a replay that fails leaves no thread behind that would keep the process', async () => {
  const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = threads();
  const stderr = {
    isTTY: true,
    write(): never {
      expect(threads()).toBeGreaterThan(before);
      throw new Error('the terminal is gone');
    },
  };
  const context = createContext({ env: {}, cwd: process.cwd(), stdout: { write: () => true }, stderr });
  const args = ['replay', '--analysis', 'pool', REAL];
  const program = await createProgram(context, () => 'test', args);
  await expect(program.parseAsync(args, { from: 'user' })).rejects.toThrow('the terminal is gone');
  expect(threads()).toBe(before);
});

test('two runs, in line and in the pool, with derived and with the exchange’s own grid tell the same events', async () => {
  const first = await replayed(REAL);
  const others = [
    await replayed(REAL),
    await replayed(REAL, '--analysis', 'pool', '--verify'),
    await replayed(REAL, '--analysis', 'pool', '--set', 'analysis.workers=3'),
    await replayed(REAL, '--instruments', REAL_INSTRUMENTS),
  ];
  const { events, eventsSha256, densities } = first;
  for (const other of others) expect(other).toMatchObject({ events, eventsSha256, densities });
  expect(others[3]?.instruments['BTCUSDT']?.source).toBe('file');
  const stricter = await replayed(REAL, '--set', 'strategy.density_threshold_relative=6');
  expect(stricter.eventsSha256).not.toBe(eventsSha256);
});

function options(): Omit<ConstructorParameters<typeof Replayer>[0], 'verify'> {
  return {
    params: defaultStrategy(),
    extremaMinutes: 240,
    mode: 'inline',
    workers: 1,
    clock: systemClock,
    onNotice: ({ event }) => expect.unreachable(event),
  };
}

test('one flipped size in a book is exactly one difference', async () => {
  const replayer = new Replayer({ ...options(), verify: true });
  const { entries } = await readAll(REAL);
  const texts = textsOf(entries);
  for (const [i, entry] of entries.entries()) {
    await replayer.take(entry);
    if (i !== 600) continue;
    // A bid that all messages to come leave alone: one that changes it would find that it is not what it was, and end the run.
    const later = texts.slice(i + 1).filter((text) => text.startsWith('{"topic":"orderbook.200.BTCUSDT"'));
    const price = replayer
      .book('BTCUSDT')
      ?.bids.map(([bid]) => bid)
      .find((bid, at) => at > 50 && !later.some((text) => text.includes(bid)));
    const { numbers } = replayer.memory.books;
    const at =
      (replayer.slotOf('BTCUSDT') ?? 0) * SLOT_NUMBERS + LADDER_AT + (Math.round(Number(price) * 10) & WINDOW_MASK);
    expect(numbers[at]).toBeGreaterThan(0);
    numbers[at] = (numbers[at] as number) + 1;
  }
  const { verify } = await replayer.end();
  expect(verify).toMatchObject({ checked: 794, differences: 1, examples: [{ side: 'bid' }] });
});

test('a published archive of 500 levels replays, and a second one of another symbol beside it', async () => {
  const day = (symbol: string, price: number): Buffer => {
    const topic = `orderbook.500.${symbol}`;
    const side = (sign: number): [string, string][] =>
      Array.from({ length: 500 }, (_, i) => [(price + sign * (i + 1) * 0.0001).toFixed(4), `${i + 10}`]);
    const frames = [bookFrame('snapshot', 1, side(-1), side(1), topic)];
    for (let u = 2; u < 40; u++)
      frames.push(bookFrame('delta', u, [[(price - 0.0001 * u).toFixed(4), `${u * 3}`]], [], topic));
    return zip(`2024-12-01_${symbol}_ob500.data`, Buffer.from(frames.join('\n')));
  };
  const files = [
    await directory.write('a.zip', day('XRPUSDT', 1.9531)),
    await directory.write('b.zip', day('ADAUSDT', 1.0712)),
  ];
  const report = await replayed(...files, '--verify', '--dump-book', 'ADAUSDT', '--dump-book', 'XRPUSDT');
  expect(report).toMatchObject({ snapshots: 2, deltas: 76, gaps: 0, verify: { checked: 78, differences: 0 } });
  expect(Object.keys(report.books)).toEqual(['ADAUSDT', 'XRPUSDT']);
  expect(report.books['XRPUSDT']?.bids).toHaveLength(500);
  expect(report.books['XRPUSDT']?.bids[1]).toEqual(['1.9529', '6']);
});

test('an archive of another depth takes over from the one before it; of two topics side by side the first counts', async () => {
  const topic = (depth: number): string => `orderbook.${depth}.SOLUSDT`;
  const day = (depth: number, u: number): string[] => [
    bookFrame('snapshot', u, [['99', '1']], [['100', `${depth}`]], topic(depth)),
    bookFrame('delta', u + 1, [['99', `${u}`]], [], topic(depth)),
  ];
  const [before, after, again] = [day(500, 1), day(200, 50), day(500, 90)] as const;
  const files = await Promise.all(
    [before, after, again].map((frames, i) => directory.write(`day-${i}`, frames.join('\n'))),
  );
  const report = await replayed(...files.slice(0, 2), '--verify', '--dump-book', 'all');
  expect(report).toMatchObject({
    snapshots: 2,
    deltas: 2,
    gaps: 0,
    resyncs: 0,
    verify: { checked: 4, differences: 0 },
  });
  expect(report.books['SOLUSDT']).toEqual({ bids: [['99', '50']], asks: [['100', '200']], u: 51 });
  expect((await replayed(...files, '--dump-book', 'all')).books['SOLUSDT']?.u).toBe(91);

  const mixed = [before[0], after[0], before[1], after[1]];
  const side = await directory.write('both', mixed.join('\n'));
  const both = await replayed(side, '--verify', '--dump-book', 'all');
  expect(both).toMatchObject({ snapshots: 1, deltas: 1, gaps: 0, verify: { checked: 2, differences: 0 } });
  expect([report.passedOver, both.passedOver]).toEqual([[], ['orderbook.200.SOLUSDT']]);
  expect((await runCli(['replay', side])).out).toMatch(/^passed over +orderbook\.200\.SOLUSDT: another topic/m);
  expect(both.books['SOLUSDT']?.u).toBe(2);
});

test('published days follow one another: each ends with the snapshot that begins the next', async () => {
  const topic = 'orderbook.200.SOLUSDT';
  const asks: [string, string][] = [['100', '1']];
  const midnight = bookFrame('snapshot', 3, [['99', '3']], asks, topic);
  const first = [
    bookFrame('snapshot', 1, [['99', '1']], asks, topic),
    ...[2, 3].map((u) => bookFrame('delta', u, [['99', `${u}`]], [], topic)),
    midnight,
  ];
  const second = [midnight, bookFrame('delta', 4, [['99', '4']], [], topic)];
  const files = await Promise.all(
    [first, second].map((frames, i) => {
      const name = `2026-09-2${i + 5}_SOLUSDT_ob200.data`;
      return directory.write(`${name}.zip`, zip(name, Buffer.from(frames.join('\n'))));
    }),
  );
  const report = await replayed(...files, '--verify', '--dump-book', 'all');
  expect(report).toMatchObject({ snapshots: 3, deltas: 3, gaps: 0, damaged: [], verify: { differences: 0 } });
  expect(report.books['SOLUSDT']).toEqual({ bids: [['99', '4']], asks, u: 4 });
});

test('an archive from before the exchange told the time of its engine replays by the time of sending', async () => {
  const frames = [1, 2, 3].map((u) => bookFrame(u === 1 ? 'snapshot' : 'delta', u, [['99', `${u}`]], [['100', '1']]));
  const old = frames.map((frame) => frame.replace(/,"cts":\d+/, ''));
  const file = await directory.write('old', old.join('\n'));
  const report = await replayed(file, '--verify', '--dump-book', 'SOLUSDT');
  const read = { snapshots: 1, deltas: 2, fallbacks: 3, unreadable: 0 };
  expect(report).toMatchObject({ ...read, verify: { checked: 3, differences: 0 } });
  expect(report.books['SOLUSDT']?.bids).toEqual([['99', '3']]);
});

test.each([[], ['--as-recorded'], ['--trade'], ['--sweep', 'strategy.max_holding_minutes=1']])(
  'a recording of which no frame can be read does not pass for an empty market %s',
  async (...flags) => {
    const frame = { t: 1, c: 1, f: '{"topic":"orderbook.50.SOLUSDT","type":"snapshot","data":{}}' };
    const lines = [
      { plotnost: 'recording', version: 1, instruments: [] },
      { scans: [['SOLUSDT', [1]]] },
      frame,
      frame,
      frame,
    ];
    const file = await directory.write('unread', lines.map((line) => JSON.stringify(line)).join('\n'));
    const { code, out, err } = await runCli(['replay', '--json', file, ...flags]);
    expect([code, out]).toEqual([65, '']);
    expect(err).toContain(`${file}: none of its 3 frames can be read`);
  },
);

test('beside a file that is no recording, one that is one is reported', async () => {
  const { code, out, err } = await runCli(['replay', '--json', REAL_INSTRUMENTS, REAL]);
  expect([code, err]).toEqual([65, expect.stringContaining(`${REAL_INSTRUMENTS}:1: is an answer of the REST`)]);
  expect(JSON.parse(out)).toMatchObject({ frames: 1_227, damaged: [{ file: REAL_INSTRUMENTS, frames: 0 }] });
});

test('a recording cut into two files goes on where the first ended', async () => {
  const texts = textsOf((await readAll(REAL)).entries);
  const halves = [texts.slice(0, 700), texts.slice(700)];
  const files = await Promise.all(halves.map((half, i) => directory.write(`${i}.gz`, gzipSync(half.join('\n')))));
  const report = await replayed(...files, '--verify');
  expect(report).toMatchObject({ frames: 1_227, gaps: 0, resyncs: 0, verify: { checked: 794, differences: 0 } });
  const cut = halves.map((half) => (JSON.parse(half[0] as string) as { ts: number }).ts);
  expect(cut[0]).toBeLessThan((cut[1] as number) - 1_000);
  for (const flags of [[], ['--trade']]) {
    const reversed = await runCli(['replay', '--json', ...files.toReversed(), ...flags]);
    expect(reversed.code).toBe(65);
    expect(reversed.err).toMatch(
      new RegExp(
        `^${files[0]}: begins at 2026-\\S+Z, but ${files[1]}, named before it, ends at 2026-\\S+Z: name them in`,
        'm',
      ),
    );
    expect(reversed.out).toMatch(/"frames": ?1227\b/);
  }
});

test('two recordings that overlap are told so: no order of theirs is right', async () => {
  const texts = textsOf((await readAll(REAL)).entries);
  const files = await Promise.all(
    [texts.slice(0, 700), texts.slice(300)].map((part, i) => directory.write(`over-${i}`, part.join('\n'))),
  );
  const { code, err } = await runCli(['replay', '--json', ...files]);
  expect(code).toBe(65);
  expect(err).toMatch(
    new RegExp(`^${files[1]}: begins at \\S+, but ${files[0]}, named before it, .*: they overlap`, 'm'),
  );
  expect(err).not.toContain('in the order of their times');
});

test('a recording of the spot market alone does not pass for an empty linear one', async () => {
  const lines = [
    { t: 'connect', conn: 'a', ts: 1, addr: 'wss://stream.bybit.com/v5/public/spot' },
    { t: 'recv', conn: 'a', ts: 2, data: bookFrame('snapshot', 1, [['99', '1']], [['100', '1']]) },
  ];
  const file = await directory.write('spot', lines.map((line) => JSON.stringify(line)).join('\n'));
  const { code, out, err } = await runCli(['replay', '--json', file]);
  expect({ code, out, err }).toEqual({
    code: 65,
    out: '',
    err: `${file}: holds no frame of the linear market: nothing to replay\n`,
  });
});

test('tickers and trades that come before the book are taken when it is there', async () => {
  const texts = textsOf((await readAll(REAL)).entries);
  const early = texts.filter((text) => text.startsWith('{"topic":"publicTrade.BTCUSDT"')).slice(0, 2);
  const file = await directory.write('early', [...early, ...texts].join('\n'));
  const trades = early.reduce((sum, text) => sum + (JSON.parse(text) as { data: unknown[] }).data.length, 0);
  expect(await replayed(file)).toMatchObject({ trades: 139 + trades, frames: 1_227 + early.length });
});

test('a hole in the sequence is one gap, and the book is not trusted until the next snapshot', async () => {
  const bids: [string, string][] = [
    ['99', '1'],
    ['98.5', '2'],
  ];
  const frames = [1, 2, 3, 5, 6].map((u) => bookFrame(u === 1 ? 'snapshot' : 'delta', u, bids, []));
  const torn = await directory.write('torn', frames.join('\n'));
  const broken = await replayed(torn, '--verify');
  expect(broken).toMatchObject({ gaps: 1, deltas: 2, resyncs: 0, untrusted: ['SOLUSDT'], verify: { differences: 0 } });
  const mended = await directory.write('mended', [...frames, bookFrame('snapshot', 9, bids, [])].join('\n'));
  expect(await replayed(mended)).toMatchObject({ gaps: 1, resyncs: 1, untrusted: [] });
});

test('a damaged file is told with its place and exit code 65, and what could be read is printed', async () => {
  const texts = textsOf((await readAll(REAL)).entries);
  const file = await directory.write('damaged', `${texts.slice(0, 500).join('\n')}\n{"topic":"order`);
  const { code, out, err } = await runCli(['replay', '--json', '--verify', file]);
  expect(code).toBe(65);
  expect(err).toMatch(new RegExp(`${file}:501 \\(byte \\d+\\): the line is no JSON`));
  expect(JSON.parse(out)).toMatchObject({
    frames: 500,
    verify: { differences: 0 },
    damaged: [{ file, line: 501, frames: 500 }],
  });
});

test.each([
  [['nowhere.gz'], 64, 'nowhere.gz: there is no such file'],
  [[REAL, '--instruments', 'nowhere.json'], 64, 'nowhere.json: there is no such file'],
  [[REAL, '--instruments', REAL], 65, 'instruments-info'],
  [[REAL, '--dump-book', 'ETHUSDT'], 64, 'there are: BTCUSDT, DOGEUSDT'],
  [[REAL, '--set', 'strategy.nonsense=1'], 64, 'strategy.nonsense'],
  [[REAL_INSTRUMENTS], 65, 'name it with --instruments'],
])('replay %j ends with exit code %i and a remedy', async (args, code, message) => {
  const ran = await runCli(['replay', '--json', ...args]);
  expect(ran).toMatchObject({ code, err: expect.stringContaining(message) as string });
});

test('a person sees a bar on a terminal and a summary; a pipe sees no bar', async () => {
  const onTerminal = await runCli(['replay', REAL, '--verify'], true);
  expect(onTerminal.err).toMatch(/█.* %.*frames/);
  expect(onTerminal.out).toContain('794 books compared whole, 0 differences');
  expect(onTerminal.out).toContain('BTCUSDT: tick 0.10, lot 0.001 (derived)');
  const piped = await runCli(['replay', REAL]);
  expect(piped.err).toBe('');
  expect(piped.out, 'the grids of forty symbols hide nothing').toMatch(/^(?:grid .*\n)+frames .*\n[^]*\nevents .*\n$/);
});
