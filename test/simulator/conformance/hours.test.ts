// What does a stranger's client hear when nobody has done anything: at the hour of funding, and when a contract is taken away?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { moneyText } from '../../../src/simulator/gateway/spelling.ts';
import { Room } from './room.ts';

const HOURS_MS = 8 * 3_600_000;
const BEFORE_MS = 2_000;

let room: Room;
beforeAll(async () => {
  const now = Date.now();
  room = await Room.open((Math.floor(now / HOURS_MS) + 1) * HOURS_MS - BEFORE_MS - now);
});
afterAll(() => room.close());

test('funding is a fill without an order and a movement of the wallet, and leaves the position as it was', async () => {
  const symbol = 'SOLUSDT';
  room.venue.setFundingRate(symbol, '0.0003');
  await room.enter(symbol, '2.5');
  const { here } = room;
  const before = room.venue.wallet(room.uid).balance;
  const message = await room.client.hears('execution', { symbol, execType: 'Funding' }, here);
  const [row] = message.data;
  expect(row).toMatchObject({
    orderType: 'UNKNOWN',
    stopOrderType: 'UNKNOWN',
    orderQty: '0',
    orderPrice: '0',
    execQty: '2.5',
    feeRate: '0.0003',
    createType: '',
    closedSize: '0',
  });
  const paid = before - room.venue.wallet(room.uid).balance;
  expect(row?.['execFee']).toBe(moneyText(paid));
  expect(Number(row?.['execFee'])).toBeCloseTo(Number(row?.['execValue']) * 0.0003, 7);
  const wallet = await room.client.hears('wallet', { accountType: 'UNIFIED' }, here);
  const [coin] = (wallet.data[0]?.['coin'] ?? []) as { walletBalance: string }[];
  expect(coin?.walletBalance).toBe(moneyText(room.venue.wallet(room.uid).balance));
  expect(room.client.rows('order', here)).toEqual([]);
  expect(room.position(symbol).lots).toBe(25);
  const { list } = (await room.client.rest.getTransactionLog({ accountType: 'UNIFIED', type: 'SETTLEMENT' })).result;
  expect(list[0]).toMatchObject({ symbol, funding: moneyText(-paid), change: moneyText(-paid), type: 'SETTLEMENT' });
});

test('a contract that is taken away settles positions without an order and cancels what rests', async () => {
  const symbol = 'XRPUSDT';
  await room.enter(symbol, '100');
  const { here } = room;
  room.venue.setStatus(symbol, 'closed');
  const settled = await room.client.hears('execution', { symbol, execType: 'Settle' }, here);
  expect(settled.data[0]).toMatchObject({ createType: 'CreateBySettle', closedSize: '100', orderId: '' });
  await room.client.hears('position', { symbol, size: '0' }, here);
  expect(room.openOrders(symbol)).toEqual([]);
  const refused = await room.client.place({ symbol, side: 'Buy', orderType: 'Market', qty: '100' });
  expect(refused.retCode).toBeGreaterThan(0);
});
