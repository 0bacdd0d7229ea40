// How are orders filled on paper? Requests take their latency, meet the live books in shared memory, and are answered in the
// order in which the exchange answers. The same clock, random numbers and books give the same events.
import type { BookMemory } from '../book/layout.ts';
import { assert } from '../lib/assert.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import type { Rng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { percentOf, type Money } from '../market/money.ts';
import type { Slot } from '../market/units.ts';
import type { GatewayEvent, GatewayRequest, OnGatewayEvent, OrderGateway } from '../order/gateway.ts';
import type { Path } from '../order/words.ts';
import type { TapeMemory } from '../tape/layout.ts';
import { ONE, type Rate } from './contract.ts';
import { PaperExchange } from './exchange.ts';
import { Liquidity } from './liquidity.ts';
import { Prices } from './prices.ts';
import type { ContractOf } from './trading.ts';

export interface PaperOptions {
  readonly balance: Money;
  /** Hundredths: of every symbol until it is set. */
  readonly leverage: number;
  readonly takerFeePercent: number;
  /** From handing a request over until it meets the book and is answered. */
  readonly latencyMsMin: number;
  readonly latencyMsMax: number;
  readonly contractOf: ContractOf;
}

export interface PaperGateway extends OrderGateway {
  /** The book, the tape or a fact of this slot has changed: stops look at it. Cheap where there is no position. */
  moved(slot: Slot): void;
}

const PATHS: readonly Path[] = ['trade-socket', 'rest-1', 'rest-2'];
const PULSE_MS = 5_000 as Ms;
const SECOND_MS = 1_000;
/** Of the exchange's ten orders a second half is kept for closes. */
const ENTRIES_MAX = 5;
const ORDERS_MAX = 10;

/** Ticks and lots of a request are counted on the grid of when it was sent. */
interface Sent {
  readonly request: GatewayRequest;
  readonly grid: Instrument | undefined;
}

/** '' where none is named. */
const symbolOf = (request: GatewayRequest): string =>
  request.kind === 'create' ? request.order.symbol : 'symbol' in request ? request.symbol : '';

export function createPaperGateway(
  options: PaperOptions,
  books: BookMemory,
  tape: TapeMemory,
  clock: Clock,
  rng: Rng,
  onEvent: OnGatewayEvent,
): PaperGateway {
  const { balance, leverage, latencyMsMin, latencyMsMax, contractOf } = options;
  const takerFee: Rate = percentOf(ONE, options.takerFeePercent);
  assert(latencyMsMin <= latencyMsMax, 'the least latency is not above the most');
  const liquidity = new Liquidity(books);
  const events: GatewayEvent[] = [];
  let isClosed = false;
  /** What falls due by it is told at once. */
  const ours: Clock = {
    monotonic: () => clock.monotonic(),
    wall: () => clock.wall(),
    after: (delay, act) => clock.after(delay, () => told(act)),
    every: (period, act) => clock.every(period, () => told(act)),
  };
  const exchange = new PaperExchange(
    { balance, leverage, takerFee },
    contractOf,
    liquidity,
    new Prices(tape, liquidity),
    ours,
    (event) => void events.push(event),
  );
  /** On each path: whichever time is over first, what was sent first arrives, so that nothing overtakes there. */
  const underWay = new Map<Path, Sent[]>(PATHS.map((path) => [path, []]));
  const spent = { second: 0, entries: 0, all: 0 };

  /** Only whole states are told: a listener may ask and send while it hears, and what that comes to falls due later. */
  function told(act: () => void): void {
    if (isClosed) return;
    act();
    for (let event = events.shift(); event !== undefined; event = events.shift()) onEvent(event);
  }

  /** An order takes its token at once; without one its bytes never leave. */
  function leaves(request: GatewayRequest): boolean {
    if (request.kind !== 'create') return true;
    const isEntry = request.order.role === 'E';
    const second = Math.floor(clock.monotonic() / SECOND_MS);
    if (second !== spent.second) Object.assign(spent, { second, entries: 0, all: 0 });
    if (spent.all >= ORDERS_MAX || (isEntry && spent.entries >= ENTRIES_MAX)) return false;
    spent.all++;
    if (isEntry) spent.entries++;
    return true;
  }

  function pulse(): void {
    events.push({ kind: 'private-alive' }, { kind: 'clock', offsetMs: 0, errorMs: 0 });
  }

  const begun = ours.after(0 as Ms, () => {
    for (const link of [...PATHS, 'private'] as const) events.push({ kind: 'link', link, up: true, reason: 'paper' });
    pulse();
  });
  const pulses = ours.every(PULSE_MS, pulse);

  return {
    send(request) {
      const { requestId, path } = request;
      const lane = underWay.get(path);
      assert(lane !== undefined, `${path} is a path`);
      if (!leaves(request)) {
        const answer = { outcome: 'not-sent', reason: 'no token left in this second' } as const;
        ours.after(0 as Ms, () => void events.push({ kind: 'answer', requestId, path, answer }));
        return;
      }
      lane.push({ request, grid: contractOf(symbolOf(request))?.instrument });
      ours.after((latencyMsMin + rng.below(latencyMsMax - latencyMsMin + 1)) as Ms, () => {
        const first = lane.shift();
        if (first !== undefined) exchange.perform(first.request, first.grid);
      });
    },
    moved: (slot) => told(() => exchange.moved(slot)),
    close() {
      isClosed = true;
      begun.cancel();
      pulses.cancel();
      exchange.close();
      return Promise.resolve();
    },
  };
}
