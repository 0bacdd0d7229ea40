// What a person sees of a running engine: may it enter, why not, and what is held.
import { expect, test } from 'vitest';
import { createContext } from '../../../src/cli/context.ts';
import { createDisplay, runStatus, statusTable, type RunStatus } from '../../../src/cli/run/status.ts';
import type { TradingView } from '../../../src/cli/run/views.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { createInstrument } from '../../../src/market/instrument.ts';
import { zeroPerTable } from '../../../src/store/rows/rows.ts';
import type { StoreStats } from '../../../src/store/write/client.ts';

const books = { dead: 0, syncing: 0, live: 40, suspect: 0, stale: 0, watched: 40, late: 3 };
const engine = {
  status: () => ({
    waitsFor: null,
    books,
    leftOut: [],
    refused: {},
    analysis: { mode: 'pool', scans: 1, scanMs: 0.01 },
  }),
  standing: () => [],
} as unknown as Engine;

const standing = {
  current: 1e6,
  price: 15_002,
  relative: 12.3,
  side: 0,
  state: 'confirmed',
  instrument: createInstrument('SOLUSDT', '0.01', '0.1'),
};

const desk: TradingView['desk'] = {
  mode: 'ACTIVE',
  latch: null,
  isKilled: false,
  killReason: null,
  blocks: [],
  reconciledAgoMs: 100,
  positions: 0,
  entries: 0,
};

const position: TradingView['positions'][number] = {
  symbol: 'SOLUSDT',
  side: 'long',
  state: 'protected',
  strategy: 'bounce',
  size: '1.5',
  foreignSize: '0',
  entryOrder: null,
  entryPrice: '150.02',
  markPrice: '150.40',
  stop: { price: '149.80', by: 'mark', isSeen: false, isBreakeven: false },
  nakedMs: 1_200,
  unrealised: '0.57',
  openedMs: 1,
  ageMs: 4_000,
  closing: null,
};

const statusWith = (trading: TradingView | undefined): RunStatus => runStatus(engine, undefined, 61, trading);
const tableWith = (trading: TradingView | undefined, rows?: number): string =>
  statusTable(statusWith(trading), engine, rows);

test('all that is seen stands in the table, the largest densities first, each under its heading', () => {
  const seen = {
    ...engine.status(),
    frames: 7_001,
    gaps: 2,
    resyncs: 3,
    fallbacks: 4,
    densities: 5,
    standing: 2,
    signals: 6,
    candidates: 8,
    refused: { cooldown: 1, stale: 9 },
  };
  const smaller = { ...standing, side: 1, price: 15_101, current: 4e5, relative: 5.04, state: 'eroding' };
  const busy = { status: () => seen, standing: () => [smaller, standing] } as unknown as Engine;
  const counts = { ...zeroPerTable(), trades: 2, signals: 3 };
  const stats = { queued: 7, spooled: 8, written: counts, dropped: counts, connected: true };
  const status = runStatus(busy, stats, 93_784.26, undefined);
  expect(statusTable(status, busy)).toBe(`plotnost  26:03:04
books      live 40 of 40   late 3  syncing 0  suspect 0  stale 0
frames     7001   gaps 2   resyncs 3   read the slow way 4
analysis   pool   scans 1   mean 10.0 µs
densities  confirmed 5   standing 2
signals    6   candidates 8   refused 10
rows       5   queued 7   spooled 8   database connected
trading    off: it watches and stores

symbol          side          price        USDT  × typical  state
SOLUSDT         bid          150.02        1000       12.3  confirmed
SOLUSDT         ask          151.01         400        5.0  eroding
`);
  expect(status).toMatchObject({ seconds: 93_784.3, rows: 5, store: { dropped: 5, connected: true } });
});

test('an engine that may enter says so, and what the day has brought', () => {
  expect(tableWith({ desk, positions: [], dayProfit: '3.2149' })).toContain(
    'trading    ACTIVE   positions 0   entries under way 0   today +3.21 USDT',
  );
  expect(tableWith({ desk, positions: [], dayProfit: '0.5' })).toContain('today +0.50 USDT');
});

test('what rounds to nothing has no sign', () => {
  for (const dayProfit of ['-0.0049', '0.0049', '0'])
    expect(tableWith({ desk, positions: [], dayProfit })).toContain('today 0.00 USDT');
});

test('where nothing comes from the exchange the table says so, and why', () => {
  const waitsFor = '/v5/market/instruments-info: ECONNREFUSED';
  const alone = { ...engine, status: () => ({ ...engine.status(), waitsFor }) } as unknown as Engine;
  const status = runStatus(alone, undefined, 61, undefined);
  expect(statusTable(status, alone).split('\n')[1]).toBe(`exchange   no market data: ${waitsFor}`);
  expect(JSON.parse(JSON.stringify(status))).toMatchObject({ waitsFor });
});

test('a database that is off by choice does not look like one that is away', () => {
  expect(tableWith(undefined)).toContain('rows       none are stored (database.mode: off)\n');
  const away = { queued: 3, spooled: 8, connected: false, dropped: 0, written: {} as StoreStats['written'] };
  const table = statusTable({ ...statusWith(undefined), store: away }, engine);
  expect(table).toContain('rows       0   queued 3   spooled 8   database not connected\n');
});

test.each<[string, Partial<TradingView['desk']>, string]>([
  ['blocks are named', { blocks: ['clock', 'journal'] }, 'ACTIVE (clock, journal)'],
  ['a latch tells its reason', { mode: 'HALTED', latch: 'daily loss' }, 'HALTED (daily loss)'],
  [
    'a kill latch tells what its file says',
    { mode: 'HALTED', latch: 'kill', isKilled: true, killReason: 'Anna at 14:02' },
    'HALTED (kill latch: Anna at 14:02)',
  ],
  [
    'a kill latch without a reason is told all the same',
    { mode: 'HALTED', isKilled: true },
    'HALTED (kill latch: set)',
  ],
])('%s', (_, part, words) => {
  expect(tableWith({ desk: { ...desk, ...part }, positions: [], dayProfit: '-1' })).toContain(`trading    ${words}   `);
});

test('a position whose stop nobody has seen stands in the table with the time it has been naked', () => {
  const table = tableWith({ desk: { ...desk, positions: 1 }, positions: [position], dayProfit: '0' });
  expect(table).toContain('149.80 by mark: NOT SEEN for 1.2 s');
  expect(table).toContain('today 0.00 USDT');
});

test('on a low terminal positions stay and densities give way', () => {
  const table = tableWith({ desk, positions: Array.from({ length: 9 }, () => position), dayProfit: '0' }, 16);
  expect(table.match(/SOLUSDT/g)).toHaveLength(9);
});

test('what is seen fits a terminal of any size on which it can stand at all: lines that wrap count as the rows they take', () => {
  const blocks = ['clock', 'journal', 'mark.stale', 'orders.unknown', 'connection_loss'];
  const many = { ...engine, standing: () => Array.from({ length: 30 }, () => standing) } as unknown as Engine;
  const heights = [40, 80, 120].flatMap((columns) =>
    [22, 24, 50].map((rows) => {
      const table = statusTable(
        statusWith({ desk: { ...desk, blocks }, positions: [], dayProfit: '0' }),
        many,
        rows,
        columns,
      );
      const taken = table.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
      return { columns, rows, fits: taken <= rows };
    }),
  );
  expect(heights.filter(({ fits }) => !fits)).toEqual([]);
});

test('an engine that only watches says so, in words and to a program', () => {
  expect(tableWith(undefined)).toContain('trading    off: it watches and stores');
  expect(statusWith(undefined).trading).toBeNull();
});

test('a contract that is not watched because its books cannot be read is named, and why', () => {
  const less = {
    ...engine,
    status: () => ({ ...engine.status(), leftOut: ['AAAUSDT', 'BBBUSDT'] }),
  } as unknown as Engine;
  const status = runStatus(less, undefined, 61, undefined);
  expect(statusTable(status, less).split('\n')[2]).toBe(
    'left out   AAAUSDT, BBBUSDT: their books do not fit their grids',
  );
});

const PAGE = 'dashboard  http://127.0.0.1:8787/#token=t0ken';

/** A display, and what it has written on stdout and on stderr. */
function displayOn(
  stdout: { isTTY?: boolean; rows?: number; columns?: number },
  stderr: { isTTY?: boolean },
  json = false,
) {
  const [out, err]: [string[], string[]] = [[], []];
  const context = createContext({
    env: {},
    cwd: '.',
    stdout: { ...stdout, write: (text) => out.push(text) },
    stderr: { ...stderr, write: (text) => err.push(text) },
  });
  context.use({ json });
  return { display: createDisplay(context), out, err };
}

test('on a terminal the table is drawn in place below the address of the page, and both fit it', () => {
  const many = { ...engine, standing: () => Array.from({ length: 30 }, () => standing) } as unknown as Engine;
  const { display, out, err } = displayOn({ isTTY: true, rows: 20, columns: 80 }, { isTTY: true });
  display.show(statusWith(undefined), many);
  display.announce(PAGE);
  display.show(statusWith(undefined), many);
  const [first = '', second = ''] = out;
  expect(first.startsWith('\u001b[2J\u001b[Hplotnost  00:01:01\u001b[K\n'), 'on a clear screen').toBe(true);
  expect(second.startsWith(`\u001b[H${PAGE}\u001b[K\nplotnost`), 'over what stood there').toBe(true);
  for (const text of [first, second]) {
    expect(text.endsWith('\u001b[J'), 'nothing older stands below').toBe(true);
    expect(text.replaceAll('\u001b[K\n', ''), 'nor behind').not.toContain('\n');
    expect(text.split('\n').length, 'and the cursor has a row').toBeLessThan(20);
  }
  expect(err).toEqual([]);
});

test('at the end of a run a terminal keeps the last table, the score, the verdict, where the recording is, and what is stored', () => {
  const { display, out } = displayOn({ isTTY: true }, {});
  const verdict = { file: 'a.yaml', name: 'A', passed: true, steps: [], expectations: [], trades: [], fault: '' };
  const recorded = { file: 'a.gz', frames: 7, dropped: 0, fault: null };
  const status = statusWith(undefined);
  const stored = { ...status, rows: 5, store: { ...status.store, written: zeroPerTable() } };
  display.end({ ...stored, score: { recall: 1 }, scenario: verdict, recorded, warnings: {} }, engine);
  display.end({ ...status, warnings: {} }, engine);
  const text = out.join('').split('\u001b[J');
  expect(text[0]).toContain('plotnost  00:01:01');
  expect(text[1]).toMatch(
    /^\{\n {2}"recall": 1\n\}\na\.yaml: A: as expected\na\.gz: 7 frames\nended cleanly; 5 rows are in the database\n/,
  );
  expect(text[2]).toBe('ended cleanly\n');
});

test.each([
  ['to a file', {}, false, {}, []],
  ['as JSON', { isTTY: true }, true, {}, []],
  ['to a file, in front of a terminal', {}, false, { isTTY: true }, [`${PAGE}\n`]],
])('S01: %s each status is a line of JSON, and the token of the page is told to a terminal only', (...of) => {
  const [, stdout, json, stderr, told] = of;
  const { display, out, err } = displayOn(stdout, stderr, json);
  display.announce(PAGE);
  display.show(statusWith(undefined), engine);
  display.end({ ...statusWith(undefined), warnings: { 'book.gap': 2 } }, engine);
  expect(out.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { seconds: 61 },
    { warnings: { 'book.gap': 2 } },
  ]);
  expect(err).toEqual(told);
});
