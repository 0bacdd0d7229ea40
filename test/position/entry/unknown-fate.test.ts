// What becomes of an entry of which nobody says what it has done? (O04, R14)
import { expect, test } from 'vitest';
import { moneyText } from '../../../src/market/money.ts';
import type { StopPrice } from '../../../src/market/stop-price.ts';
import type { Lot } from '../../../src/market/units.ts';
import type { GatewayEvent } from '../../../src/order/gateway.ts';
import type { Fill, OrderReport } from '../../../src/order/words.ts';
import { DeskRoom } from '../desk-room.ts';
import { type Faults, type Place, START_BALANCE } from '../fake-exchange.ts';
import { THREE, WiderRoom, enterUnseen, toldOf } from '../scenes.ts';

const SYMBOL = 'SOLUSDT';

/** Takes an entry only when it is believed absent, and tells nothing more; a person has bought `lots` meanwhile. */
function enterLate(room: DeskRoom, lots = 0): Place {
  room.settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.accept = ({ kind }) =>
    kind === 'create' && room.creates().length === 1 ? { late: 100_000 } : 'yes';
  room.breakout();
  room.until(() => room.names().includes('order.absent'));
  if (lots > 0) {
    room.exchange.human(SYMBOL, lots);
    room.run(100);
  }
  room.exchange.faults.streamDelay = () => undefined;
  room.until(() => place.lots > lots, 120_000);
  return place;
}

/** An entry that was given up is accepted after all, and finds so many lots. */
function risen(shown: number, streamDelay?: Faults['streamDelay']): DeskRoom {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = ({ kind }) =>
    kind === 'create' && room.creates().length === 1 ? { late: 100_000 } : 'yes';
  room.breakout();
  room.until(() => room.names().includes('order.absent'));
  const place = room.exchange.place('SOLUSDT');
  if (streamDelay !== undefined) room.exchange.faults.streamDelay = streamDelay;
  place.shown = shown;
  room.until(() => place.lots !== 0, 120_000);
  place.shown = Infinity;
  return room;
}

/** An entry that the exchange answered with an order id, and then forgot. */
function lostEntry(): DeskRoom {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.loses = ({ kind }) => kind === 'create';
  room.breakout();
  return room;
}

test('O04, P12: a symbol rests after an entry that was proven absent, though its steps change meanwhile', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? 'no' : 'yes');
  room.breakout();
  room.until(() => room.names().includes('order.absent'));
  room.exchange.faults = {};
  room.tellSteps(SYMBOL, '0.01', '0.05');
  room.run(5_000);
  room.breakout(SYMBOL, 2);
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([undefined, 'G22 cooldown']);
});

test('O06: while a part of an entry is missing, and as much of its close, the trade is not over, though what is known of both is even', () => {
  const room = new DeskRoom({ seed: 2 });
  room.exchange.faults.streamDelay = (event) => (event.kind === 'fill' && event.fill.lots === 1 ? undefined : 0);
  room.settleDown();
  room.enter();
  room.move(SYMBOL, 9_900);
  room.until(() => room.isTold());
  expect(room.exchange.place(SYMBOL).fills.filter(({ lots }) => lots === 1)).toHaveLength(2);
  const net = moneyText(room.exchange.balance - START_BALANCE);
  expect(room.told.findLast(({ name }) => name === 'position.closed')?.fields['net']).toBe(net);
  expect(room.names()).not.toContain('trade.incomplete');
});

test('O04: an entry that was believed absent and is known again by its stop is the trade that was planned', () => {
  const room = new WiderRoom();
  const place = enterLate(room);
  const hidden = place.fills.splice(0);
  room.until(() => room.names().includes('order.zombie'), 60_000);
  place.fills.push(...hidden);
  room.exchange.faults = {};
  room.until(() => room.isTold(), 120_000);
  expect(room.names()).not.toContain('position.recovered');
  expect([...room.rows.values()].map(({ signalType }) => signalType)).toEqual(['breakout']);
});

test.each([0, 3])(
  'O04, P01: a position that nothing explains is asked about at once: it may be of an entry that was believed absent (%s lots of a person there)',
  (lots) => {
    const room = new DeskRoom();
    const place = enterLate(room, lots);
    place.stop = undefined;
    const sizes = (): number[] => room.desk.status().positions.map(({ ours, foreign }) => ours + foreign);
    room.until(() => sizes().some((size) => size > lots), 20_000);
    const explainedMs = room.until(() => room.names().includes('order.zombie'), 20_000);
    expect(explainedMs).toBeLessThanOrEqual(1_000);
  },
);

test('P01, O01: what an entry without an answer was to open, seen naked in half a reading, is protected at once', () => {
  const room = new DeskRoom();
  const place = enterUnseen(room);
  room.exchange.humanStop(SYMBOL, undefined);
  const seen = room.exchange.position(SYMBOL);
  room.take({ kind: 'gateway', event: { kind: 'positions-seen', positions: [{ ...seen, lots: seen.lots - 1 }] } });
  expect(room.state()).toBe('opening');
  room.take({ kind: 'gateway', event: { kind: 'positions-seen', positions: [seen] } });
  room.until(() => place.stop !== undefined, 1_000);
});

test('O04: the stop of an entry that was believed absent is remembered with its trade over a restart', () => {
  const room = new DeskRoom();
  const place = enterLate(room);
  room.exchange.move(SYMBOL, (place.stop as StopPrice).tick - 5);
  room.until(() => place.lots === 0, 5_000);
  const entry = place.fills.shift() as Fill;
  room.run(90_000);
  place.fills.unshift(entry);
  room.until(() => room.isTold(), 120_000);
  const told = [...room.rows.values()];
  expect(told).toMatchObject([{ isComplete: true }]);
  room.restart();
  room.run(10_000);
  expect([...room.rows.values()].map(({ profitLoss }) => profitLoss)).toEqual(told.map(({ profitLoss }) => profitLoss));
});

test.each<[string, number, Faults['streamDelay']]>([
  ['whole', Infinity, undefined],
  ['in part', 3, undefined],
  ['in part, and is told to be cancelled before it is told to be filled', 3, ({ kind }) => (kind === 'fill' ? 50 : 0)],
])('O04: what a stale entry fills, %s, is protected and brought home', (_, shown, streamDelay) => {
  const room = risen(shown, streamDelay);
  const place = room.exchange.place('SOLUSDT');
  expect(place.stop).toBeDefined();
  room.until(() => place.lots === 0 && room.state() === 'flat', 5_000);
  expect(room.names()).toContain('order.zombie');
  expect([...room.rows.values()].map(({ exitReason, isComplete }) => [exitReason, isComplete])).toEqual([
    ['timeout', true],
  ]);
  expect(room.deskHash()).toBe(room.replayHash());
});

test('O04, P01: what a stale entry fills is brought home at once, though nothing but its own report tells of it', () => {
  const room = risen(Infinity, ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0));
  room.exchange.faults.readFails = () => true;
  const place = room.exchange.place('SOLUSDT');
  expect(room.until(() => place.lots === 0, 3_000)).toBeLessThan(1_000);
  room.exchange.faults = {};
  room.until(() => room.state() === 'flat', 15_000);
  expect([...room.rows.values()].map(({ exitReason, isComplete }) => [exitReason, isComplete])).toEqual([
    ['timeout', true],
  ]);
});

test('O04, P18: what only its own report tells of, and is gone, lacks no stop: nobody waits for its late executions to trade', () => {
  const room = new DeskRoom({ symbols: [SYMBOL, 'XRPUSDT'] }).settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0);
  room.onTaken = () => {
    if (place.lots === 0) return;
    room.exchange.move(SYMBOL, (place.stop as StopPrice).tick - 5);
    place.fills.length = 0;
  };
  room.breakout();
  room.run(20_000);
  const held = () => room.desk.status().positions.find(({ symbol }) => symbol === SYMBOL);
  expect([place.lots, held()?.ours, held()?.nakedSince, held()?.trade === undefined]).toEqual([0, 0, undefined, false]);
  room.privateLink(false);
  room.privateLink(true);
  room.until(() => room.desk.status().mode === 'ACTIVE', 20_000);
});

test('O04, G22: a stale entry that goes home with a profit, its close not told to be over, does not shorten the rest of its symbol', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.accept = (request) =>
    request.kind === 'create' && request.order.role === 'E' ? { late: 30_000 } : 'yes';
  room.exchange.faults.streamDelay = (event) =>
    event.kind === 'order' && event.report.linkId.endsWith('X') ? undefined : 0;
  room.breakout();
  room.until(() => room.names().includes('order.absent'));
  const absentAt = room.mono;
  room.until(() => place.lots !== 0, 30_000);
  room.exchange.move(SYMBOL, 10_200);
  room.until(() => room.isTold(), 5_000);
  expect(Number(room.told.findLast(({ name }) => name === 'position.closed')?.fields['net'])).toBeGreaterThan(0);
  room.exchange.faults = {};
  room.run(absentAt + 59_000 - room.mono);
  room.breakout(SYMBOL, 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G22 cooldown');
  room.run(2_000);
  room.breakout(SYMBOL, 3);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test('O04: that a stale entry is brought home is told once, however long its closes are refused and nothing can be read', () => {
  const room = risen(Infinity, ({ kind }) => (kind === 'fill' || kind === 'position' ? undefined : 0));
  room.exchange.faults.readFails = () => true;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' ? { outcome: 'refused', class: 'flat-hint', code: 110_017, text: '' } : undefined;
  room.run(10_000);
  expect(room.creates('X').length).toBeGreaterThan(2);
  expect(room.names().filter((name) => name === 'position.leaving')).toHaveLength(1);
});

test('O04: an entry that is filled hours and a restart after it was believed absent is known for the stale one that it is', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = ({ kind }) =>
    kind === 'create' && room.creates().length === 1 ? { late: 10_800_000 } : 'yes';
  room.breakout();
  room.run(7_200_000);
  expect(room.names()).toContain('order.absent');
  room.restart();
  room.run(3_700_000);
  expect([room.names().includes('order.zombie'), room.state()]).toEqual([true, 'flat']);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['timeout']);
});

test('O04: a stale entry whose execution is read only after its stop has closed it and funding was paid is one whole trade', () => {
  const isOfEntry = (event: GatewayEvent): boolean =>
    (event.kind === 'fill' && event.fill.linkId !== '') || (event.kind === 'order' && event.report.linkId !== '');
  const room = risen(Infinity, (event) => (isOfEntry(event) ? undefined : 0));
  const place = room.exchange.place('SOLUSDT');
  const hidden = place.fills.splice(0);
  room.until(() => room.state() === 'foreign', 500);
  room.exchange.fund('SOLUSDT', 1_234_567n);
  room.run(50);
  room.move('SOLUSDT', 9_900);
  room.until(() => place.lots === 0 && room.state() === 'flat', 5_000);
  place.fills.unshift(...hidden);
  room.until(() => room.isTold(), 300_000);
  const [row] = room.rows.values();
  expect(row).toMatchObject({ exitReason: 'stop_loss', isComplete: true });
  expect(room.exchange.balance - 1_000_000_000_000n).toBe(BigInt(Math.round(Number(row?.profitLoss) * 1e8)));
  expect(room.desk.status().positions).toEqual([]);
});

test('O04, P07: a stale entry whose execution is read only after its stop has closed it with what a person had bought beside it is one whole trade', () => {
  const room = risen(Infinity, (event) => (event.kind === 'wallet' ? 0 : undefined));
  const place = room.exchange.place('SOLUSDT');
  const [ours, hidden] = [place.lots, place.fills.splice(0)];
  room.exchange.faults = {};
  room.exchange.human('SOLUSDT', 3);
  room.until(() => room.state() === 'foreign', 2_000);
  room.move('SOLUSDT', 9_900);
  room.until(() => place.lots === 0 && room.state() === 'flat', 5_000);
  place.fills.unshift(...hidden);
  room.until(() => room.isTold(), 300_000);
  expect([...room.rows.values()]).toMatchObject([
    { exitReason: 'stop_loss', size: String(ours / 10), isComplete: true },
  ]);
  expect(room.desk.status().positions).toEqual([]);
});

test('a stale entry that nobody has told to be over, and whose trade is, does not rise again by a restart', () => {
  const room = risen(3, ({ kind }) => (kind === 'order' ? undefined : 0));
  room.until(() => room.state() === 'flat');
  room.exchange.faults = {};
  room.run(1_900_000);
  room.enter('SOLUSDT', true, 2);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  const opened = room.names().filter((name) => name === 'position.opened').length;
  room.restart();
  room.run(60_000);
  expect(room.names().filter((name) => name === 'position.opened')).toHaveLength(opened);
  expect(room.state()).toBe('flat');
  expect(room.desk.status().positions).toEqual([]);
});

test('an entry of ours that rests open, though it is over for us, is cancelled', () => {
  const room = new DeskRoom().settleDown().enter();
  const { linkId } = room.creates('E')[0]?.order ?? { linkId: '' };
  const over = room.exchange.place('SOLUSDT').orders.get(linkId) as OrderReport;
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  const reading = { positions: [], fills: undefined, wallet: undefined };
  const openOrders = [{ ...over, status: 'new', filledLots: 0 as Lot } as const];
  room.onRequest = ({ kind, requestId, path }) => {
    if (kind !== 'read-account') return;
    const value = { ...reading, openOrders };
    room.later(1, () =>
      room.take({
        kind: 'gateway',
        event: { kind: 'account-read', requestId, path, depth: 'light', reading: { ok: true, value } },
      }),
    );
  };
  room.run(11_000);
  expect(room.exchange.sent.find(({ kind }) => kind === 'cancel')).toMatchObject({ symbol: 'SOLUSDT', linkId });
});

test('I-17: of an entry the gateway answers nothing at all: it is unknown, asked about, and proven absent when answers come', () => {
  const room = new DeskRoom().settleDown();
  const { exchange } = room;
  const send = exchange.send.bind(exchange);
  exchange.send = (request) => void exchange.sent.push(request);
  room.breakout();
  room.run(25_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'opening', entry: 'unknown' }]);
  exchange.send = send;
  room.until(() => room.names().includes('order.absent'), 30_000);
  expect(room.state()).toBe('flat');
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G22 cooldown');
});

test('O04: what a person buys meanwhile is not taken for the entry that nobody answers for: that is proven absent all the same', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? 'no' : 'yes');
  room.breakout();
  room.run(3_000);
  room.exchange.human('SOLUSDT', 2);
  room.until(() => room.names().includes('order.absent'), 30_000);
  expect(room.state()).toBe('foreign');
});

test('O04: of an entry that was accepted and is never told of again somebody is called after a minute, once, and a kill waits until it is proven absent', () => {
  const room = lostEntry();
  room.run(59_000);
  expect(room.names()).not.toContain('order.untold');
  room.run(120_000);
  const told = room.told.filter(({ name }) => name === 'order.untold');
  expect(told).toMatchObject([{ level: 'error', symbol: 'SOLUSDT', fields: { state: 'acked' } }]);
  expect(room.desk.status().positions).toMatchObject([{ entry: 'acked' }]);
  room.command({ kind: 'kill', id: 'k' });
  room.run(10_000);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.restart();
  room.until(() => room.desk.status().mode === 'HALTED', 600_000);
  expect(room.names()).toContain('order.absent');
});

test('O04, R14: an entry that was accepted is proven absent after ten minutes, however often the process is restarted meanwhile', () => {
  const room = lostEntry();
  room.run(1_000);
  const acceptedAt = room.mono - 1_000;
  for (const at of [2_000, 300_000]) {
    room.run(acceptedAt + at - room.mono);
    room.restart();
    // It keeps its own symbol, and holds up nobody else.
    room.until(() => room.desk.status().mode === 'ACTIVE', 20_000);
    expect(room.desk.status().positions).toMatchObject([{ entry: 'unknown' }]);
  }
  room.run(acceptedAt + 595_000 - room.mono);
  expect(room.names()).not.toContain('order.absent');
  room.until(() => room.names().includes('order.absent'), 20_000);
  expect(room.desk.status().positions).toEqual([]);
});

test('O04, R14: an entry that nobody answered, of which a report has told, is as good as answered after a restart: it holds up its own symbol alone', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? 'no' : 'yes');
  room.onRequest = toldOf(room, 'new', 40);
  room.breakout();
  room.run(1_000);
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 20_000);
  expect(room.desk.status().positions).toMatchObject([{ entry: 'unknown' }]);
});

test('R14: an entry of which only an execution has told, while no look-up says how the rest of it ended, holds up its own symbol alone too', () => {
  const room = new DeskRoom().settleDown();
  const { faults } = room.exchange;
  faults.answerLost = ({ kind }) => kind === 'create';
  faults.streamDelay = ({ kind }) => (kind === 'order' ? undefined : 0);
  faults.readFails = ({ kind }) => kind === 'look-up';
  room.exchange.place('SOLUSDT').shown = 1;
  room.breakout();
  room.run(1_000);
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 20_000);
  expect(room.desk.status().positions).toMatchObject([{ entry: 'unknown' }]);
});

test('O04: an entry that was accepted and is nowhere to be seen is proven absent after ten minutes: its symbol trades again', () => {
  const room = lostEntry();
  room.run(605_000);
  expect(room.desk.status().positions).toMatchObject([{ entry: 'acked' }]);
  room.until(() => room.names().includes('order.absent'), 6_000);
  expect(room.desk.status().positions).toEqual([]);
  room.exchange.faults = {};
  room.run(60_000);
  room.enter('SOLUSDT', true, 2);
  expect(room.exchange.place('SOLUSDT').lots).toBeGreaterThan(0);
});

test('O04: while no look-up is answered in full it is not proven absent, however long that lasts', () => {
  const room = lostEntry();
  room.run(1_000);
  room.exchange.faults.readFails = ({ kind }) => kind === 'look-up';
  room.run(700_000);
  expect(room.desk.status().positions).toMatchObject([{ entry: 'acked' }]);
});

test('Y07: while nobody tells what became of two entries no third one leaves, in whatever symbol', () => {
  const room = new DeskRoom(THREE).settleDown();
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? 'no' : 'yes');
  for (const symbol of ['SOLUSDT', 'XRPUSDT']) room.breakout(symbol);
  room.run(2_100);
  room.breakout('ADAUSDT');
  expect(room.desk.status().blocks).toEqual(['orders.unknown']);
  expect(room.verdicts.at(-1)).toMatchObject({ symbol: 'ADAUSDT', refusal: 'G01 mode' });
  room.until(() => room.desk.status().blocks.length === 0, 30_000);
});

test('P4, I-06: an entry does not leave before its own record is on the disk, whatever else is', () => {
  const room = new DeskRoom().settleDown();
  room.syncs = false;
  const before = room.records.at(-1)?.seq ?? 0;
  room.breakout();
  room.take({ kind: 'synced', upTo: before });
  expect(room.creates()).toEqual([]);
  room.take({ kind: 'synced', upTo: before + 1 });
  expect(room.records[before]?.kind).toBe('INTENT');
  expect(room.creates('E')).toHaveLength(1);
});

test('R14: after a restart each symbol has its own, and nothing is entered while the fate of one entry is open', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? 'no' : 'yes');
  room.breakout('XRPUSDT', 2);
  room.run(2_100);
  room.restart();
  room.exchange.faults = {};
  room.run(3_000);
  const standing = room.desk.status().positions.map(({ symbol, state, entry }) => [symbol, state, entry]);
  expect(standing).toEqual([
    ['SOLUSDT', 'protected', 'filled'],
    ['XRPUSDT', 'opening', 'unknown'],
  ]);
  expect(room.desk.status().mode).toBe('RECONCILING');
  room.until(() => room.desk.status().mode === 'ACTIVE', 30_000);
  expect(room.names()).toContain('order.absent');
});
