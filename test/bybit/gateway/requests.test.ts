// Does every kind of request do at the exchange what it says, over each path, and is it told?
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tick } from '../../../src/market/units.ts';
import type { Path } from '../../../src/order/words.ts';
import { GatewayRoom, SOL } from './room.ts';

const PATHS: readonly Path[] = ['trade-socket', 'rest-1', 'rest-2'];
let room: GatewayRoom;

beforeAll(async () => {
  room = await GatewayRoom.ready();
});
afterAll(() => room.close());

test.each(PATHS)('over the %s an entry is born protected, told in full, and closed whole (P2)', async (path) => {
  const { here } = room;
  const linkId = `d1-a-${path}-E`;
  const order = room.entry(linkId);
  expect(await room.answer(path, { kind: 'create', order })).toMatchObject({ outcome: 'accepted' });
  const { report: filled } = await room.hears('order', (event) => event.report.linkId === linkId, here);
  expect(filled).toMatchObject({ status: 'filled', lots: 13, filledLots: 13, side: 'buy', reduceOnly: false });
  const fills = room.told.slice(here).flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
  expect(fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(13);
  for (const fill of fills) {
    expect(fill).toMatchObject({ symbol: SOL, linkId, side: 'buy', kind: 'trade', closedLots: 0, isMaker: false });
    expect(fill.fee).toBeGreaterThan(0n);
  }
  const stop = await room.hears('order', (event) => event.report.parentLinkId === linkId, here);
  expect(stop.report).toMatchObject({ status: 'untriggered', isStopLoss: true, reduceOnly: true, side: 'sell' });
  expect(stop.report.trigger).toEqual(order.role === 'E' ? order.stop : undefined);
  const { report } = await room.hears('position', (event) => event.report.lots === 13, here);
  expect(report).toMatchObject({ isOneWay: true, status: 'normal', stop: stop.report.trigger });
  expect(room.position().lots).toBe(13);

  expect(await room.answer(path, { kind: 'create', order: room.closing(`d1-a-${path}-C`) })).toMatchObject({
    outcome: 'accepted',
  });
  await room.hears('position', (event) => event.report.lots === 0, here);
  await room.hears('wallet', (event) => event.report.balance > 0n, here);
  expect(room.position().lots).toBe(0);
});

test('a market entry is bounded by the ticks between the touch and its cap', async () => {
  const own = await GatewayRoom.ready({ touch: 1 as Tick });
  const order = own.entry('d1-m-1-E', 13, { type: 'market', capTick: (1 + 10_000) as Tick });
  expect(await own.answer('trade-socket', { kind: 'create', order })).toMatchObject({ outcome: 'accepted' });
  const { report } = await own.hears('order', (event) => event.report.linkId === 'd1-m-1-E');
  expect(report.status).toBe('filled');
  await own.close();
});

test('a stop is set in place, read back, and may not be set over the trade socket', async () => {
  await room.answer('rest-1', { kind: 'create', order: room.entry('d1-s-1-E') });
  await room.hears('fill', (event) => event.fill.linkId === 'd1-s-1-E');
  const stop = { tick: (room.lastTick - 400) as Tick, by: 'last' } as const;
  const setStop = { kind: 'set-stop', slot: room.entry('x').slot, symbol: SOL, stop } as const;
  expect(await room.answer('rest-2', setStop)).toEqual({ outcome: 'accepted', orderId: '' });
  expect(await room.readPosition()).toMatchObject({ ok: true, value: { lots: 13, stop } });
  expect(await room.answer('rest-1', setStop)).toMatchObject({ outcome: 'refused', class: 'ok-noop', code: 34_040 });
  expect(await room.answer('trade-socket', setStop)).toMatchObject({ outcome: 'not-sent' });
  const account = await room.readAccount();
  if (!account.ok) throw new Error(account.reason);
  expect(account.value.openOrders.map(({ isStopLoss, trigger }) => ({ isStopLoss, trigger }))).toEqual([
    { isStopLoss: true, trigger: stop },
  ]);
  expect(account.value).toMatchObject({ fills: undefined, wallet: undefined });
  await room.answer('trade-socket', { kind: 'create', order: room.closing('d1-s-1-C') });
  await room.hears('fill', (event) => event.fill.linkId === 'd1-s-1-C');
});

test('a look-up finds order and executions by link id, and nothing of what never was', async () => {
  const found = await room.lookUp('d1-s-1-E');
  if (!found.ok) throw new Error(found.reason);
  expect(found.value.orders).toMatchObject([{ linkId: 'd1-s-1-E', status: 'filled', filledLots: 13 }]);
  expect(found.value.fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(13);
  expect(await room.lookUp('d1-s-9-E')).toEqual({ ok: true, value: { orders: [], fills: [] } });
});

test('a cancel that comes too late is told as gone (O21)', async () => {
  const cancel = { kind: 'cancel', symbol: SOL, linkId: 'd1-s-1-E' } as const;
  for (const path of PATHS) expect(await room.answer(path, cancel)).toMatchObject({ class: 'gone', code: 110_001 });
});

test('a link id that was used before is told as a duplicate', async () => {
  const order = room.entry('d1-s-1-E');
  expect(await room.answer('trade-socket', { kind: 'create', order })).toMatchObject({ class: 'duplicate' });
});

test('leverage is set once, and unchanged is no news', async () => {
  const set = { kind: 'set-leverage', symbol: SOL, leverage: 1_250 } as const;
  expect(await room.answer('rest-1', set)).toMatchObject({ outcome: 'accepted' });
  expect(await room.answer('rest-1', set)).toMatchObject({ outcome: 'refused', class: 'ok-noop' });
  expect(await room.readPosition()).toMatchObject({ value: { leverage: 1_250, lots: 0, stop: undefined } });
});

test('a deep reading holds wallet and executions to the last unit of what the venue has (R18)', async () => {
  const sinceMs = room.exchange.market.nowMs - 20 * 86_400_000;
  const reading = await room.readAccount(sinceMs);
  if (!reading.ok) throw new Error(reading.reason);
  const { wallet, fills, positions } = reading.value;
  const uid = room.exchange.keys[0]?.uid as number;
  const truth = room.exchange.market.venue;
  expect(wallet?.balance).toBe(truth.wallet(uid).balance);
  expect(wallet?.free).toBe(truth.wallet(uid).free);
  const executed = truth.executions(uid, { fromMs: 0, toMs: Infinity });
  const sum = (list: readonly { readonly fee: bigint }[]): bigint => list.reduce((all, { fee }) => all + fee, 0n);
  expect(fills?.map(({ execId }) => execId).sort()).toEqual(executed.map(({ id }) => id).sort());
  expect(sum(fills ?? [])).toBe(sum(executed));
  expect(positions).toEqual([]);
  const later = await room.readAccount(sinceMs);
  if (!later.ok) throw new Error(later.reason);
  expect(wallet?.updatedMs).toBeGreaterThan(sinceMs);
  expect(later.value.wallet?.updatedMs).toBeGreaterThanOrEqual(wallet?.updatedMs as number);
});

test('fifty-three orders come over several pages, none twice (R18)', async () => {
  const own = await GatewayRoom.ready();
  for (let i = 0; i < 53; i++) {
    const uid = own.exchange.keys[0]?.uid as number;
    own.exchange.market.venue.create(uid, {
      category: 'linear',
      symbol: SOL,
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.1',
      price: '60',
      timeInForce: 'GTC',
      positionIdx: 0,
      orderLinkId: `hers-${i}`,
    });
  }
  let reading = await own.readAccount();
  // What the exchange has taken it shows some milliseconds later.
  while (reading.ok && reading.value.openOrders.length === 0) reading = await own.readAccount();
  if (!reading.ok) throw new Error(reading.reason);
  expect(new Set(reading.value.openOrders.map(({ linkId }) => linkId)).size).toBe(53);
  expect(reading.value.openOrders.every(({ status }) => status === 'new')).toBe(true);
  await own.close();
});
