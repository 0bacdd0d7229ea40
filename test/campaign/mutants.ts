// Which bugs must the campaign find? Each is planted between the desk and the wire, or between the engine and its disk.
import type { Lot, Slot } from '../../src/market/units.ts';
import type { GatewayRequest } from '../../src/order/gateway.ts';
import { reducingOrder } from '../../src/order/outbound.ts';
import { BASE_KEY, BEST_KEY, EPOCH, GENERATION, LADDER_AT, MESSAGE, WINDOW_MASK } from '../../src/book/layout.ts';
import type { Invariant } from './judge.ts';
import type { Mutation } from './life.ts';

export interface Mutant extends Mutation {
  readonly name: string;
  /** The row of the catalogue under which it shows. */
  readonly row: string;
  readonly breaks: Invariant;
}

type Fields = Record<string, unknown>;
type Create = Extract<GatewayRequest, { kind: 'create' }>;

/** Changes the order within a text, over the trade socket or over REST. */
function inOrder(text: string, change: (order: Fields) => void): string {
  if (!text.includes('"orderLinkId"')) return text;
  const message = JSON.parse(text) as Fields & { readonly args?: readonly Fields[] };
  change(message.args?.[0] ?? message);
  return JSON.stringify(message);
}

const isEntry = (request: GatewayRequest): request is Create => request.kind === 'create' && request.order.role === 'E';
const isClose = (request: GatewayRequest): request is Create => request.kind === 'create' && request.order.role !== 'E';

/** The same order under another id of ours. */
function renamed({ requestId, order, ...rest }: Create): GatewayRequest {
  const linkId = order.linkId.replace(/-([0-9a-z]+)-E$/, '-$1zz-E');
  const copy = JSON.parse(JSON.stringify(order).replaceAll(order.linkId, linkId)) as Create['order'];
  return { ...rest, requestId: requestId + 1_000_000, order: copy };
}

type StopSetting = Extract<GatewayRequest, { kind: 'set-stop' }>;

/** A stop is set again and again where a close should leave; the last setting of each symbol is what is repeated. */
function neverCloses(): Pick<Mutant, 'request' | 'text'> {
  const last = new Map<string, StopSetting>();
  return {
    request(request) {
      if (request.kind === 'set-stop') last.set(request.symbol, request);
      const setting = isClose(request) ? last.get(request.order.symbol) : undefined;
      return setting === undefined ? request : { ...setting, requestId: request.requestId };
    },
    // The exchange refuses each of them: there is no such leg of the position.
    text: (text) =>
      text.includes('"tpslMode"') && !text.includes('"orderLinkId"')
        ? text.replace('"positionIdx":0', '"positionIdx":1')
        : text,
  };
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'an entry carries no stop',
    row: 'O28',
    breaks: 'I-07',
    text: (text) =>
      inOrder(text, (order) => {
        for (const field of ['stopLoss', 'slTriggerBy', 'tpslMode', 'slOrderType']) delete order[field];
      }),
  },
  {
    name: 'an entry whose outcome is not known is sent again under another id',
    row: 'O01',
    breaks: 'I-05',
    again: (request, event) =>
      isEntry(request) && event.kind === 'answer' && event.answer.outcome === 'unknown' ? renamed(request) : undefined,
  },
  {
    name: 'the stop is taken away before its position is flat',
    row: 'P18',
    breaks: 'I-07',
    request(request, { exchange, uid }) {
      if (isClose(request)) {
        const { symbol } = request.order;
        exchange.stage.venue.tradingStop(uid, {
          category: 'linear',
          symbol,
          stopLoss: '0',
          tpslMode: 'Full',
          positionIdx: 0,
        });
      }
      return request;
    },
  },
  {
    name: 'a close is not reduce-only',
    row: 'P16',
    breaks: 'I-11',
    text: (text) => inOrder(text, (order) => void delete order['reduceOnly']),
  },
  {
    name: 'an order leaves whose intent was never written',
    row: 'O28',
    breaks: 'I-06',
    forgets: ({ kind }) => kind === 'INTENT',
  },
  {
    name: 'nothing is read after the private stream was lost',
    row: 'W12',
    breaks: 'I-16',
    // Both words of it are kept from the desk: that it was lost, and that it is back.
    event: (event, { atMs }) => (event.kind === 'link' && event.link === 'private' && atMs > 2_000 ? [] : [event]),
  },
  {
    name: 'a missing stop is seen and nothing is done',
    row: 'P01',
    breaks: 'I-07',
    request: (request) => (request.kind === 'set-stop' || isClose(request) ? undefined : request),
  },
  {
    name: 'a stop that cannot be set is tried for ever',
    row: 'P01',
    breaks: 'GRACE',
    ...neverCloses(),
  },
  {
    name: 'a size is kept as a fraction of its step',
    row: 'B01',
    breaks: 'I-02',
    books({ words, numbers }) {
      const best = words[BEST_KEY] as number;
      if (best < (words[BASE_KEY] as number)) return;
      const at = LADDER_AT + (best & WINDOW_MASK);
      numbers[at] = Math.floor(numbers[at] as number) + 0.5;
    },
  },
  {
    name: 'a version of a book goes back',
    row: 'B01',
    breaks: 'I-03',
    books({ words }) {
      words[GENERATION] = (words[GENERATION] as number) - 4;
    },
  },
  {
    name: 'epochs begin anew a while after a break',
    row: 'B01',
    breaks: 'I-03',
    books({ words, numbers }) {
      if ((numbers[MESSAGE] as number) % 50 === 0 && (words[EPOCH] as number) > 1) words[EPOCH] = 1;
    },
  },
  {
    name: 'a stop is moved away from the market',
    row: 'P03',
    breaks: 'I-08',
    request: (request) =>
      request.kind === 'set-stop'
        ? {
            ...request,
            stop: { ...request.stop, tick: Math.round(request.stop.tick * 0.99) as typeof request.stop.tick },
          }
        : request,
  },
  {
    name: 'leverage is asked for as the configuration spells it',
    row: 'P22',
    breaks: 'REST',
    request: (request) =>
      request.kind === 'set-leverage' ? { ...request, leverage: request.leverage / 100 } : request,
  },
  {
    name: 'an execution that comes twice is written down twice',
    row: 'P16',
    breaks: 'REST',
    event: (event) =>
      event.kind === 'fill'
        ? [event, { ...event, fill: { ...event.fill, execId: `${event.fill.execId}-2` } }]
        : [event],
  },
  {
    name: 'a close is never sent, and never asked about',
    row: 'P16',
    breaks: 'I-17',
    request: (request) => (isClose(request) ? undefined : request),
  },
  {
    name: 'what is held is looked at when its market moves, and else never',
    row: 'B07',
    breaks: 'I-13',
    clock: (clock) => ({
      monotonic: () => clock.monotonic(),
      wall: () => clock.wall(),
      after: (delay, run) => clock.after(delay, run),
      // Of a while after its start: what is traded is set up by then.
      every(period, run) {
        const until = clock.monotonic() + 10_000;
        return clock.every(period, () => (clock.monotonic() < until ? run() : undefined));
      },
    }),
  },
  {
    name: 'a person’s position is closed as if it were ours',
    row: 'L06',
    breaks: 'P7',
    // Long after it was opened, and read: nobody can have thought that it was ours.
    request(request, { atMs, exchange, uid }) {
      if (request.kind !== 'read-account') return request;
      const { venue } = exchange.stage;
      const [held] = venue.positions(uid, {}).filter(({ lots }) => lots !== 0);
      if (held === undefined && atMs < 2_000) venue.humanOpen(uid, 'BTCUSDT', 'Buy', 1 as Lot);
      if (held === undefined || atMs < 20_000) return request;
      const { requestId, path } = request;
      const linkId = `d1-camp-1-zz${requestId}-C`;
      const { symbol } = held.instrument;
      const close = { role: 'C', linkId, slot: 0 as Slot, symbol, lots: 'all', capTick: undefined } as const;
      return { kind: 'create', requestId, path, order: reducingOrder(held.lots > 0 ? 'long' : 'short', close) };
    },
  },
];
