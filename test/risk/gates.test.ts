import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createView, type BookView } from '../../src/book/read.ts';
import { createRng } from '../../src/lib/rng.ts';
import { priceText, type Instrument } from '../../src/market/instrument.ts';
import { ASK } from '../../src/market/side.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { GATE_NAMES } from '../../src/risk/gate-name.ts';
import { decide } from '../../src/risk/gate.ts';
import type { ApprovedEntry, EntryTerms } from '../../src/risk/gate.ts';
import { lastLook } from '../../src/risk/gates-market.ts';
import type { Situation } from '../../src/risk/situation.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { compare } from './gates-against-oracle.ts';
import { randomSpoils, situationOf, SPOIL_NAMES } from './situations.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const spoils = fc.array(fc.constantFrom(...SPOIL_NAMES), { maxLength: 4 });
const view = createView();

/** A bounce off a bid: of the two counts by side only the long ones matter, and of the two permissions the bounce's. */
function approvedSituation(): ReturnType<typeof situationOf> {
  for (let seed = 1; ; seed++) {
    const situation = situationOf(seed, []);
    const verdict = decide(situation);
    if (verdict.kind !== 'approved') continue;
    if (verdict.entry.strategy === 'bounce' && verdict.entry.position === 'long') return situation;
  }
}

test('the gates refuse what the table refuses, by the same gate, and approve the same order', () => {
  fc.assert(
    fc.property(seeds, spoils, (seed, names) => {
      const { agree, text } = compare(situationOf(seed, names, view));
      if (!agree) throw new Error(text);
    }),
    { numRuns: 5_000 },
  );
});

test('every gate is the one that refuses, somewhere in a small run, and each time by the table', () => {
  const rng = createRng(11);
  const hits = new Set<number>();
  const disagreements: string[] = [];
  for (let i = 0; i < 8_000; i++) {
    const { gate, agree, text } = compare(situationOf(rng.below(2 ** 31), randomSpoils(rng), view));
    hits.add(gate);
    if (!agree) disagreements.push(text);
  }
  const silent = GATE_NAMES.filter((_, index) => !hits.has(index + 1));
  expect(silent).toEqual([]);
  expect(hits.has(0)).toBe(true);
  expect(disagreements).toEqual([]);
});

describe('what is not known refuses', () => {
  /** Every place of a situation that holds something, as a path; a book, a grid and a list are one thing each. */
  function placesOf(value: unknown, path: readonly string[] = []): string[][] {
    const isOne = path[0] === 'book' || path.at(-1) === 'instrument' || Array.isArray(value);
    if (typeof value !== 'object' || value === null || isOne) return [[...path]];
    const inner = Object.entries(value).flatMap(([key, child]) => placesOf(child, [...path, key]));
    return path.length === 0 ? inner : [[...path], ...inner];
  }

  function changed(path: readonly string[], to: unknown): Situation {
    const situation = approvedSituation();
    let at = situation as unknown as Record<string, unknown>;
    for (const key of path.slice(0, -1)) {
      const copy = { ...(at[key] as Record<string, unknown>) };
      at[key] = copy;
      at = copy;
    }
    at[path.at(-1) as string] = to;
    return situation;
  }

  const facts = placesOf(approvedSituation()).filter(
    ([first, , third]) => ['system', 'account', 'symbol'].includes(first as string) && third === undefined,
  );
  test.each(facts.filter((path) => path.length === 2 && path[1] !== 'breakoutAllowed').map((path) => path.join('.')))(
    '%s',
    (path) => {
      expect(decide(changed(path.split('.'), undefined)).kind).toBe('denied');
    },
  );
  test.each(['exchangeMs', 'contract', 'book', 'contract.nextFundingMs', 'contract.fundingRate'])('%s', (path) => {
    expect(decide(changed(path.split('.'), undefined)).kind).toBe('denied');
  });

  const numbers = placesOf(approvedSituation()).filter((path) => {
    const isOurs = !['settings', 'rules', 'book'].includes(path[0] as string);
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], approvedSituation());
    return isOurs && typeof value === 'number';
  });
  const harmless = /price$|slot$|peak$|current$|short$/;
  test.each(numbers.map((path) => path.join('.')))('A08: %s that is nonsense is judged, not thrown at', (path) => {
    const said = [NaN, Infinity, -Infinity, 1.5, -1].map((nonsense) => decide(changed(path.split('.'), nonsense)).kind);
    expect(said).toHaveLength(5);
    expect(harmless.test(path) || said[0] === 'denied').toBe(true);
  });

  test('a book without levels, as before its first snapshot, is refused as one and not sized from', () => {
    const { epoch, tenancy, trust } = approvedSituation().book as BookView;
    const book = Object.assign(createView(), { epoch, tenancy, trust });
    const said = Array.from({ length: 8 }, (_, seed) => decide({ ...situationOf(seed, []), book }));
    expect(said).toEqual(said.map(() => ({ kind: 'denied', denied: 'G09 book', detail: 'a side is empty' })));
  });

  test.each([
    ['low', 0],
    ['middle', 0],
    ['low', Number.MAX_SAFE_INTEGER],
    ['side', 2],
    ['peak', NaN],
    ['current', NaN],
  ])('A08: a signal whose %s is %d makes no sense', (field, nonsense) => {
    expect(decide(changed(['offer', 'signal', field], nonsense))).toMatchObject({
      kind: 'denied',
      detail: 'signal makes no sense',
    });
  });
});

test.each<[string, (s: ReturnType<typeof situationOf>) => unknown]>([
  ['G01 mode: mode is unknown', (s) => (s.system.mode = undefined)],
  ['G01 mode: mode is HALTED', (s) => (s.system.mode = 'HALTED')],
  ['G01 mode: blocked by disk, clock', (s) => (s.system.blocks = ['disk', 'clock'])],
  ['G02 kill_switch: not known whether killed by file', (s) => (s.system.killedByFile = undefined)],
  ['G02 kill_switch: killed in the journal', (s) => (s.system.killedInJournal = true)],
  ['G04 private_stream: not reconciled since the private stream came up', (s) => (s.system.reconciledAt = undefined)],
  ['G04 private_stream: reconciled 15000 ms ago', (s) => (s.system.reconciledAt = (s.now - 15_000) as Ms)],
  ['G05 clock_offset: clock is off by -501 ms', (s) => (s.system.clock = { offsetMs: -501, measuredAt: s.now })],
  [
    'G05 clock_offset: clock offset measured 120000 ms ago',
    (s) => (s.system.clock = { offsetMs: 0, measuredAt: (s.now - 120_000) as Ms }),
  ],
  ['G06 lag_and_age: loop lag unknown', (s) => (s.system.loopLagMs = undefined)],
  ['G06 lag_and_age: signal is 501 ms old', (s) => (s.offer.signal.receivedMs = s.now - 501)],
  [
    'G10 price_deviation: last price 2.00 % from the mark price',
    (s) => {
      s.symbol.lastTick = 102_000 as Tick;
      s.symbol.mark = { tick: 100_000 as Tick, readAt: s.now };
    },
  ],
  ['G13 intent: intents unknown', (s) => (s.symbol.intent = undefined)],
  ['G13 intent: an intent is live', (s) => (s.symbol.intent = 'live')],
  ['G13 intent: not known whether the signal was used', (s) => (s.symbol.signalUsed = undefined)],
  ['G13 intent: the signal was used', (s) => (s.symbol.signalUsed = true)],
  ['G22 cooldown: 5 losses in a row', (s) => (s.account.lossesInRow = 5)],
  ['G22 cooldown: the symbol rests for 7 ms', (s) => (s.symbol.cooldownUntil = ((s.exchangeMs ?? 0) + 7) as Ms)],
  ['G24 rejects: 3 rejects in a row, 4 over all symbols', (s) => (s.symbol.rejects = { symbol: 3, total: 4 })],
  [
    'G30 account_setting: leverage is 12.5, not 5',
    (s) => {
      s.settings.leverage = 5;
      s.symbol.leverage = 1_250;
    },
  ],
  [
    'G30 account_setting: leverage is unknown, not 5',
    (s) => {
      s.settings.leverage = 5;
      s.symbol.leverage = undefined;
    },
  ],
])('a refusal says by what it was judged: %s', (text, spoil) => {
  const situation = approvedSituation();
  spoil(situation);
  const verdict = decide(situation);
  expect(verdict.kind === 'denied' ? `${verdict.denied}: ${verdict.detail}` : undefined).toBe(text);
});

test('G27: a maintenance that was announced beside an earlier one keeps entries away as well, when that one is over', () => {
  const { exchangeMs = 0, system, ...situation } = approvedSituation();
  const minute = (count: number): Ms => (exchangeMs + count * 60_000) as Ms;
  const maintenance = [
    { fromMs: minute(60), untilMs: minute(90) },
    { fromMs: minute(10), untilMs: minute(30) },
  ];
  const refusalAt = (at: Ms): string | undefined => {
    const verdict = decide({ ...situation, exchangeMs: at, system: { ...system, maintenance } });
    return verdict.kind === 'denied' ? `${verdict.denied}: ${verdict.detail}` : undefined;
  };
  expect(refusalAt(minute(0))).toBeUndefined();
  expect(refusalAt(minute(20))).toBe('G27 funding_and_maintenance: maintenance in -600000 ms');
  expect(refusalAt(minute(30))).toBeUndefined();
  expect(refusalAt(minute(51))).toBe('G27 funding_and_maintenance: maintenance in 540000 ms');
  expect(refusalAt(minute(90))).toBeUndefined();
});

describe('G32: what a funding takes is a cost', () => {
  const MINUTE = 60_000;
  const { contract, exchangeMs, rules, ...rest } = approvedSituation();
  const entryTick = rest.book?.ticks[ASK][0] as number;

  /** How far away is the stop of a long position, where it is the cost that places it? Or why is it refused? */
  function judgedOf(
    inMs: number,
    fundingRate: number | undefined,
    maxHoldingMinutes = 30,
    hours = 8,
  ): string | number | undefined {
    const nextFundingMs = ((exchangeMs as Ms) + inMs) as Ms;
    const told = { ...contract, nextFundingMs, fundingRate, fundingIntervalMs: (hours * 3_600_000) as Ms };
    const held = { ...rules, maxHoldingMinutes, maxCostToStopRatio: 0.1, maxStopPercent: 3 };
    const verdict = decide({ ...rest, exchangeMs, rules: held, contract: told as NonNullable<typeof contract> });
    return verdict.kind === 'denied' ? `${verdict.denied}: ${verdict.detail}` : entryTick - verdict.entry.stop.tick;
  }

  const TOO_DEAR = 'G32 cost: cost too large a part of the stop distance with the funding that comes';

  test('who would pay two percent within the longest holding does not enter; who is paid does', () => {
    expect(judgedOf(12 * MINUTE, 0.02)).toBe(TOO_DEAR);
    expect(judgedOf(12 * MINUTE, -0.02)).toBe(19);
  });

  test('one that comes after the longest holding is nobody’s cost', () => {
    expect(judgedOf(30 * MINUTE, 0.02)).toBe(TOO_DEAR);
    expect(judgedOf(30 * MINUTE + 1, 0.02)).toBe(19);
  });

  test('an ordinary one moves the stop away, as any other cost does; hour after hour it adds up', () => {
    expect(judgedOf(12 * MINUTE, 0.0001)).toBe(20);
    expect(judgedOf(12 * MINUTE, 0.0001, 6 * 60, 1)).toBe(26);
    expect(judgedOf(12 * MINUTE, 0.0001, 24 * 60, 1)).toBe(TOO_DEAR);
  });

  test('a rate that nobody has told is not taken for none', () => {
    expect(judgedOf(12 * MINUTE, undefined)).toBe('G32 cost: funding unknown');
  });
});

describe('G27: a funding keeps entries away', () => {
  const HOUR = 3_600_000;

  /** What is refused so long after a funding that was the last one told. */
  function refusedAfter(ms: number, intervalMs = 8 * HOUR, passed = ms): string | undefined {
    const { contract, exchangeMs = 0, ...situation } = approvedSituation();
    if (contract === undefined) throw new Error('the situation is sound');
    const nextFundingMs = (exchangeMs - passed) as Ms;
    const told = { ...contract, nextFundingMs, fundingIntervalMs: intervalMs as Ms };
    const verdict = decide({ ...situation, exchangeMs: exchangeMs as Ms, contract: told });
    return verdict.kind === 'denied' ? `${verdict.denied}: ${verdict.detail}` : undefined;
  }

  test('one that has passed comes again an interval later, though nobody has told its time yet', () => {
    expect(refusedAfter(60_000)).toBeUndefined();
    expect(refusedAfter(8 * HOUR - 120_000)).toBeUndefined();
    expect(refusedAfter(8 * HOUR - 119_999)).toBe('G27 funding_and_maintenance: funding in 119999 ms');
    expect(refusedAfter(8 * HOUR + 60_000)).toBeUndefined();
    expect(refusedAfter(HOUR - 60_000, HOUR)).toBe('G27 funding_and_maintenance: funding in 60000 ms');
  });

  test('in the seconds after it nobody enters: it may still be charged', () => {
    expect(refusedAfter(0)).toBe('G27 funding_and_maintenance: funding in 0 ms');
    expect(refusedAfter(9_999)).toBe('G27 funding_and_maintenance: funding 9999 ms ago');
    expect(refusedAfter(9_999, 8 * HOUR, 9_999 - 8 * HOUR)).toBe('G27 funding_and_maintenance: funding 9999 ms ago');
    expect(refusedAfter(10_000)).toBeUndefined();
  });

  test.each([0, NaN])('an interval of %s tells no next one', (intervalMs) => {
    expect(refusedAfter(60_000, intervalMs)).toBe('G27 funding_and_maintenance: next funding unknown');
  });
});

test('G25: filled at the worst price that it accepts, an entry has its stop within four fifths of the way to liquidation yet (I-08)', () => {
  const { contract, symbol, settings, rules, ...rest } = approvedSituation();
  const told = { ...contract, leverageMax: 10_000 } as NonNullable<typeof contract>;
  const verdictAt = (leverage: number) =>
    decide({
      ...rest,
      contract: told,
      symbol: { ...symbol, leverage: leverage * 100 },
      settings: { ...settings, leverage },
      rules: { ...rules, maxSlippagePercent: 1 },
    });
  const most = Array.from({ length: 100 }, (_, i) => i + 1).findLast((times) => verdictAt(times).kind === 'approved');
  const verdict = verdictAt(most ?? 0);
  if (verdict.kind !== 'approved') throw new Error('the situation is sound');
  const { capTick: paid, stop } = verdict.entry;
  const share = (leverage: number): number => (paid - stop.tick) / ((paid * (1 / leverage - 0.01)) / 1.01);
  expect([share(most ?? 0) <= 0.8, share((most ?? 0) + 1) <= 0.8]).toEqual([true, false]);
  expect(verdictAt((most ?? 0) + 1)).toMatchObject({ denied: 'G25 stop', detail: 'too near to liquidation' });
});

test('G34: where the way ends is told as a price, not as a tick', () => {
  const situation = approvedSituation();
  const { contract, book } = situation;
  const ask = book?.ticks[1][0] as Tick;
  const ahead = { ...situation, symbol: { ...situation.symbol, counterTicks: [ask] } };
  const price = priceText(ask, contract?.instrument as Instrument);
  expect(decide(ahead)).toMatchObject({ denied: 'G34 room', detail: `the way ends at ${price}` });
});

test('O27: the last look before sending refuses an old signal, another epoch, a vanished density and a moved price', () => {
  const situation = approvedSituation();
  const { offer, book, rules, now } = situation;
  expect(lastLook(offer, book, rules, now)).toBeUndefined();
  expect(lastLook(offer, book, rules, (now + 600) as Ms)?.denied).toBe('G06 lag_and_age');
  expect(lastLook(offer, undefined, rules, now)?.denied).toBe('G09 book');
  const elsewhere = { ...offer, signal: { ...offer.signal, epoch: 99 } };
  expect(lastLook(elsewhere, book, rules, now)?.denied).toBe('G09 book');
  const before = { ...offer, signal: { ...offer.signal, middle: Math.round(offer.signal.middle * 0.9) } };
  expect(lastLook(before, book, rules, now)?.denied).toBe('G12 drift');
  const grown = { ...offer, signal: { ...offer.signal, current: 1e14, peak: 0 } };
  expect(lastLook(grown, book, rules, now)?.denied).toBe('G11 density_now');
});

test('an order that no gate has approved does not compile', () => {
  const send = (entry: ApprovedEntry): string => entry.symbol;
  const verdict = decide(approvedSituation());
  if (verdict.kind !== 'approved') throw new Error('the situation is sound');
  expect(send(verdict.entry)).toBe('ANYUSDT');
  const copy: EntryTerms = structuredClone(verdict.entry);
  // @ts-expect-error terms alone are no approval
  send(copy);
  // @ts-expect-error neither are terms that were changed after it
  send({ symbol: 'ANYUSDT', lots: 1 });
  // @ts-expect-error nor a copy of an approval with another size
  // oxlint-disable-next-line typescript/no-misused-spread -- the mark is what gets lost by it
  send({ ...verdict.entry, lots: 9 as Lot });
  // @ts-expect-error an approved entry stays as it was approved
  expect(() => (verdict.entry.lots = 9)).toThrow(TypeError);
});
