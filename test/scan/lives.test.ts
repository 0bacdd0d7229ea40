// Does every density live and die as the plain reading of strategy 3 says, message by message?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBooks } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/ingest.ts';
import type { Depth } from '../../src/bybit/ingest-port.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { createLives, PARAMS_AT } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import { createTape } from '../../src/tape/layout.ts';
import { arbitrarySession, type PlainSession } from '../oracle/arbitrary.ts';
import { PlainLives } from '../oracle/life.ts';
import type { PlainEvent, PlainMessage, PlainTrade } from '../oracle/life-record.ts';
import { instrumentWorth, scanParams } from './plain-params.ts';

const SLOT = 0 as Slot;
const CONNECTION = 1;
/** Another one explores: PLOTNOST_SEED=… */
const SEED = Number(process.env['PLOTNOST_SEED'] ?? 20_261_126);

/** The engine's own core, fed with frames as the exchange would print them. */
class FastLives {
  readonly #instrument;
  readonly #ingest: Ingest;
  readonly #analysis: InlineAnalysis;
  readonly #depth: number;
  #events: AnalysisEvent[] = [];

  constructor({ depth, instrument, params }: PlainSession) {
    this.#depth = depth;
    this.#instrument = instrumentWorth(instrument.notionalUnit);
    const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
    this.#ingest = new Ingest(memory.books, memory.tape, 240);
    this.#ingest.attach(SLOT, this.#instrument, depth as Depth);
    this.#ingest.bind(SLOT, CONNECTION);
    writeParams(memory.lives.numbers, PARAMS_AT, scanParams(params), this.#instrument);
    this.#analysis = new InlineAnalysis(memory, (event) => this.#events.push(event));
  }

  trade({ T, taker, tick, lot, rpi, block }: PlainTrade): void {
    const { p, v } = this.#printed(tick, lot);
    const S = taker === 'buy' ? 'Buy' : 'Sell';
    const row = { T, s: 'XUSDT', S, v, p, L: 'PlusTick', i: 'x', BT: block, RPI: rpi };
    this.#send({ topic: 'publicTrade.XUSDT', type: 'snapshot', ts: T, data: [row] });
  }

  message({ changes, u, cts }: PlainMessage, isFirst: boolean): AnalysisEvent[] {
    const side = (which: 0 | 1): string[][] =>
      changes
        .filter((change) => change.side === which)
        .map(({ tick, newLot }) => Object.values(this.#printed(tick, newLot)));
    const data = { s: 'XUSDT', b: side(0), a: side(1), u, seq: u };
    this.#send({ topic: `orderbook.${this.#depth}.XUSDT`, type: isFirst ? 'snapshot' : 'delta', ts: cts, data, cts });
    this.#analysis.scan(SLOT);
    return this.#take();
  }

  finish(): AnalysisEvent[] {
    this.#analysis.end();
    return this.#take();
  }

  #printed(tick: number, lot: number): { p: string; v: string } {
    return { p: priceText(tick as Tick, this.#instrument), v: sizeText(lot as Lot, this.#instrument) };
  }

  #send(frame: object): void {
    const outcome = this.#ingest.frame(Buffer.from(JSON.stringify(frame)), CONNECTION, 0 as Ms);
    if (!['snapshot', 'delta', 'trade'].includes(outcome)) throw new Error(`a frame was not taken: ${outcome}`);
  }

  #take(): AnalysisEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

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
      const { kind, side, low, high, firstSeenMs, current, state, label } = event;
      const id = names.of(event);
      if (kind === 'birth') return [{ kind, id, side, low, high, firstSeenMs, current }];
      if (kind === 'state') return [{ kind, id, state }];
      if (kind !== 'label') return [];
      const { eaten, pulled, refilled, traded, rpi, crossed, peak } = event;
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

function compare(session: PlainSession): void {
  const plain = new PlainLives(session.depth, session.instrument, session.params);
  const fast = new FastLives(session);
  const names = new Names();
  let isFirst = true;
  // The engine reads a trade with the message after it: the last ones have none.
  const last = session.steps.findLastIndex(({ kind }) => kind === 'message');
  for (const step of session.steps.slice(0, last + 1)) {
    if (step.kind === 'trade') {
      plain.trade(step.trade);
      fast.trade(step.trade);
      continue;
    }
    const events = plain.message(step.message);
    names.born(events);
    const where = `message ${step.message.u}`;
    expect(toldFast(fast.message(step.message, isFirst), names), where).toEqual(toldPlainly(events, plain));
    isFirst = false;
  }
  expect(toldFast(fast.finish(), names), 'at the end').toEqual(toldPlainly(plain.finish(), plain));
}

/** The engine keeps the peak of its window in sixtieths of it; here no window ends. */
function withParams(session: PlainSession, params: Partial<PlainSession['params']>): PlainSession {
  return { ...session, params: { ...session.params, densityPeakWindowMs: 3_600_000, ...params } };
}

test('densities and clusters: births, states, labels and all sums are those of the plain reading', () => {
  const wholeBooks = arbitrarySession().filter(({ depth }) => depth === 50);
  fc.assert(
    fc.property(wholeBooks, (session) => compare(withParams(session, {}))),
    { numRuns: 250, seed: SEED },
  );
});

// Of a cluster that left the window in parts the engine keeps one sum and not one a level, so here levels stand alone.
test('at the edge of the window nothing is pulled that only cannot be seen', () => {
  const windows = arbitrarySession().filter(({ depth }) => depth < 50);
  fc.assert(
    fc.property(windows, (session) => compare(withParams(session, { clusterMaxLevels: 1 }))),
    { numRuns: 400, seed: SEED },
  );
});
