// Does a power cut, which leaves any first part of what was being written, change what the day has brought?
import { expect, test } from 'vitest';
import { DeskRoom } from './desk-room.ts';
import { START_BALANCE } from './fake-exchange.ts';

/** Of a trade that is entered and, by the market, ended; `lost` of its last records are. */
function tradedThrough(price: number, lost: number): DeskRoom {
  const room = new DeskRoom().settleDown();
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.syncs = false;
  room.until(() => room.state() === 'protected');
  room.exchange.fund('SOLUSDT', 7_000_000n);
  room.run(1_000);
  room.move('SOLUSDT', price);
  if (room.exchange.place('SOLUSDT').lots !== 0) room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.isTold() && room.state() === 'flat');
  room.restart(lost);
  return room;
}

test.each([9_900, 10_020])('R19: the day counts each fee and each result once, at a price of %i', (price) => {
  for (let lost = 0; lost < 40; lost++) {
    const room = tradedThrough(price, lost);
    room.until(() => room.desk.status().reconciledAt !== undefined && room.state() === 'flat');
    room.run(3_000);
    expect([lost, room.desk.account().dayProfit]).toEqual([lost, room.exchange.balance - START_BALANCE]);
  }
});

test('R19, Y06: what a start without a journal recalls counts once, wherever its own journal is cut', () => {
  for (let lost = 0; lost < 12; lost++) {
    const room = tradedThrough(9_900, 0);
    room.until(() => room.desk.status().reconciledAt !== undefined);
    room.loseJournal();
    room.syncedTo = 0;
    for (const cut of [0, lost]) {
      room.restart(cut);
      room.until(() => room.desk.status().reconciledAt !== undefined);
    }
    expect([lost, room.desk.account().dayProfit]).toEqual([lost, room.exchange.balance - START_BALANCE]);
  }
});
