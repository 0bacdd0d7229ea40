// Who is watched? (strategy, section 10)
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument } from '../../src/market/instrument.ts';
import type { Instrument } from '../../src/market/instrument.ts';
import type { Usdt } from '../../src/market/units.ts';
import type { Members } from '../../src/universe/difference.ts';
import { isEligible } from '../../src/universe/listing.ts';
import type { DayChange, ListedInstrument } from '../../src/universe/listing.ts';
import { isWanted, select } from '../../src/universe/select.ts';
import type { Market, Selection, UniverseRules } from '../../src/universe/select.ts';

const NOW = 1_800_000_000_000 as Ms;
const NOBODY: ReadonlySet<string> = new Set();
const NONE: Members = new Map();

const RULES: UniverseRules = {
  symbolTypes: ['ordinary', 'innovation'],
  minAgeDays: 7,
  exclude: [],
  topGainersCount: 4,
  topLosersCount: 4,
  min24hVolume: 1_000_000 as Usdt,
  minDwellMs: 600_000 as Ms,
  symbols: 'auto',
  slots: 64,
};

function listed(symbol: string, changes: Partial<ListedInstrument> = {}): ListedInstrument {
  return {
    instrument: createInstrument(symbol, '0.01', '0.1') as Instrument,
    contractType: 'LinearPerpetual',
    status: 'Trading',
    quoteCoin: 'USDT',
    settleCoin: 'USDT',
    symbolType: '',
    isPreListing: false,
    launchTime: (NOW - 30 * 86_400_000) as Ms,
    deliveryTime: 0 as Ms,
    ...changes,
  };
}

function day(symbol: string, change: number, turnover = 2_000_000): DayChange {
  const texts = { turnoverText: String(turnover), lastPriceText: '1' };
  return { symbol, change, turnover: turnover as Usdt, ...texts };
}

function marketOf(days: readonly DayChange[], rows: readonly ListedInstrument[] = []): Market {
  const told = [...days.map((row) => listed(row.symbol)), ...rows];
  return {
    listed: new Map(told.map((row) => [row.instrument.symbol, row])),
    days: new Map(days.map((row) => [row.symbol, row])),
  };
}

const names = (selection: Selection): string[] => [...selection.members.keys()];
const choose = (days: readonly DayChange[], before: Members = NONE, now = 0, rules = RULES, held = NOBODY): Selection =>
  select(before, marketOf(days), held, rules, now as Ms, NOW);

/** G0 gains most, G1 less, …; the last loses most. */
const ladder = (count: number): DayChange[] => Array.from({ length: count }, (_, i) => day(`G${i}`, (count - i) / 100));

test('the best gainers and the worst losers are watched, nobody between', () => {
  expect(names(choose(ladder(20))).sort()).toEqual(['G0', 'G1', 'G16', 'G17', 'G18', 'G19', 'G2', 'G3']);
});

test('losers are chosen among those that are no gainers yet', () => {
  const selection = choose(ladder(6));
  expect(names(selection).sort()).toEqual(['G0', 'G1', 'G2', 'G3', 'G4', 'G5']);
  const still = Array.from({ length: 20 }, (_, i) => day(`T${i}`, 0, 2_000_000 + i));
  expect(names(choose(still)).sort()).toEqual(['T12', 'T13', 'T14', 'T15', 'T16', 'T17', 'T18', 'T19']);
});

test('where nothing is to be chosen of a list nothing is', () => {
  expect(names(choose(ladder(20), NONE, 0, { ...RULES, topGainersCount: 0, topLosersCount: 1 }))).toEqual(['G19']);
});

test('in a memory with fewer places the nearest to the top of either list have them', () => {
  const selection = choose(ladder(20), NONE, 0, { ...RULES, slots: 4 });
  expect(names(selection).sort()).toEqual(['G0', 'G1', 'G18', 'G19']);
  expect([...selection.crowdedOut].sort()).toEqual(['G16', 'G17', 'G2', 'G3']);
});

test('equal changes are told apart by turnover, the larger first', () => {
  const days = Array.from({ length: 20 }, (_, i) => day(`T${i}`, 0.01, 1_000_000 + ((i * 7) % 20)));
  const rules = { ...RULES, topLosersCount: 0 };
  const best = [...days].sort((a, b) => b.turnover - a.turnover).slice(0, 4);
  const { ranked, ...chosen } = choose(days, NONE, 0, rules);
  expect([...chosen.members.keys()].sort()).toEqual(best.map((row) => row.symbol).sort());
  expect(ranked.slice(0, 4).map((row) => row.day)).toEqual(best);
});

test('a coin with little turnover is not watched however it moves', () => {
  const days = [...ladder(20), day('THIN', 3, 999_999), day('ENOUGH', 2, 1_000_000)];
  expect(names(choose(days))).not.toContain('THIN');
  expect(names(choose(days))).toContain('ENOUGH');
});

test('what has a day but no row in the list is not watched however it moves', () => {
  const { listed: rows, days } = marketOf([...ladder(20), day('GHOST', 3)]);
  const unlisted = new Map([...rows].filter(([symbol]) => symbol !== 'GHOST'));
  const market = { listed: unlisted, days };
  expect(names(select(NONE, market, NOBODY, RULES, 0 as Ms, NOW))).toEqual(names(choose(ladder(20))));
});

test('a contract that is not ours is not watched however it moves, and leaves when it becomes one', () => {
  const first = choose(ladder(20));
  const delisted = marketOf(ladder(20), [listed('G0', { deliveryTime: NOW })]);
  const next = select(first.members, delisted, NOBODY, RULES, 1_000 as Ms, NOW);
  expect([next.added, next.removed]).toEqual([['G4'], ['G0']]);
  const all = { ...RULES, symbols: 'all' } as const;
  const everything = choose(ladder(20), NONE, 0, all);
  expect(names(everything)).toHaveLength(20);
  expect(select(everything.members, delisted, NOBODY, all, 1_000 as Ms, NOW).removed).toEqual(['G0']);
});

test.each([
  ['auto', {}, ['A', 'C', 'OLD']],
  ['all', { exclude: ['A'] }, ['C', 'OLD']],
  [['C', 'STOCK', 'PERP'], {}, ['C', 'STOCK']],
] as const)(
  'of what is watched while somebody holds it, with symbols %j and %o only %j may be entered',
  (symbols, change, wanted) => {
    const rows = [
      listed('A'),
      listed('C'),
      listed('OLD', { symbolType: 'innovation' }),
      listed('STOCK', { symbolType: 'stock' }),
      listed('PERP', { settleCoin: 'USDC', quoteCoin: 'USDC' }),
      listed('FUTURE', { contractType: 'LinearFutures' }),
      listed('LEAVING', { deliveryTime: NOW }),
    ];
    const found = rows.filter((row) => isWanted(row, { ...RULES, ...change, symbols }, NOW));
    expect(found.map(({ instrument }) => instrument.symbol)).toEqual(wanted);
  },
);

test('each thing that makes a contract none of ours is enough by itself', () => {
  const rows = [
    listed('FUTURE', { contractType: 'LinearFutures' }),
    listed('SETTLED', { settleCoin: 'USDC' }),
    listed('QUOTED', { quoteCoin: 'USDC' }),
    listed('LATER', { status: 'PreLaunch' }),
    listed('NEXT', { status: 'PendingOpen' }),
    listed('BEFORE', { isPreListing: true }),
    listed('LEAVING', { deliveryTime: NOW }),
    listed('STOCK', { symbolType: 'stock' }),
    listed('FUND', { symbolType: 'ETF' }),
    listed('YOUNG', { launchTime: (NOW - 7 * 86_400_000 + 1) as Ms }),
    listed('EXCLUDED'),
    listed('WEEK', { launchTime: (NOW - 7 * 86_400_000) as Ms }),
    listed('INNOVATION', { symbolType: 'innovation' }),
  ];
  const ours = rows.filter((row) => isEligible(row, { ...RULES, exclude: ['EXCLUDED'] }, NOW));
  expect(ours.map((row) => row.instrument.symbol)).toEqual(['WEEK', 'INNOVATION']);
});

test('a member that slips to place 5 of 4 stays for its minimum dwell, then leaves', () => {
  const first = choose(ladder(20), NONE, 50_000);
  const slipped = ladder(20).map((row) => (row.symbol === 'G3' ? day('G3', 0.155) : row));
  const soon = choose(slipped, first.members, 649_999);
  expect(names(soon)).toContain('G3');
  expect(names(soon)).toContain('G4');
  expect(soon.removed).toEqual([]);
  const crowded = choose(slipped, first.members, 649_999, { ...RULES, slots: 8 });
  expect([crowded.added, crowded.crowdedOut], 'it takes no place of one that is chosen').toEqual([['G4'], ['G3']]);
  const later = choose(slipped, soon.members, 650_000);
  expect(later.removed).toEqual(['G3']);
});

test('a member that falls below 1.25 times the places leaves at once', () => {
  const first = choose(ladder(20));
  const fallen = ladder(20).map((row) => (row.symbol === 'G3' ? day('G3', 0.145) : row));
  expect(choose(fallen, first.members, 1_000).removed).toEqual(['G3']);
});

test('a symbol with a position never leaves, whatever becomes of it', () => {
  const first = choose(ladder(20));
  const held = new Set(['G3']);
  const without = ladder(20).filter((row) => row.symbol !== 'G3');
  let members = first.members;
  for (let round = 1; round <= 5; round++) {
    const next = choose(without, members, round * 1_000_000, RULES, held);
    members = next.members;
    expect([...members.keys()]).toContain('G3');
  }
  expect(choose(without, members, 9_000_000).removed).toContain('G3');
});

test('what is held comes first whatever memory there is, but a name that nobody lists has nothing to watch', () => {
  const held = new Set(['G9', 'GHOST', 'G10', 'G11']);
  const selection = choose(ladder(20), NONE, 0, { ...RULES, slots: 2 }, held);
  expect(names(selection)).toEqual(['G9', 'G10', 'G11']);
  expect(selection.unknown).toEqual(['GHOST']);
  const watched = choose(ladder(20), NONE, 0, { ...RULES, slots: 2 });
  expect(names(watched)).toEqual(['G0', 'G19']);
  const forgotten = ladder(20).filter((row) => row.symbol !== 'G0');
  const next = choose(forgotten, watched.members, 1_000, { ...RULES, slots: 2 }, new Set(['G9', 'G10']));
  expect(names(next), 'also before what the list has just forgotten').toEqual(['G9', 'G10']);
});

test('X02: a symbol missing from one list is kept, missing from two it goes', () => {
  const first = choose(ladder(20));
  const without = ladder(20).filter((row) => row.symbol !== 'G0');
  const once = choose(without, first.members, 1_000);
  expect(names(once)).toContain('G0');
  const back = choose(ladder(20), once.members, 2_000);
  expect(back.members.get('G0')?.isMissing).toBe(false);
  const twice = choose(without, once.members, 2_000);
  expect(twice.removed).toContain('G0');
});

test.each([
  ['all of them', 0],
  ['one of them', 19],
])(
  'X02: where an answer lacks the day of %s who is watched stays, and goes when the next one lacks it too',
  (_, kept) => {
    const first = choose(ladder(20));
    const lacking: Market = { ...marketOf(ladder(20)), days: marketOf(ladder(20).slice(20 - kept)).days };
    const once = select(first.members, lacking, NOBODY, RULES, 1_000 as Ms, NOW);
    expect(once.removed).toEqual([]);
    expect(choose(ladder(20), once.members, 2_000).removed).toEqual([]);
    expect(select(once.members, lacking, NOBODY, RULES, 2_000 as Ms, NOW).removed).toContain('G0');
    const closed = new Map(lacking.listed).set('G0', listed('G0', { status: 'Closed' }));
    const next = select(first.members, { ...lacking, listed: closed }, NOBODY, RULES, 1_000 as Ms, NOW);
    expect(next.removed, 'but what the list itself calls closed goes at once').toEqual(['G0']);
  },
);

test('a pinned list is watched as it stands, and a name nobody lists is reported', () => {
  const strangers = [
    listed('FUTURE', { contractType: 'LinearFutures' }),
    listed('USDC', { settleCoin: 'USDC' }),
    listed('PERP', { quoteCoin: 'USDC' }),
    listed('CLOSED', { status: 'Closed' }),
    listed('STOCK', { symbolType: 'stock' }),
  ];
  const symbols = ['G9', 'NOSUCH', 'FUTURE', 'USDC', 'PERP', 'CLOSED', 'STOCK', 'G10'];
  const held = new Set(['NOSUCH', 'GHOST']);
  const selection = select(NONE, marketOf(ladder(20), strangers), held, { ...RULES, symbols }, 0 as Ms, NOW);
  expect(names(selection)).toEqual(['G9', 'STOCK', 'G10']);
  expect(selection.unknown, 'each once, whoever names it').toEqual([
    'NOSUCH',
    'FUTURE',
    'USDC',
    'PERP',
    'CLOSED',
    'GHOST',
  ]);
  expect(choose(ladder(20)).unknown).toEqual([]);
});

test('all takes every perpetual, also one that nobody trades, the most traded first when memory ends', () => {
  const days = Array.from({ length: 30 }, (_, i) => day(`A${i}`, 0, i));
  const selection = choose(days, NONE, 0, { ...RULES, symbols: 'all', slots: 10 });
  expect(names(selection)).toEqual(['A29', 'A28', 'A27', 'A26', 'A25', 'A24', 'A23', 'A22', 'A21', 'A20']);
  expect(selection.crowdedOut).toHaveLength(20);
});

test('where all are taken and there are fewer places, who is there stays, however much others are traded meanwhile', () => {
  const all = { ...RULES, symbols: 'all', slots: 3 } as const;
  const first = choose([day('A', 0, 30), day('B', 0, 20), day('C', 0, 10), day('D', 0, 5)], NONE, 0, all);
  const turned = [day('A', 0, 3), day('B', 0, 2), day('C', 0, 1), day('D', 0, 50), day('E', 0, 60)];
  expect(choose(turned, first.members, 1_000, all)).toMatchObject({ added: [], removed: [] });
  const gone = select(
    first.members,
    marketOf(turned, [listed('B', { status: 'Closed' })]),
    NOBODY,
    all,
    1_000 as Ms,
    NOW,
  );
  expect([gone.added, gone.removed]).toEqual([['E'], ['B']]);
});

test('the ranking shows every eligible symbol and every member once, best change first, and who is watched', () => {
  const { ranked } = choose([...ladder(20), day('THIN', 3, 999_999)]);
  expect(ranked.map((row) => row.rank)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(ranked.filter((row) => row.watched)).toHaveLength(8);
  expect(ranked[0]?.day.symbol).toBe('G0');
  const held = choose([...ladder(20), day('THIN', 3, 999_999)], NONE, 0, RULES, new Set(['THIN']));
  expect(held.ranked[0]).toMatchObject({ day: { symbol: 'THIN' }, rank: 1, watched: true });
});

test('over any history: differences add up, slots suffice, the held stay, the best are in', () => {
  const market = fc.array(
    fc.record({ change: fc.integer({ min: -9, max: 9 }), turnover: fc.integer({ min: 0, max: 4 }) }),
    {
      minLength: 12,
      maxLength: 12,
    },
  );
  const history = fc.array(fc.record({ market, held: fc.subarray(['S0', 'S5', 'S11']) }), { maxLength: 12 });
  fc.assert(
    fc.property(history, (rounds) => {
      let members = NONE;
      rounds.forEach(({ market: rows, held }, round) => {
        const days = rows.map((row, i) => day(`S${i}`, row.change / 100, row.turnover * 500_000));
        const rules = { ...RULES, topGainersCount: 2, topLosersCount: 2, slots: 9 };
        const next = choose(days, members, round * 250_000, rules, new Set(held));
        const added = new Set(next.added);
        const removed = new Set(next.removed);
        for (const symbol of added) expect(members.has(symbol)).toBe(false);
        const applied = new Set([...[...members.keys()].filter((symbol) => !removed.has(symbol)), ...added]);
        expect(applied).toEqual(new Set(next.members.keys()));
        expect(next.members.size).toBeLessThanOrEqual(9);
        for (const symbol of held) expect(next.members.has(symbol)).toBe(true);
        const best = next.ranked.find((row) => row.day.turnover >= 1_000_000);
        expect(best === undefined || next.members.has(best.day.symbol)).toBe(true);
        members = next.members;
      });
    }),
  );
});
