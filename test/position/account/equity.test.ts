// Is somebody told when the wallet changes by what no execution tells of, and by that alone? (I-18)
import { expect, test } from 'vitest';
import { DeskRoom } from '../desk-room.ts';
import { START_BALANCE } from '../fake-exchange.ts';

const changes = (room: DeskRoom): unknown[] =>
  room.told.filter(({ name }) => name === 'equity.unexplained').map(({ fields }) => fields['change']);

/** Ours and a person's, through the breakeven and the stop, long and short, with funding; two of them as wide as they may. */
function trade(room: DeskRoom): void {
  room.enter();
  room.exchange.fund('SOLUSDT', 70_000_000n);
  room.exchange.human('XRPUSDT', -900);
  room.run(90_000);
  room.earn();
  room.run(90_000);
  room.move('XRPUSDT', 9_000);
  room.exchange.human('XRPUSDT', 1_500);
  room.run(90_000);
  room.move('SOLUSDT', 9_500);
  room.exchange.human('XRPUSDT', -600);
  room.run(90_000);
}

test('what trades, fees and funding have made of it, ours and a person’s, is explained, also over restarts', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown();
  trade(room);
  room.restart();
  room.run(400_000);
  trade(room);
  expect([room.state(), changes(room)]).toEqual(['flat', []]);
});

test('a transfer is told once with what it has brought, and nothing is halted for it', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(130_000);
  room.exchange.balance -= 10_000_000_000n;
  room.run(300_000);
  expect(changes(room)).toEqual(['-100']);
  expect(room.desk.status().mode).toBe('ACTIVE');
  room.exchange.balance += 40_000_000n;
  room.run(300_000);
  expect(changes(room)).toEqual(['-100']);
});

test('fees that are paid in another coin have not left this wallet: nothing is missed for them', () => {
  const room = new DeskRoom();
  const hear = room.take.bind(room);
  room.take = (event) => {
    if (event.kind !== 'gateway' || event.event.kind !== 'fill') return hear(event);
    room.exchange.balance += event.event.fill.fee;
    hear({ ...event, event: { ...event.event, fill: { ...event.event.fill, isFeeElsewhere: true } } });
  };
  room.settleDown();
  room.run(130_000);
  room.exchange.human('SOLUSDT', 20_000);
  room.exchange.human('SOLUSDT', -20_000);
  room.run(300_000);
  expect(room.names()).toContain('order.foreign');
  expect(changes(room)).toEqual([]);
});

test('a wallet that one reading alone shows otherwise is believed by nobody', () => {
  const room = new DeskRoom().settleDown();
  room.run(130_000);
  const shown: bigint[] = [];
  const hear = room.take.bind(room);
  room.take = (event) => {
    if (event.kind === 'gateway' && event.event.kind === 'account-read' && event.event.reading.ok) {
      const { wallet } = event.event.reading.value;
      if (wallet !== undefined) shown.push(wallet.balance);
      room.exchange.balance = START_BALANCE - (shown.length === 1 ? 10_000_000_000n : 0n);
    }
    hear(event);
  };
  room.run(300_000);
  expect(shown.filter((balance) => balance !== START_BALANCE)).toHaveLength(1);
  expect(changes(room)).toEqual([]);
});
