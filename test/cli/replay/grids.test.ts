// What happens to a book when the grid that was guessed proves wrong, and to connections and depths of our own recordings?
import { expect, test } from 'vitest';
import { Replayer } from '../../../src/backtest/replayer.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { FACT_HIGH, FACT_LOW } from '../../../src/tape/layout.ts';
import { bookFrame, readAll, useDirectory, type TestLevel } from '../../record/recorded.ts';
import { defaultStrategy, replayed, runCli } from './replay-room.ts';

const directory = useDirectory();
const BIDS: TestLevel[] = [
  ['99.50', '30'],
  ['99.40', '10'],
  ['98.00', '40'],
];
const ASKS: TestLevel[] = [
  ['99.60', '20'],
  ['101.00', '50'],
];

const trade = (price: string, size: string): string =>
  JSON.stringify({
    topic: 'publicTrade.SOLUSDT',
    type: 'snapshot',
    ts: 1_733_011_200_150,
    data: [
      { T: 1_733_011_200_149, s: 'SOLUSDT', S: 'Buy', v: size, p: price, L: 'PlusTick', i: 'a', BT: false, RPI: false },
    ],
  });

test('a price off the derived grid makes it finer, and neither the book nor the frame is lost', async () => {
  const file = await directory.write(
    'coarse',
    [
      bookFrame('snapshot', 1, BIDS, ASKS),
      bookFrame(
        'delta',
        2,
        [
          ['99.40', '0'],
          ['99.30', '10'],
        ],
        [],
      ),
      // Moves the touch up through the asks, so that half of it applied would be a crossed book.
      bookFrame(
        'delta',
        3,
        [
          ['99.60', '70'],
          ['99.55', '80'],
        ],
        [
          ['99.60', '0'],
          ['99.65', '15'],
        ],
      ),
      bookFrame('delta', 4, [['98.00', '0']], []),
    ].join('\n'),
  );
  const report = await replayed(file, '--verify', '--dump-book', 'SOLUSDT');
  expect(report).toMatchObject({
    frames: 4,
    snapshots: 1,
    deltas: 3,
    gaps: 0,
    resyncs: 0,
    verify: { checked: 4, differences: 0 },
    instruments: { SOLUSDT: { source: 'derived', tickSize: '0.05', qtyStep: '5', refined: 1 } },
  });
  expect(report.books['SOLUSDT']).toEqual({
    bids: [
      ['99.60', '70'],
      ['99.55', '80'],
      ['99.50', '30'],
      ['99.30', '10'],
    ],
    asks: [
      ['99.65', '15'],
      ['101.00', '50'],
    ],
    u: 4,
  });
});

test('a traded size off the derived grid makes it finer too', async () => {
  const frames = [
    bookFrame('snapshot', 1, BIDS, ASKS),
    trade('99.60', '0.3'),
    bookFrame('delta', 2, [], [['99.60', '19.7']]),
  ];
  const report = await replayed(await directory.write('trade', frames.join('\n')), '--verify');
  expect(report).toMatchObject({ trades: 1, offGridTrades: 0, gaps: 0, verify: { checked: 2, differences: 0 } });
  expect(report.instruments['SOLUSDT']).toMatchObject({ qtyStep: '0.1', refined: 1 });
});

test('a trade off the derived grid does not mend a book that has broken', async () => {
  const frames = [bookFrame('snapshot', 1, BIDS, ASKS), bookFrame('delta', 5, [], []), trade('99.555', '10')];
  const report = await replayed(await directory.write('broken', frames.join('\n')));
  expect(report).toMatchObject({ gaps: 1, untrusted: ['SOLUSDT'], instruments: { SOLUSDT: { refined: 1 } } });
});

test('a snapshot off the derived grid is taken on a finer one', async () => {
  const finer: TestLevel[] = [['99.512', '3.25']];
  const frames = [bookFrame('snapshot', 1, BIDS, ASKS), bookFrame('snapshot', 7, finer, ASKS)];
  const report = await replayed(await directory.write('snapshot', frames.join('\n')), '--verify');
  expect(report).toMatchObject({ snapshots: 2, resyncs: 1, gaps: 0, verify: { checked: 2, differences: 0 } });
});

/** A recording of ours: grid first, then [connection, frame]. */
async function ownRecording(
  tickSize: string,
  frames: readonly (readonly [number, string] | string | object)[],
  name = 'own.jsonl',
): Promise<string> {
  const row = (tick: string): object => ({ symbol: 'SOLUSDT', tickSize: tick, qtyStep: '0.1', priceScale: 2 });
  const lines = [
    { plotnost: 'recording', version: 1, environment: 'simulator', instruments: [row(tickSize)] },
    ...frames.map((frame, t) =>
      typeof frame === 'string'
        ? { instrument: row(frame) }
        : Array.isArray(frame)
          ? { t, c: frame[0] as number, f: frame[1] as string }
          : frame,
    ),
  ];
  return directory.write(name, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

test('off the grid of the recording itself is a gap, as it was live, until the exchange named the new grid', async () => {
  const file = await ownRecording('0.10', [
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
    [1, bookFrame('delta', 2, [['99.55', '5']], [])],
    '0.05',
    [1, bookFrame('delta', 3, [['99.55', '5']], [])],
    [1, bookFrame('snapshot', 4, [['99.55', '5']], ASKS)],
  ]);
  const report = await replayed(file, '--verify');
  expect(report).toMatchObject({ gaps: 1, deltas: 0, snapshots: 2, resyncs: 1, untrusted: [] });
  expect(report.instruments['SOLUSDT']).toEqual({ source: 'recording', tickSize: '0.05', qtyStep: '0.1', refined: 0 });
});

test('after a reconnect the book of the new connection counts, and what the old one still says does not', async () => {
  const file = await ownRecording('0.10', [
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
    [1, bookFrame('delta', 2, [['99.40', '11']], [])],
    [2, trade('99.60', '1')],
    [2, bookFrame('snapshot', 50, BIDS, ASKS)],
    [1, bookFrame('delta', 3, [['99.40', '12']], [])],
    [2, bookFrame('delta', 51, [['99.40', '13']], [])],
  ]);
  const report = await replayed(file, '--verify', '--dump-book', 'all');
  expect(report).toMatchObject({ snapshots: 2, deltas: 2, trades: 1, gaps: 0, resyncs: 1, verify: { differences: 0 } });
  expect(report.books['SOLUSDT']).toMatchObject({
    u: 51,
    bids: expect.arrayContaining([['99.40', '13.0']]) as unknown,
  });
});

test('what waited for a book is taken with it once, also where the symbol comes back to that connection', async () => {
  const file = await ownRecording('0.10', [
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
    [3, trade('99.60', '1')], // its book comes on another one
    [2, trade('99.60', '1')],
    [2, bookFrame('snapshot', 50, BIDS, ASKS)],
    { t: 20_000, c: 1, f: bookFrame('snapshot', 700, BIDS, ASKS) },
    { t: 40_000, c: 2, f: bookFrame('snapshot', 900, BIDS, ASKS) },
  ]);
  expect(await replayed(file)).toMatchObject({ snapshots: 4, trades: 1, gaps: 0, resyncs: 3 });
});

test('a late snapshot of the connection that was left does not take the book back, one that comes when it has been left does', async () => {
  const file = await ownRecording('0.10', [
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
    [2, bookFrame('snapshot', 50, BIDS, ASKS)],
    [1, bookFrame('snapshot', 2, BIDS, ASKS)],
    [1, bookFrame('delta', 3, [['99.40', '12']], [])],
    [2, bookFrame('delta', 51, [['99.40', '13']], [])],
    { t: 20_000, c: 1, f: bookFrame('snapshot', 700, BIDS, ASKS) },
    { t: 20_001, c: 1, f: bookFrame('delta', 701, [['99.40', '14']], []) },
  ]);
  const report = await replayed(file, '--verify', '--dump-book', 'SOLUSDT');
  expect(report).toMatchObject({
    snapshots: 3,
    deltas: 2,
    gaps: 0,
    resyncs: 2,
    verify: { checked: 5, differences: 0 },
  });
  expect(report.books['SOLUSDT']).toMatchObject({ u: 701 });
});

test('a change of depth takes over with the snapshot of the new one; it is no resync', async () => {
  const deep = 'orderbook.200.SOLUSDT';
  const file = await ownRecording('0.10', [
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
    [1, bookFrame('snapshot', 900, [...BIDS, ['97.00', '1']], ASKS, deep)],
    [1, bookFrame('delta', 2, [['99.40', '11']], [])],
    [1, bookFrame('delta', 901, [['99.40', '12']], [], deep)],
  ]);
  const report = await replayed(file, '--verify', '--dump-book', 'SOLUSDT');
  expect(report).toMatchObject({
    snapshots: 2,
    deltas: 1,
    gaps: 0,
    resyncs: 0,
    verify: { checked: 3, differences: 0 },
  });
  expect(report.books['SOLUSDT']?.bids).toHaveLength(4);
});

test('a late snapshot of the depth that was left does not bring it back, one that comes when it has been left does', async () => {
  const deep = 'orderbook.200.SOLUSDT';
  const file = await ownRecording('0.10', [
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
    [1, bookFrame('snapshot', 900, [...BIDS, ['97.00', '1']], ASKS, deep)],
    [1, bookFrame('snapshot', 2, BIDS, ASKS)],
    [1, bookFrame('delta', 901, [['99.40', '12']], [], deep)],
    { t: 20_000, c: 1, f: bookFrame('snapshot', 700, BIDS, ASKS) },
    { t: 20_001, c: 1, f: bookFrame('delta', 701, [['99.40', '13']], []) },
  ]);
  const report = await replayed(file, '--verify', '--dump-book', 'SOLUSDT');
  expect(report).toMatchObject({ snapshots: 3, deltas: 2, gaps: 0, verify: { checked: 5, differences: 0 } });
  expect(report.passedOver, 'none is beside it').toEqual([]);
  expect(report.books['SOLUSDT']).toMatchObject({ u: 701 });
});

test('two recordings of ours one after the other: the same number of a connection is another connection', async () => {
  const first = await ownRecording('0.10', [[1, bookFrame('snapshot', 1, BIDS, ASKS)]]);
  const frames = [
    [1, bookFrame('delta', 9, [['99.40', '11']], [])],
    [1, bookFrame('snapshot', 10, BIDS, ASKS)],
  ] as const;
  const second = await ownRecording('0.10', frames, 'second.jsonl');
  const report = await replayed(first, second, '--verify');
  expect(report).toMatchObject({ snapshots: 2, deltas: 0, resyncs: 1, gaps: 0 });
});

test('a symbol whose name is printed in escapes is the same symbol', async () => {
  const topic = 'orderbook.50.币安人生USDT';
  const escaped = (text: string): string =>
    text.replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const frames = [
    escaped(bookFrame('snapshot', 1, BIDS, ASKS, topic)),
    bookFrame('delta', 2, [['99.40', '11']], [], topic),
    escaped(bookFrame('delta', 3, [['99.40', '12']], [], topic)),
  ];
  const report = await replayed(await directory.write('escaped', frames.join('\n')), '--verify');
  expect(report).toMatchObject({ snapshots: 1, deltas: 2, unreadable: 0, verify: { checked: 3, differences: 0 } });
});

test('a symbol without a book is named, and one whose name is longer than any has none', async () => {
  const long = `${'X'.repeat(29)}USDT`;
  const file = await ownRecording('0.10', [
    [1, trade('99.60', '1')],
    [1, bookFrame('snapshot', 1, BIDS, ASKS, `orderbook.50.${long}`)],
  ]);
  expect(await replayed(file)).toMatchObject({ frames: 2, trades: 0, snapshots: 0, withoutBook: ['SOLUSDT', long] });
});

test('candles of before the recording are there when the book is, as far back as is looked', async () => {
  const replayer = new Replayer({
    params: defaultStrategy(),
    extremaMinutes: 60,
    mode: 'inline',
    workers: 1,
    clock: systemClock,
    verify: false,
    onNotice: ({ event }) => expect.unreachable(event),
  });
  const minute = 28_883_520;
  const file = await ownRecording('0.10', [
    {
      candles: 'SOLUSDT',
      rows: [
        [minute - 59, 2_000, 1],
        [minute, 1_003, 990],
        [minute + 1, 1_001, 985],
        [minute + 2, 999, 998],
      ],
    },
    [1, bookFrame('snapshot', 1, BIDS, ASKS)],
  ]);
  for (const entry of (await readAll(file)).entries) await replayer.take(entry);
  const { facts } = replayer.memory.tape;
  expect([facts[FACT_HIGH], facts[FACT_LOW]]).toEqual([1_003, 985]);
});

test('more symbols than one replay has room for end the reading of their file with a remedy', async () => {
  const frames = Array.from({ length: 1_025 }, (_, i) =>
    bookFrame('snapshot', 1, [['99', '1']], [['100', '1']], `orderbook.50.S${i}USDT`),
  );
  const file = await directory.write('many', frames.join('\n'));
  const { code, out, err } = await runCli(['replay', '--json', file]);
  expect(code).toBe(65);
  expect(err).toBe(`${file}: more than 1024 symbols in one replay: replay fewer files at a time\n`);
  expect(JSON.parse(out)).toMatchObject({ frames: 1_025, snapshots: 1_024 });
});
