// Are the figures that the READMEs tell in their sentences those of the kept results, to the last digit?
import { expect, test } from 'vitest';
import type { LoadResult } from '../../bench/load/run.ts';
import type { Soak } from '../../bench/soak/main.ts';
import { KEEP_DAYS } from '../../src/store/write/retention.ts';
import { figure, isExact, joined, kept, read, type Row } from './kept.ts';

const [book, scan, path] = ['book', 'scan', 'path'].map((name) => kept(name).rows) as [Row[], Row[], Row[]];
const [functions, limits] = kept('functions').tables.map(({ rows }) => rows) as [Row[], Row[]];
const { node, seed } = kept<{ readonly node: string; readonly seed: number }>('book');
const scaling = kept('scaling').tables.map(({ rows }) => rows) as Row[][];
const orders = kept('orders').tables.flatMap(({ rows }) => rows);
const [load, soak] = [kept<LoadResult>('load'), kept<Soak & Pick<LoadResult, 'terms'>>('soak')];

const of = (rows: readonly Row[], where: Row): readonly Row[] =>
  rows.filter((row) => Object.entries(where).every(([key, value]) => row[key] === value));
const range = (rows: readonly Row[], at: string, scale = 1): readonly number[] => {
  const all = rows.map((row) => figure(row, at) / scale);
  return [Math.min(...all), Math.max(...all)];
};
const ratio = (rows: readonly Row[], above: Row, below: Row): number =>
  figure(of(rows, above)[0], 'nsPerOp') / figure(of(rows, below)[0], 'nsPerOp');
const pathOf = (name: string, rate: number, stage?: string): Row | undefined =>
  stage === undefined
    ? of(path, { measured: 'hand-over → signal read', name, rate })[0]
    : of(kept('path').tables[0]?.rows ?? [], { measured: 'hand-over', name, rate, stage })[0];
const limitOf = (begin: string, ...places: readonly string[]): readonly number[] => {
  const row = limits.find(({ measured }) => String(measured).startsWith(begin));
  return places.map((at) => figure(row, at));
};
const notifiedAt = (rate: number): readonly number[] => limitOf(`C program, ${rate} a second: notified`, 'p50', 'p99');
const notified = [2_000, 20_000].map(notifiedAt);
const rounded = (value: number | undefined, to: number): number => Math.round((value ?? Number.NaN) / to) * to;
const [inline, pool, thread] = ['plotnost inline', 'plotnost pool, asleep', 'reference: empty thread, asleep'] as const;
/** From an applied frame on. */
const scanMicros = [20_000, 2_000].map(
  (rate) => figure(pathOf(inline, rate, 'book scanned'), 'p50') - figure(pathOf(inline, rate, 'applied'), 'p50'),
);
const whole = { name: 'plotnost, whole scan', source: 'synthetic' };
const [narrow, deep] = [
  { ...whole, depth: 50 },
  { ...whole, depth: 1_000 },
];
const [further] = scaling.at(-2) ?? [];
const [limit] = scaling.at(-1) ?? [];
const both = (row: Row | undefined): readonly number[] => [figure(row, 'p50'), figure(row, 'p99')];
const mainMicros = (workers: string): number =>
  figure(of(scaling[3] ?? [], { workers, rate: 20_000 })[0], 'mainMicrosPerFrame');
const settled = of(orders, { stage: 'signal read → order bytes, journal apart' });
const rehearsed = of(orders, { stage: 'floor: the same path in memory, four times a second' });
const floor = of(orders, { stage: 'floor: as many bytes on an open socket, ten times a second' });

/** `#` is a figure. */
const PHRASES: readonly (readonly [english: string, russian: string, measured: readonly number[]])[] = [
  [
    'Node #, two cores of an AMD EPYC, seed #, spread # to # %; `bench/results/reference-book.json`',
    'Node #, два ядра AMD EPYC, зерно #, разброс #–# %; `bench/results/reference-book.json`',
    [Number.parseFloat(node), seed, ...range(book, 'spread', 0.01)],
  ],
  [
    'TypeScript alone takes # times as long (`functions`)',
    'на одном TypeScript занимает в # раза больше (`functions`)',
    [ratio(functions, { call: 'the same in TypeScript' }, { file: 'bybit/kernel' })],
  ],
  [
    'A level update takes # to # ns at any depth',
    'Изменение уровня — #–# нс на любой глубине',
    range(of(book, { name: 'plotnost level update' }), 'nsPerOp'),
  ],
  [
    '`nodejs-order-book` (# to # times)',
    '`nodejs-order-book` (в #–# раз)',
    range(of(book, { name: 'nodejs-order-book' }), 'ratio'),
  ],
  [
    'spread # to # %; `bench/results/reference-scan.json`',
    'разброс #–# %; `bench/results/reference-scan.json`',
    range(scan, 'spread', 0.01),
  ],
  [
    'at 1000 levels it costs # times what it costs at 50',
    'на 1000 уровней он стоит в # раза больше, чем на 50',
    [ratio(scan, deep, narrow)],
  ],
  [
    '# books of # levels, spread of p50 # to # %; `bench/results/reference-path.json`',
    '# стаканов по # уровней, разброс p50 #–# %; `bench/results/reference-path.json`',
    [...kept('path').streams.flatMap(({ symbols, depth }) => [symbols, depth]), ...range(path, 'spread', 0.01)],
  ],
  ['A scan takes # µs in `scan`', 'Просмотр занимает # мкс в `scan`', [figure(of(scan, narrow)[0], 'nsPerOp') / 1_000]],
  ['it takes # µs at 20000 frames/s and # at 2000', '# мкс при 20000 кадров/с и # при 2000', scanMicros],
  ['missing to six is a scan of # to # µs', 'не хватает просмотра в #–# мкс', scanMicros],
  [
    'takes the core away # times a second, for # µs in the median: ten µs of work on a register, which needs no memory ' +
      'at all, have a p99 of # µs, and five µs one of #.',
    'отнимает ядро # раз в секунду, в медиане на # мкс: у десяти мкс работы в регистре, которой не нужна память, ' +
      'p99 — # мкс, у пяти — #.',
    [
      rounded(limitOf('a loop that only reads the clock', 'times')[0], 5_000) / 5,
      ...limitOf('a loop that only reads the clock', 'p50'),
      ...[10, 5].flatMap((micros) => limitOf(`${micros} µs of work without memory`, 'p99')),
    ],
  ],
  [
    'a book cost # µs when each names the next, and # after 20 ms of rest; #, and #, where all of them are known at once',
    'стакана стоят # мкс, если каждая называет следующую, и # после 20 мс отдыха; # и #, если все известны заранее',
    ['each names the next', 'all known at once'].flatMap((how) =>
      ['one', 'after 20 ms'].flatMap((rest) => limitOf(`100 cache lines of a book, ${how}, ${rest}`, 'p50')),
    ),
  ],
  [
    'runs # µs after its notification at 2000 a second, where its core has been put to rest meanwhile, # at p99, ' +
      'and # and # at 20000; the notification takes its caller # and #',
    'при 2000 пробуждениях в секунду, когда его ядро успевают усыпить, начинает работать через # мкс, на p99 через #, ' +
      'при 20000 — через # и #; сам вызов стоит # и #',
    [
      notified[0]?.[0] ?? Number.NaN,
      rounded(notified[0]?.[1], 10),
      ...(notified[1] ?? []),
      ...[2_000, 20_000].flatMap((rate) => limitOf(`C program, ${rate} a second: what`, 'p50')),
    ],
  ],
  [
    'an empty thread of Node runs after # in the median and # at p99, and the notification takes #',
    'пустой поток Node начинает через # мкс в медиане и через # на p99, а вызов стоит #',
    [
      ...limitOf('empty worker', 'p50'),
      rounded(limitOf('empty worker', 'p99')[0], 10),
      ...limitOf('what the notification takes', 'p50'),
    ],
  ],
  [
    'at # µs near # frames/s, for which two of them, at # µs a frame, are enough',
    'при # мкс это около # кадров/с, для которых хватает двух потоков по # мкс',
    [
      figure(limit, 'mainMicrosPerFrame'),
      rounded(figure(limit, 'mainEndsAtFramesPerSecond'), 10_000),
      figure(limit, 'workerMicrosPerFrame'),
    ],
  ],
  ['Every further one costs #', 'Каждый следующий стоит #', [figure(further, 'KBPerFurtherBook')]],
  ['Before the first there are # MB', 'До первого стакана уже есть # МБ', [figure(further, 'MBBeforeTheFirst')]],
  [
    '# books of # levels at # frames/s on these two cores',
    '# стаканов по # уровней при # кадров/с на этих двух ядрах',
    [load.terms.symbols, load.terms.depth, load.terms.rate],
  ],
  [
    '(`npm run soak`, # books, # frames/s',
    '(`npm run soak`, # стаканов, # кадров/с',
    [soak.terms.symbols, soak.terms.rate],
  ],
  [
    '`reference-soak.json`: # million frames sent and applied',
    '`reference-soak.json`: # млн кадров отправлено и применено',
    [soak.framesApplied / 1e6],
  ],
  [
    'snapshots are kept # days, densities and signals #,',
    'снимки хранятся # дней, плотности и сигналы #,',
    [KEEP_DAYS.orderbook_snapshots, KEEP_DAYS.densities],
  ],
];

/** The figures of a phrase in their order; none where the text has no such phrase. */
function toldOf(phrase: string, text: string): readonly string[] {
  const plain = phrase.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(plain.replaceAll('#', String.raw`(\d+(?:[.,]\d+)?)`)).exec(text)?.slice(1) ?? [];
}

/** Of what was asked and is not reached: what is reached, and what the machine alone takes, in the order in which each line tells it. */
const NOT_REACHED: readonly (readonly [reached: readonly number[], machine: readonly number[]])[] = [
  ...[20_000, 2_000].map((rate) => [both(pathOf(inline, rate, 'emitted')), []] as const),
  ...[20_000, 2_000].map(
    (rate) => [both(pathOf(pool, rate)), [...both(pathOf(thread, rate)), ...notifiedAt(rate)]] as const,
  ),
  [
    [...range(settled, 'p50', 1_000), ...range(settled, 'max', 1_000)],
    [rehearsed, floor].flatMap((row) => [...range(row, 'p50', 1_000), ...range(row, 'p99', 1_000)]),
  ],
  [
    [load.gcMaxMs, load.longCollections, load.collections],
    [load.gcMaxCoreMs, load.senderLatestMs],
  ],
  [[mainMicros('1') / mainMicros('none')], [mainMicros('1 (empty)') / mainMicros('none')]],
  [[figure(of(scan, { name: 'original design in objects, clusters over 3 ticks', depth: 50 })[0], 'ratio')], []],
];

test.each(['README.md', 'README.ru.md'])('%s tells of what is not reached what the kept results have', (file) => {
  const text = joined(read(file));
  const table = text.slice(text.search(/Asked, and not reached|Задано и не достигнуто/)).split('\n\n')[1] ?? '';
  const lines = table.split('\n').slice(2);
  const told = lines.map((line) =>
    line
      .split('|')
      .slice(3, 5)
      .map((cell) => cell.match(/(?<![p\d.,])\d+(?:[.,]\d+)?/g) ?? []),
  );
  const isTold = (cell: readonly string[] = [], measured: readonly number[]): boolean =>
    cell.length === measured.length && cell.every((one, i) => isExact(one, measured[i] as number));
  const wrong = NOT_REACHED.filter(
    ([reached, machine], i) => !isTold(told[i]?.[0], reached) || !isTold(told[i]?.[1], machine),
  );
  expect({ lines: lines.length, wrong }).toEqual({ lines: NOT_REACHED.length, wrong: [] });
});

test.each([
  ['README.md', 0],
  ['README.ru.md', 1],
] as const)('%s tells in its sentences what the kept results have, to the last digit', (file, language) => {
  const text = joined(read(file).replaceAll(/\s+/g, ' '));
  const wrong = PHRASES.flatMap((phrase) => {
    const [told, measured] = [toldOf(phrase[language], text), phrase[2]];
    const isTold = told.length === measured.length && told.every((one, i) => isExact(one, measured[i] as number));
    return isTold ? [] : [{ phrase: phrase[language], told, measured }];
  });
  expect(wrong).toEqual([]);
});

test.each([
  ['README.md', 'nine minutes', 'no backlog', 'Over ten minutes'],
  ['README.ru.md', 'девять минут', 'очереди нет', 'За десять минут'],
])('%s says in words what the kept results have in figures', (file, ...words) => {
  const text = read(file).replaceAll(/\s+/g, ' ');
  expect(words.filter((word) => !text.includes(word))).toEqual([]);
  expect({
    minutes: [load.terms.seconds / 60, soak.terms.seconds / 60],
    backlog: load.backlogFrames,
    grows: soak.grows,
  }).toEqual({ minutes: [9, 10], backlog: 0, grows: [] });
});
