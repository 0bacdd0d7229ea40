// What do the endpoints of orders and fills say?
import type { Filter, Placed } from '../venue/venue.ts';
import { isRefusal, type Order, type Refusal, refusal } from '../venue/model.ts';
import { type Answer, answerOf, type Call, ELSEWHERE, ok, refuse, textOf, wrong } from './answer.ts';
import { executionRow } from './execution-row.ts';
import { openOrderRow, pastOrderRow } from './order-row.ts';
import { type PageSize, pageOf, windowOf, type PlaceOf } from './paging.ts';
import { closedTradeRow } from './trade-row.ts';

export type Write = (call: Call) => Placed | Refusal;

export const createOrder: Write = ({ venue, key, params }) => venue.create(key.uid, params);
export const amendOrder: Write = ({ venue, key, params }) => venue.amend(key.uid, params);
export const cancelOrder: Write = ({ venue, key, params }) => venue.cancel(key.uid, params);

export function cancelAll({ venue, key, params }: Call): Answer {
  return answerOf(venue.cancelAll(key.uid, params), (list) => ({ list, success: '1' }));
}

/** A list of nothing for categories that are not traded here, a refusal for those that there are not; `usual` for none. */
export function inLinear(answer: (call: Call) => Answer, usual?: 'linear'): (call: Call) => Answer {
  return (call) => {
    const category = textOf(call.params, 'category') ?? usual;
    if (category === 'linear') return answer(call);
    if (category === undefined || !ELSEWHERE.has(category)) return wrong('params error: Category is invalid');
    return ok({ nextPageCursor: '', category, list: [] });
  };
}

/** Which instruments `symbol`, `baseCoin` or `settleCoin` mean; undefined for any. */
export function wanted({ params, market }: Call): ((symbol: string) => boolean) | undefined {
  const [symbol, base, settle] = ['symbol', 'baseCoin', 'settleCoin'].map((name) => textOf(params, name));
  if (symbol !== undefined) return (name) => name === symbol;
  if (base === undefined && settle === undefined) return undefined;
  const fits = market.listings.filter(({ baseCoin, quoteCoin }) =>
    base !== undefined ? baseCoin === base : quoteCoin === settle,
  );
  const listed = new Set(fits.map((listing) => listing.symbol));
  return (name) => listed.has(name);
}

export function list<T>(
  call: Call,
  rows: readonly T[],
  size: PageSize,
  placeOf: PlaceOf<T>,
  print: (row: T) => object,
): Answer {
  const cursorAtEnd = call.variants.lastPage === 'cursor';
  return answerOf(pageOf(rows, call.params, { ...size, cursorAtEnd }, placeOf), (page) => ({
    nextPageCursor: page.cursor,
    category: 'linear',
    list: page.rows.map(print),
  }));
}

const byId: PlaceOf<Order> = ({ id, createdMs }) => [id, createdMs];

function filterOf({ params }: Call): Filter {
  return {
    symbol: textOf(params, 'symbol'),
    orderId: textOf(params, 'orderId'),
    linkId: textOf(params, 'orderLinkId'),
  };
}

function ofKind({ params }: Call, { stopOrderType, trigger }: Order): boolean {
  const filter = textOf(params, 'orderFilter');
  const conditional = stopOrderType !== '' || trigger !== undefined;
  return filter === undefined || (filter === 'Order' ? !conditional : filter === 'StopOrder' && conditional);
}

function orderList(call: Call, rows: readonly Order[], print: (row: Order) => object): Answer {
  const { orderId, linkId } = filterOf(call);
  const isNamed = orderId !== undefined || linkId !== undefined;
  if (isNamed && rows.length === 0 && call.variants.unknownOrder === 'code')
    return refuse({ code: 110_001, text: 'order not exists or too late to replace' });
  return list(call, rows, { usual: 20, most: 50 }, byId, print);
}

/** Open ones, and with `openOnly=1` the latest closed ones; whoever asks for one order by its id gets it in any state. */
export function ordersNow(call: Call): Answer {
  const { venue, key, params } = call;
  const filter = filterOf(call);
  const named = filter.orderId !== undefined || filter.linkId !== undefined;
  const inContract = wanted(call);
  if (!named && inContract === undefined)
    return wrong('Missing some parameters that must be filled in, symbol or settleCoin or baseCoin');
  const closed = textOf(params, 'openOnly') === '1';
  const open = named || !closed ? venue.openOrders(key.uid, filter) : [];
  const past = named || closed ? venue.closedOrders(key.uid, filter) : [];
  const rows = [...open, ...past].filter(
    (order) => (inContract?.(order.instrument.symbol) ?? true) && ofKind(call, order),
  );
  return orderList(call, rows, openOrderRow);
}

export function orderHistory(call: Call): Answer {
  const { venue, key, params, nowMs } = call;
  const window = windowOf(params, nowMs);
  if (isRefusal(window)) return refuse(window);
  const inContract = wanted(call);
  const status = textOf(params, 'orderStatus');
  const rows = venue
    .orderHistory(key.uid, { ...filterOf(call), ...window })
    .filter(
      (order) =>
        (inContract?.(order.instrument.symbol) ?? true) &&
        (status === undefined || order.status === status) &&
        ofKind(call, order),
    );
  return orderList(call, rows, pastOrderRow);
}

export function executions(call: Call): Answer {
  const { venue, key, params, nowMs } = call;
  const window = windowOf(params, nowMs);
  if (isRefusal(window)) return refuse(window);
  const inContract = wanted(call);
  const type = textOf(params, 'execType');
  const rows = venue
    .executions(key.uid, { ...filterOf(call), ...window })
    .filter((fill) => (inContract?.(fill.instrument.symbol) ?? true) && (type === undefined || fill.type === type));
  return list(call, rows, { usual: 50, most: 100 }, ({ id, timeMs }) => [id, timeMs], executionRow);
}

export function closedTrades(call: Call): Answer {
  const window = windowOf(call.params, call.nowMs);
  if (isRefusal(window)) return refuse(window);
  const rows = call.venue.closedTrades(call.key.uid, { symbol: textOf(call.params, 'symbol'), ...window });
  return list(call, rows, { usual: 50, most: 100 }, ({ order, updatedMs }) => [order.id, updatedMs], closedTradeRow);
}

const BATCH_MAX = 20;

export type BatchKind = 'create' | 'amend' | 'cancel';
const SINGLE: Readonly<Record<BatchKind, Write>> = { create: createOrder, amend: amendOrder, cancel: cancelOrder };

/** The orders of a batch, each as an object of its own; a refusal where it is no batch. */
export function batchOf(params: Call['params']): readonly Record<string, unknown>[] | Refusal {
  const { category, request } = params;
  if (category !== 'linear') return refusal(10_001, 'params error: Category is invalid');
  if (!Array.isArray(request) || request.length === 0)
    return refusal(10_001, 'params error: request must be a list of orders');
  if (request.length > BATCH_MAX) return refusal(10_001, `The number of orders in a batch cannot exceed ${BATCH_MAX}`);
  return request.map((order: unknown) => ({ ...(typeof order === 'object' ? order : {}), category }));
}

/** The outer code is 0 even where orders failed: each has a code of its own beside the list. */
export function batch(kind: BatchKind): (call: Call) => Answer {
  return (call) => {
    const orders = batchOf(call.params);
    if (isRefusal(orders)) return refuse(orders);
    const outcomes = orders.map((params) => {
      const outcome = SINGLE[kind]({ ...call, params });
      const symbol = textOf(params, 'symbol') ?? '';
      const linkId = textOf(params, 'orderLinkId') ?? '';
      const { orderId, orderLinkId } = isRefusal(outcome) ? { orderId: '', orderLinkId: linkId } : outcome;
      const row = { category: 'linear', symbol, orderId, orderLinkId };
      const createAt = isRefusal(outcome) ? '' : String(call.nowMs);
      return {
        row: kind === 'create' ? { ...row, createAt } : row,
        code: isRefusal(outcome) ? { code: outcome.code, msg: outcome.text } : { code: 0, msg: 'OK' },
      };
    });
    return {
      ...ok({ list: outcomes.map(({ row }) => row) }),
      retExtInfo: { list: outcomes.map(({ code }) => code) },
    };
  };
}
