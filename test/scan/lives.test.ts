// Does every density live and die as the plain reading of strategy 3 says, message by message?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { arbitrarySession, type PlainSession } from '../oracle/arbitrary.ts';
import { PlainLives } from '../oracle/life.ts';
import type { PlainEvent } from '../oracle/life-record.ts';
import { FastMarket, type FastLife } from './fast-market.ts';
import { scanParams } from './plain-params.ts';

const SEED = Number(process.env['PLOTNOST_SEED'] ?? 20_261_126);

/** What happens at a book message: it comes alone, a scan waits for the next one too, it is lost, its time is wrong, all of it or that of matching alone, or it is a snapshot, perhaps one from before. */
type Delivery = 'scanned' | 'bundled' | 'lost' | 'mistimed' | 'misdated' | 'dated back' | 'snapshot' | 'old snapshot';

const OLD_MS = 400;
const WRONG_MS = 3_600_000;
const BACK_MS = 60_000;

interface Told {
  readonly kind: string;
  readonly id: number;
  readonly [fact: string]: unknown;
}

const inOrder = (told: Told[]): Told[] =>
  told.toSorted((a, b) => a.id - b.id || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Ids of the engine are its own: births are joined by where they stand. */
class Names {
  readonly #plain = new Map<string, number>();
  readonly #ids = new Map<number, number>();

  born(events: readonly PlainEvent[]): void {
    this.#plain.clear();
    for (const event of events)
      if (event.kind === 'born') this.#plain.set(`${event.side} ${event.lowTick} ${event.highTick}`, event.id);
  }

  of(event: AnalysisEvent): number {
    if (event.kind === 'birth')
      this.#ids.set(event.life, this.#plain.get(`${event.side} ${event.low} ${event.high}`) ?? -1 - event.life);
    return this.#ids.get(event.life) ?? -1 - event.life;
  }
}

function toldFast(events: readonly AnalysisEvent[], names: Names): Told[] {
  return inOrder(
    events.flatMap((event): Told[] => {
      const { kind, side, low, high, firstSeenMs, current, peak, state, label } = event;
      const id = names.of(event);
      if (kind === 'birth') return [{ kind, id, side, low, high, firstSeenMs, current }];
      if (kind === 'state') return [{ kind, id, state }];
      if (kind === 'erosion') return [{ kind, id, tenths: Math.floor(((peak - current) * 10) / peak) }];
      if (kind !== 'label') return [];
      const { eaten, pulled, refilled, traded, rpi, crossed } = event;
      return [{ kind, id, label, current, peak, eaten, pulled, refilled, traded, rpi, crossed }];
    }),
  );
}

function toldPlainly(events: readonly PlainEvent[], lives: PlainLives): Told[] {
  return inOrder(
    events.map((event): Told => {
      const { id } = event;
      switch (event.kind) {
        case 'born': {
          const { side, lowTick: low, highTick: high, firstSeenMs, notional: current } = event;
          return { kind: 'birth', id, side, low, high, firstSeenMs, current };
        }
        case 'state':
          return { kind: 'state', id, state: event.state };
        case 'erosion':
          return { kind: 'erosion', id, tenths: event.tenths };
        case 'label': {
          const life = lives.all[id];
          if (life === undefined) throw new Error(`life ${id} is known`);
          const { current, peak, eaten, pulled, refilled, traded, rpi, crossed } = life;
          return {
            kind: 'label',
            id,
            label: event.label,
            current,
            peak,
            eaten,
            pulled,
            refilled,
            traded,
            rpi,
            crossed,
          };
        }
      }
    }),
  );
}

/** What was there when it was born, and all that was booked since. */
const booked = ({ initial, refilled, pulled, traded, adjusted }: AnalysisEvent): number =>
  initial + refilled - pulled - traded + adjusted;

const sharePrices = (lives: readonly FastLife[]): boolean =>
  lives.some((a, i) =>
    lives.slice(i + 1).some((b) => a.side === b.side && a.lowTick <= b.highTick && b.lowTick <= a.highTick),
  );

function compare(session: PlainSession, deliveries: readonly Delivery[]): void {
  const plain = new PlainLives(session.depth, session.instrument, session.params);
  const fast = new FastMarket(session.depth, session.instrument.notionalUnit, scanParams(session.params));
  const names = new Names();
  // The engine reads a trade with the message after it: the last ones have none. And nothing is scanned after the end.
  const last = session.steps.findLastIndex(({ kind }) => kind === 'message');
  let before: Delivery | undefined;
  let behindMs = 0;
  let heardMs = 0;
  for (const [i, step] of session.steps.slice(0, last + 1).entries()) {
    if (step.kind === 'trade') {
      plain.trade(step.trade);
      fast.trade(step.trade);
      continue;
    }
    const chosen = before === undefined ? 'scanned' : (deliveries[step.message.u % deliveries.length] ?? 'scanned');
    const delivery = i === last && !chosen.endsWith('snapshot') ? 'scanned' : chosen;
    const isReset = before === 'lost' || delivery.endsWith('snapshot');
    // The messages behind an old snapshot catch up with the time.
    behindMs = delivery === 'old snapshot' ? OLD_MS : Math.floor(behindMs / 2);
    const aheadMs = delivery === 'mistimed' ? WRONG_MS : 0;
    const message = { ...step.message, cts: step.message.cts - behindMs + aheadMs };
    before = delivery;
    if (delivery === 'lost') continue;
    const isScanned = delivery !== 'bundled';
    const events = isReset ? plain.resync(message, isScanned) : plain.message(message, isScanned);
    // One time alone is wrong: where the one before was too, nobody can tell.
    const wrongMs = delivery === 'misdated' ? WRONG_MS : delivery === 'dated back' ? -BACK_MS : 0;
    const isBefore = message.cts < heardMs;
    fast.take({ ...message, cts: message.cts + (isBefore ? 0 : wrongMs) }, isReset ? true : undefined, message.cts);
    heardMs = message.cts;
    if (!isScanned) continue;
    names.born(events);
    const heard = fast.scan();
    expect(toldFast(heard, names), `message ${message.u}`).toEqual(toldPlainly(events, plain));
    expect(sharePrices(fast.lives()), `prices at ${message.u}`).toBe(false);
    expect(heard.map(booked), `sums at ${message.u}`).toEqual(heard.map(({ current }) => current));
  }
  expect(toldFast(fast.finish(), names), 'at the end').toEqual(toldPlainly(plain.finish(), plain));
}

/** The engine keeps the peak of its window in sixtieths of it; here no window ends. */
const session = arbitrarySession().map((one) => ({
  ...one,
  params: { ...one.params, densityPeakWindowMs: 3_600_000 },
}));

test('scanned after every message: births, states, erosion, labels and all sums are those of the plain reading', () => {
  fc.assert(
    fc.property(session, (one) => compare(one, [])),
    { numRuns: 250, seed: SEED },
  );
});

test('scanned after bundles of messages, with lost ones and new snapshots, they are so as well', () => {
  const delivery = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Delivery>('scanned') },
    { weight: 6, arbitrary: fc.constant<Delivery>('bundled') },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Delivery>('lost', 'mistimed', 'misdated', 'dated back', 'snapshot', 'old snapshot'),
    },
  );
  const deliveries = fc.array(delivery, { minLength: 1, maxLength: 61, size: 'max' });
  fc.assert(
    fc.property(session, deliveries, (one, how) => compare(one, how)),
    { numRuns: 250, seed: SEED },
  );
});
