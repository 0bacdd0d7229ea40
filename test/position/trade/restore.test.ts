// Does a start, or another grid, make of the journal what was known of a symbol before?
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { DeskEvent } from '../../../src/position/desk-event.ts';
import { DeskRoom } from '../desk-room.ts';

const SYMBOL = 'SOLUSDT';

/** Its contract goes over to another grid. */
class GridRoom extends DeskRoom {
  isCoarse: true | undefined;

  override take(event: DeskEvent): void {
    const coarse = createInstrument(SYMBOL, '0.07', '0.1') as Instrument;
    const isOther = event.kind === 'contract' && this.isCoarse === true;
    super.take(isOther ? { ...event, contract: { ...event.contract, instrument: coarse } } : event);
  }
}

test('an entry that was on its way when the process died is, once filled, the trade that was planned', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 500 } : 'yes');
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.restart();
  room.until(() => room.state() === 'protected', 10_000);
  const [entry] = room.creates('E');
  const planned = { id: entry?.order.linkId, signalType: 'breakout', configHash: 'c0ffee' };
  expect([...room.rows.values()]).toMatchObject([planned]);
});

test('an entry that was filled, and whose trade the crash kept from the disk, is the trade that was planned', () => {
  const room = new DeskRoom().settleDown();
  room.breakout();
  room.until(() => room.records.some(({ kind }) => kind === 'POSITION'));
  room.records.splice(room.records.findIndex(({ kind }) => kind === 'POSITION'));
  room.restart();
  room.until(() => room.state() === 'protected', 10_000);
  expect([...room.rows.values()].map(({ signalType }) => signalType)).toEqual(['breakout']);
  expect(room.names()).not.toContain('position.recovered');
});

test('a symbol that has traded twice is flat after a start, and is entered again', () => {
  const room = new DeskRoom().settleDown();
  for (const life of [1, 2]) {
    room.enter(SYMBOL, true, life);
    room.command({ kind: 'close', symbol: SYMBOL, id: `c${life}` });
    room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
    room.run(400_000);
  }
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.desk.held()).toEqual(new Set());
  room.run(1_000);
  room.enter(SYMBOL, true, 3);
});

test.each([
  ['while it runs', (room: GridRoom) => room.tellSteps(SYMBOL, '0.01', '0.1')],
  ['at the next start', (room: GridRoom) => room.restart()],
])(
  'P12: what a person is closing goes on being closed, as the trade that it was, on a grid on which its prices do not lie, found %s',
  (_, go) => {
    const room = new GridRoom().settleDown().enter();
    const place = room.exchange.place(SYMBOL);
    place.shown = 0;
    room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
    room.run(200);
    room.isCoarse = true;
    go(room);
    place.shown = Infinity;
    room.until(() => room.isTold(), 5_000);
    expect([...room.rows.values()]).toMatchObject([{ signalType: 'breakout', exitReason: 'manual' }]);
    expect(place.lots).toBe(0);
  },
);

test('what an entry of the run before has bought is ours as soon as it is read, before any execution is told', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 300 } : 'yes');
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.restart();
  const place = room.exchange.place(SYMBOL);
  room.until(() => place.lots !== 0);
  const hidden = place.fills.splice(0);
  room.until(() => room.state() !== 'opening' && room.state() !== 'flat', 10_000);
  expect([hidden.length, room.state(), room.desk.status().positions[0]?.foreign]).toEqual([1, 'protected', 0]);
});
