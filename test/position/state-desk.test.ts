// Do rows of the tables hold on the desk, where a week of chance has not met them?
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import type { Money } from '../../src/market/money.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { deskDigest } from '../../src/operator/board/digest-desk.ts';
import type { GatewayEvent, RefusalClass } from '../../src/order/gateway.ts';
import type { Fill, OrderReport, Path } from '../../src/order/words.ts';
import { contractOf, DeskRoom } from './desk-room.ts';
import { START_BALANCE, type Faults } from './fake-exchange.ts';

test('a position that was opened and stopped out before a word of it came leaves its symbol free for the next entry', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  const silence = { isOn: true };
  room.exchange.faults.streamDelay = ({ kind }) =>
    silence.isOn && (kind === 'fill' || kind === 'position') ? undefined : 0;
  room.exchange.faults.readFails = () => place.lots !== 0;
  room.breakout();
  room.until(() => place.lots !== 0);
  room.move('SOLUSDT', 9_900);
  room.until(() => room.isTold());
  silence.isOn = false;
  room.run(1_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss']);
  expect(room.state()).toBe('flat');
  room.run(400_000);
  room.enter('SOLUSDT', true, 2);
  expect(place.lots).toBeGreaterThan(0);
});

test('a stop that the exchange moves late, after it had begun to deleverage and thought better of it, is no contradiction', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? { late: 1_500 } : 'yes');
  room.earn();
  room.until(() => room.state() === 'amending');
  const before = room.exchange.place('SOLUSDT').stop?.tick;
  room.exchange.status('SOLUSDT', 'deleveraging');
  room.until(() => room.state() === 'exchange-closing');
  room.move('SOLUSDT', 10_030);
  room.exchange.status('SOLUSDT', 'normal');
  room.until(() => room.state() === 'protected');
  room.until(() => room.names().includes('position.breakeven'));
  expect(room.exchange.place('SOLUSDT').stop?.tick).toBeGreaterThan(before as number);
  expect(room.state()).toBe('protected');
  expect(room.names()).not.toContain('position.illegal_transition');
});

test('G29: while no more than 1 GiB of the disk is free, what is shown says that nothing is entered and why, and after it nothing is in the way', () => {
  const room = new DeskRoom().settleDown();
  room.take({ kind: 'facts', facts: { diskFreeBytes: 2 ** 30 } });
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['disk'] });
  room.take({ kind: 'facts', facts: { diskFreeBytes: 2 ** 30 + 1 } });
  room.run(11_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
  room.enter();
  expect(room.creates('E')).toHaveLength(1);
});

test('G23: while no more entries are let through, what is shown says that nothing is entered and why, and after it nothing is in the way', () => {
  const room = new DeskRoom({ settings: { maxOrdersPerMinute: 1 } }).settleDown().enter();
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: ['risk.entry_rate'] });
  expect([...room.desk.account().blocks.keys()]).toEqual(['risk.entry_rate']);
  room.run(61_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
  expect([...room.desk.account().blocks.keys()]).toEqual([]);
});

test('R19, Y06: an entry that was sent just before a crash, of which no more than its intention was on disk, counts for the limit of entries', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'], settings: { maxOrdersPerMinute: 1 } }).settleDown();
  room.breakout();
  room.until(() => room.creates('E').length === 1, 1_000);
  room.restart(Infinity);
  room.settleDown();
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G23 entry_rate');
  room.restart();
  expect(room.desk.status().blocks).toEqual(['risk.entry_rate']);
});

test('a day that was lost stays lost when the calendar of the machine jumps to another one (B19, Y06)', () => {
  const room = new DeskRoom({ settings: { maxDailyLossPercent: 0.001 } }).settleDown().enter();
  room.move('SOLUSDT', 9_900);
  room.until(() => room.names().includes('risk.daily_loss'));
  room.calendarMs = 86_400_000;
  room.run(10_000);
  room.restart();
  room.run(10_000);
  expect(room.desk.status().blocks).toContain('risk.daily_loss');
});

const readings = ({ exchange }: DeskRoom): number => exchange.sent.filter(({ kind }) => kind === 'read-account').length;

/** A position is held, and a start is on its way to which nobody tells the time. */
function untimed(): DeskRoom {
  const room = new DeskRoom().settleDown().enter();
  room.isTimeTold = false;
  room.restart();
  return room;
}

test('after a start nothing is read and nothing heard before the exchange has told its time', () => {
  const room = untimed();
  const before = readings(room);
  room.run(1_500);
  expect(readings(room)).toBe(before);
  room.isTimeTold = true;
  room.tellTime();
  room.until(() => room.state() === 'protected', 2_000);
  room.until(() => room.desk.status().mode === 'ACTIVE', 5_000);
  expect(room.names()).not.toContain('lease.twin');
});

test.each([
  ['an order', 'order'],
  ['an execution', 'fill'],
] as const)(
  'R09: %s of another engine that is told before the exchange’s time is from before us: no twin is met',
  (_, kind) => {
    const room = untimed();
    const { fills, orders } = room.exchange.place('SOLUSDT');
    const theirs = { linkId: 'd1-twin-1-zz-C', symbol: 'SOLUSDT' } as const;
    const [report] = orders.values();
    if (kind === 'fill') {
      const fill = { ...(fills[0] as Fill), ...theirs, execId: 'theirs', timeMs: room.wall as Ms };
      room.take({ kind: 'gateway', event: { kind, fill } });
    } else
      room.take({
        kind: 'gateway',
        event: { kind, report: { ...(report as OrderReport), ...theirs, updatedMs: room.wall as Ms } },
      });
    room.isTimeTold = true;
    room.tellTime();
    room.run(10_000);
    expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
  },
);

test('where nobody tells the time what is held is looked after all the same, three seconds later', () => {
  const room = untimed();
  room.run(2_500);
  expect(room.state()).not.toBe('protected');
  room.until(() => room.state() === 'protected', 2_500);
});

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

test.each([-3_600_000, 0, 3_600_000])(
  'a position is as old as it is, also where the calendar of the machine has jumped by %d ms (B19)',
  (calendarMs) => {
    const room = new DeskRoom().settleDown().enter();
    room.calendarMs = calendarMs;
    room.tellTime();
    room.run(60_000);
    const status = room.desk.status();
    const [held] = status.positions;
    expect(held?.heldMs).toBeGreaterThan(59_000);
    expect(held?.heldMs).toBeLessThan(66_000);
    const now = { mono: room.mono as Ms, wall: (room.wall + calendarMs) as Ms };
    const limits = { positionsMax: 1, exposurePercentMax: 50, tooSmall: [] };
    const [shown] = deskDigest(status, room.desk.account(), limits, now).positions;
    expect(now.wall - Number(shown?.openedMs)).toBe(held?.heldMs);
  },
);

test('P08: a stop that a person has moved nearer is kept, and is the one to which a looser or a missing one goes back', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  const ours = place.stop?.tick as Tick;
  const moved = { tick: (ours + 2) as Tick, by: 'mark' } as const;
  for (const stop of [moved, { tick: ours, by: 'mark' } as const, undefined]) {
    room.exchange.humanStop('SOLUSDT', stop);
    room.run(2_000);
    expect([room.state(), place.stop]).toEqual(['protected', moved]);
  }
  expect(room.stopsAsked()).toEqual([moved.tick, moved.tick]);
  const told = room.told.filter(({ name }) => name === 'position.sl_changed_externally');
  const price = (tick: Tick): string => priceText(tick, place.instrument);
  expect(told.map(({ fields }) => fields)).toEqual([{ from: price(ours), to: price(moved.tick) }]);
});

test('P01, P03: a stop is set once and read back, whatever the stream leaves out, and that it was missing calls somebody', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? undefined : 0);
  const ours = place.stop?.tick;
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(12_000);
  expect([room.state(), room.stopsAsked()]).toEqual(['protected', [ours]]);
  const told = room.told.filter(({ name }) => name === 'position.unprotected');
  expect(told.map(({ level }) => level)).toEqual(['critical']);
  room.earn();
  room.run(1_000);
  expect(room.names()).toContain('position.breakeven');
  expect(room.stopsAsked()).toEqual([ours, place.stop?.tick]);
});

test('P02: a stop that the exchange refuses for its price is too late: what it guarded is closed at once, and not after three tries', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'set-stop' ? { outcome: 'refused', class: 'price', code: 10_001, text: 'StopLoss' } : undefined;
  room.exchange.humanStop('SOLUSDT', undefined);
  room.until(() => place.lots === 0, 100);
  expect(room.stopsAsked()).toHaveLength(1);
  room.until(() => room.isTold(), 5_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss_failed']);
});

test.each([
  ['last', { bid: 9_900, ask: 9_902 }],
  ['mark', { mark: 9_900 }],
] as const)('P02: a missing stop that the %s price would have set off is not set again, it is closed', (by, fallen) => {
  const room = new DeskRoom({ exit: { stopLossTrigger: by } });
  room.rules = { ...room.rules, entry: { ...room.rules.entry, stopLossTrigger: by } };
  room.settleDown();
  room.enter();
  const place = room.exchange.place('SOLUSDT');
  Object.assign(place, fallen);
  room.exchange.humanStop('SOLUSDT', undefined);
  room.until(() => place.lots === 0, 100);
  expect(room.stopsAsked()).toEqual([]);
});

test('P03: a breakeven that is answered and never seen is given up after three tries, and not begun again; the old stop stays', () => {
  const room = new DeskRoom().settleDown().enter();
  const before = room.exchange.place('SOLUSDT').stop;
  room.exchange.faults.ignoreStop = () => true;
  room.earn();
  room.until(() => room.names().includes('position.breakeven_failed'), 3_000);
  expect([room.state(), room.exchange.place('SOLUSDT').stop]).toEqual(['protected', before]);
  room.exchange.faults = {};
  for (let bid = 10_080; bid < 10_088; bid++) room.move('SOLUSDT', bid);
  expect(new Set(room.stopsAsked()).size).toBe(1);
  expect(room.stopsAsked()).toHaveLength(3);
});

test('P03: a breakeven that the exchange refuses for its price is not asked for again; the old stop stays', () => {
  const room = new DeskRoom().settleDown().enter();
  const before = room.exchange.place('SOLUSDT').stop;
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'set-stop' ? { outcome: 'refused', class: 'price', code: 10001, text: '' } : undefined;
  room.earn();
  room.until(() => room.names().includes('position.breakeven_failed'), 1_000);
  expect(room.stopsAsked()).toHaveLength(1);
  expect([room.state(), room.exchange.place('SOLUSDT').stop]).toEqual(['protected', before]);
});

test('O14: an account that was switched to hedge mode is halted at the first word of it', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = () => undefined;
  const report = { ...room.exchange.position('SOLUSDT'), isOneWay: false };
  room.take({ kind: 'gateway', event: { kind: 'position', report } });
  expect(room.desk.status()).toMatchObject({ mode: 'HALTED', latch: 'hedge_mode' });
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

test('P7: what a person has bought while our entry was on its way, which then found nothing, is left alone', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 400 } : 'yes');
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' ? 6_000 : 0);
  place.shown = 0;
  room.breakout();
  room.run(50);
  room.exchange.human('SOLUSDT', 5);
  room.until(() => room.names().includes('position.disowned'), 1_000);
  room.run(30_000);
  expect([place.lots, place.stop, room.state()]).toEqual([5, undefined, 'foreign']);
  expect(room.exchange.sent.map(({ kind }) => kind)).not.toContain('set-stop');
  expect([room.creates('C'), room.creates('X')]).toEqual([[], []]);
});

test('P07: what a person adds to ours is told once and stays his; while it stands nothing is entered there', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  const ours = place.lots;
  room.exchange.human('SOLUSDT', 3);
  room.run(30_000);
  const told = room.told.filter(({ name }) => name === 'position.foreign_surplus');
  expect(told).toMatchObject([{ level: 'error', fields: { size: sizeText(3 as Lot, place.instrument) } }]);
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G13 intent');
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(30_000);
  expect([ours > 3, place.lots, room.state()]).toEqual([true, 3, 'foreign']);
  room.breakout('SOLUSDT', 3);
  expect(room.verdicts.at(-1)?.refusal).toBe('G18 positions');
});

test('I-12: where more is told to be filled than was ordered nothing is done by the strategy any more, and an operator can close it', () => {
  const room = new DeskRoom().settleDown().enter();
  const [entry] = room.creates('E');
  const told = room.exchange.place('SOLUSDT').orders.get(entry?.order.linkId ?? '') as OrderReport;
  room.take({
    kind: 'gateway',
    event: { kind: 'order', report: { ...told, filledLots: (told.lots + 1) as Lot } },
  });
  expect(room.state()).toBe('quarantined');
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.state() === 'flat', 5_000);
});

test('a contradiction ends as what two readings have proven, and not by the first', () => {
  const room = new DeskRoom().settleDown().enter();
  const [fill] = room.exchange.place('SOLUSDT').fills;
  room.until(() => room.exchange.sent.at(-1)?.kind === 'read-account', 20_000);
  room.run(1_000);
  const told = room.exchange.place('SOLUSDT').orders.get(fill?.linkId ?? '') as OrderReport;
  room.take({ kind: 'gateway', event: { kind: 'order', report: { ...told, filledLots: 99 as Lot } } });
  const sent = room.exchange.sent.length;
  const passed = room.until(() => room.state() !== 'quarantined', 40_000);
  const readings = room.exchange.sent.slice(sent).filter(({ kind }) => kind === 'read-account');
  expect([room.state(), readings.length, passed >= 3_000]).toEqual(['protected', 2, true]);
});

test('one book that falls silent beside others that speak closes its own position alone', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.enter('XRPUSDT', true, 2);
  room.isBookHeard = false;
  for (let second = 0; second < 33; second++) {
    room.heard('XRPUSDT');
    room.run(1_000);
  }
  expect([...room.rows.values()].map(({ symbol, exitReason }) => [symbol, exitReason])).toEqual([
    ['SOLUSDT', 'emergency_connection_loss'],
    ['XRPUSDT', undefined],
  ]);
  expect(room.state('XRPUSDT')).toBe('protected');
});

test.each<[boolean, readonly unknown[], string]>([
  [true, ['HALTED', 'flat', 'emergency_connection_loss'], 'HALTED'],
  [false, ['REDUCE_ONLY', 'protected', undefined], 'ACTIVE'],
])(
  'where no book speaks nothing is entered and somebody is called once; emergency_close_all: %s makes of it %j, and %s when the books are back',
  (emergencyCloseAll, lost, back) => {
    const room = new DeskRoom({ settings: { emergencyCloseAll } }).settleDown().enter();
    const called = () => room.told.filter(({ name }) => name === 'connection.lost');
    const now = () => [room.desk.status().mode, room.state(), [...room.rows.values()][0]?.exitReason];
    room.isBookHeard = false;
    room.run(33_000);
    expect(now()).toEqual(lost);
    room.isBookHeard = true;
    room.run(30_000);
    expect([room.desk.status().mode, ...room.desk.status().blocks]).toEqual([back]);
    expect(called()).toMatchObject([{ level: 'critical', fields: { closes: emergencyCloseAll } }]);
    room.command({ kind: 'resume', id: 'r' });
    room.run(15_000);
    expect(room.desk.status().mode).toBe('ACTIVE');
  },
);

test('Y05: a kill is over though the disk never answers for an entry that was to leave: it does not leave any more', () => {
  const room = new DeskRoom().settleDown();
  room.syncs = false;
  room.breakout();
  room.command({ kind: 'kill', id: 'k' });
  room.run(5_000);
  room.syncs = true;
  room.run(5_000);
  expect([room.desk.status().mode, room.creates(), room.exchange.place('SOLUSDT').lots]).toEqual(['HALTED', [], 0]);
});

/** What the next signal of the symbol meets, at once and later, after an entry was refused. */
test.each<[RefusalClass, string, string, number, string | undefined]>([
  ['limits', 'ACTIVE', 'G22 cooldown', 61_000, undefined],
  ['price', 'ACTIVE', 'G22 cooldown', 61_000, undefined],
  ['funds', 'REDUCE_ONLY', 'G01 mode', 71_000, undefined],
  ['clock', 'REDUCE_ONLY', 'G01 mode', 71_000, undefined],
  ['param', 'ACTIVE', 'G18 positions', 31_000, undefined],
  ['symbol-block', 'ACTIVE', 'G07 symbol_status', 120_000, 'G07 symbol_status'],
  ['auth', 'REDUCE_ONLY', 'G01 mode', 120_000, 'G01 mode'],
  ['account', 'HALTED', 'G01 mode', 120_000, 'G01 mode'],
])('an entry refused for %s leaves the mode %s; the next is refused by %s, and after %i ms by %s', (group, ...then) => {
  const [mode, atOnce, laterMs, later] = then;
  const room = new DeskRoom().settleDown();
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'create' ? { outcome: 'refused', class: group, code: 1, text: '' } : undefined;
  room.breakout();
  room.run(50);
  expect(room.doubts, 'of what the list of contracts allows').toBe(
    ['limits', 'price', 'param'].includes(group) ? 1 : 0,
  );
  room.exchange.faults = {};
  room.breakout('SOLUSDT', 2);
  expect([room.desk.status().mode, room.verdicts.at(-1)?.refusal]).toEqual([mode, atOnce]);
  room.run(laterMs);
  room.breakout('SOLUSDT', 3);
  expect(room.verdicts.at(-1)?.refusal).toBe(later);
});

test('O24: a symbol that takes no entries is tried again after a day, which is no reject in a row, and trades where the exchange lets it', () => {
  const room = new DeskRoom().settleDown();
  const tried = (life: number, group?: RefusalClass): unknown => {
    room.exchange.faults.refuse = ({ kind }) =>
      kind === 'create' && group !== undefined ? { outcome: 'refused', class: group, code: 1, text: '' } : undefined;
    room.breakout('SOLUSDT', life);
    room.run(61_000);
    return room.verdicts.at(-1)?.refusal ?? room.desk.status().mode;
  };
  expect([tried(1, 'price'), tried(2, 'price'), tried(3, 'symbol-block')]).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
  room.run(86_200_000);
  expect(tried(4)).toBe('G07 symbol_status');
  room.run(200_000);
  expect([tried(5), room.exchange.place('SOLUSDT').lots > 0]).toEqual(['ACTIVE', true]);
});

test('O24, Y02: contracts that the account may not trade close only themselves, however many are refused in a row', () => {
  const closed = Array.from({ length: 10 }, (_, i) => `METAL${i}USDT`);
  const room = new DeskRoom({ symbols: [...closed, 'SOLUSDT'] }).settleDown();
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.symbol !== 'SOLUSDT'
      ? { outcome: 'refused', class: 'symbol-block', code: 110_123, text: '' }
      : undefined;
  for (const symbol of closed) {
    room.breakout(symbol);
    room.run(1_100);
  }
  expect([room.creates('E').length, room.desk.status().mode]).toEqual([10, 'ACTIVE']);
  room.enter();
  expect(room.state()).toBe('protected');
});

test.each([
  ['called once where none of five is open', [], 1],
  ['not called where one between them is', [2], 0],
])(
  'O24, O26: contracts are refused one after the other as if each were closed to us: somebody is %s',
  (_, open, calls) => {
    const symbols = Array.from({ length: 6 }, (_unused, i) => `COIN${i}USDT`);
    const room = new DeskRoom({ symbols }).settleDown();
    const taken = open.map((i) => symbols[i]);
    room.exchange.faults.refuse = (request) =>
      request.kind === 'create' && !taken.includes(request.order.symbol)
        ? { outcome: 'refused', class: 'symbol-block', code: 110_132, text: 'not available in your region' }
        : undefined;
    for (const symbol of symbols) {
      room.breakout(symbol);
      room.run(1_100);
    }
    const called = room.told.filter(({ name, level }) => name === 'account.closed_contracts' && level === 'critical');
    expect([called.length, room.desk.status().mode]).toEqual([calls, 'ACTIVE']);
  },
);

test('O24: somebody is called once of five contracts that stay closed, and not again whenever one of them is tried', () => {
  const symbols = Array.from({ length: 5 }, (_unused, i) => `COIN${i}USDT`);
  const room = new DeskRoom({ symbols }).settleDown();
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'create' ? { outcome: 'refused', class: 'symbol-block', code: 110_132, text: '' } : undefined;
  const tried: number[] = [];
  for (const waitMs of [0, 86_400_000]) {
    room.run(waitMs);
    for (const symbol of symbols) {
      room.breakout(symbol);
      room.run(1_100);
    }
    tried.push(room.creates('E').length);
  }
  expect(tried).toEqual([5, 10]);
  expect(room.told.filter(({ name }) => name === 'account.closed_contracts')).toHaveLength(1);
});

test('P22: somebody has switched on that margin is added by itself: nothing is entered there until it is off', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.addsMargin.add('SOLUSDT');
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(50);
  room.breakout();
  expect(room.verdicts.at(-1)).toMatchObject({
    refusal: 'G30 account_setting',
    detail: 'the exchange adds margin by itself',
  });
  room.exchange.addsMargin.clear();
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(50);
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test.each(['a reading', 'a stop'])(
  'O25: a key that is refused for %s, with nothing entered, keeps entries off until somebody has seen it, and calls somebody once',
  (what) => {
    const room = new DeskRoom().settleDown().enter();
    const { faults } = room.exchange;
    if (what === 'a stop') {
      faults.refuse = ({ kind }) =>
        kind === 'set-stop' ? { outcome: 'refused', class: 'auth', code: 10_005, text: '' } : undefined;
      room.exchange.humanStop('SOLUSDT', undefined);
      room.run(4_000);
    } else {
      faults.readFails = ({ kind }) => kind === 'read-account';
      faults.isKeyRefused = true;
      room.run(20_000);
    }
    room.exchange.faults = {};
    room.run(60_000);
    const called = room.told.filter(({ name }) => name === 'auth.refused').map(({ level }) => level);
    expect([called, room.desk.status().blocks]).toEqual([['critical'], ['auth']]);
    room.command({ kind: 'resume', id: 'r' });
    expect(room.desk.status().blocks).toEqual([]);
  },
);

test('O25: with a key that is refused from the start on the run ends: the next start, with another one, needs nobody', () => {
  const room = new DeskRoom();
  room.exchange.faults.readFails = ({ kind }) => kind === 'read-account';
  room.exchange.faults.isKeyRefused = true;
  room.run(5_000);
  room.exchange.faults = {};
  room.settleDown();
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
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

test('P17: a close that the gateway never answers for is given up after two seconds, and its way is taken last', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const send = exchange.send.bind(exchange);
  exchange.send = (request) =>
    request.kind === 'create' && request.path === 'trade-socket' ? void exchange.sent.push(request) : send(request);
  room.move('SOLUSDT', 10_030);
  exchange.place('SOLUSDT').shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.creates().length > 2, 4_000);
  room.run(6_000);
  const [, first, ...others] = room.creates().map(({ path }) => path);
  expect([first, others.length > 3, others.includes('trade-socket')]).toEqual(['trade-socket', true, false]);
  exchange.place('SOLUSDT').shown = Infinity;
  room.until(() => room.state() === 'flat', 4_000);
  // The first may still be carried out.
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G22 cooldown');
  room.run(8_000);
  room.breakout('SOLUSDT', 3);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test.each([
  ['leave_protected', 9, 9_974],
  ['flatten', 0, undefined],
] as const)('R11: asked to end by %s while the stop is missing, it ends when that is done', (policy, lots, stop) => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' ? { late: 500 } : 'yes');
  room.exchange.humanStop('SOLUSDT', undefined);
  room.until(() => room.state() === 'unprotected', 100);
  room.take({ kind: 'drain', policy });
  expect(room.drained).toEqual([]);
  room.until(() => room.drained.length > 0, 1_000);
  expect([room.drained, place.lots, place.stop?.tick, room.desk.status().mode]).toEqual([[[]], lots, stop, 'STOPPED']);
});

test('Y04, Y09: the file KILL closes what is held, once; who resumes finds the kill lifted, and enters ten seconds later', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.take({ kind: 'facts', facts: { killedByFile: true } });
  room.command({ kind: 'kill', id: 'k1' });
  room.command({ kind: 'resume', id: 'r1' });
  const refused = room.answers.get('r1');
  expect(refused?.accepted).toBe(false);
  room.command({ kind: 'resume', id: 'r1' });
  expect(room.answers.get('r1')).toEqual({ ...refused, isRepeat: true });
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  expect(room.creates('X')).toHaveLength(1);
  expect(room.told.filter(({ name }) => name === 'kill.ordered')).toHaveLength(1);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['kill_switch']);
  room.restart();
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  room.command({ kind: 'resume', id: 'r2' });
  expect(room.latches).toEqual([true, true, false]);
  expect(room.answers.get('r2')).toMatchObject({ accepted: true, text: 'cleared: kill_switch' });
  room.run(9_000);
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G01 mode');
  room.run(2_000);
  room.enter('XRPUSDT', true, 3);
  expect(room.desk.status().isKilled).toBe(false);
  expect(room.deskHash()).toBe(room.replayHash());
});

test('R11: an entry that was accepted, and of which nobody tells more, is named at the end: it may be filled after we are gone', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.place('SOLUSDT').shown = 0;
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.readFails = () => true;
  room.breakout();
  room.run(100);
  room.take({ kind: 'drain', policy: 'leave_protected' });
  room.run(21_000);
  expect(room.drained).toEqual([['SOLUSDT entry acked']]);
});

test('Y04: a kill is over only when it is known what became of an entry that was on its way, and what that opened goes home', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place('SOLUSDT');
  room.exchange.faults.accept = (request) =>
    request.kind === 'create' && request.order.role === 'E' ? { late: 4_000 } : 'yes';
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.command({ kind: 'kill', id: 'k' });
  room.run(3_000);
  expect(place.lots).toBe(0);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.until(() => room.desk.status().mode === 'HALTED');
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['kill_switch']);
  expect(place.lots).toBe(0);
});

test('Y05: a kill is not over before the account was read: something that nobody remembers may stand there', () => {
  const room = new DeskRoom();
  room.exchange.faults.readFails = () => true;
  room.take({ kind: 'facts', facts: { killedByFile: true } });
  room.run(5_000);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.exchange.faults = {};
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  expect(room.creates()).toEqual([]);
});

test('R11: an entry whose record is not on the disk yet is not waited for, and does not leave later', () => {
  const room = new DeskRoom().settleDown();
  room.syncs = false;
  room.breakout();
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
  room.take({ kind: 'drain', policy: 'leave_protected' });
  expect(room.drained).toEqual([[]]);
  room.take({ kind: 'synced', upTo: Infinity });
  expect(room.creates()).toEqual([]);
});

test('R08: a start after too many crashes looks after what is held, and enters nothing until somebody has seen it', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.haltedFor = '3 abnormal exits';
  room.restart();
  room.until(() => room.desk.status().mode === 'HALTED', 5_000);
  room.run(15_000);
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.at(-1)).toMatchObject({ refusal: 'G01 mode', detail: 'mode is HALTED' });
  expect(room.desk.status()).toMatchObject({ latch: '3 abnormal exits', positions: [{ state: 'protected' }] });
  room.move('SOLUSDT', 9_900);
  room.until(() => room.state() === 'flat');
  room.command({ kind: 'resume', id: 'r' });
  room.run(11_000);
  room.enter('XRPUSDT', true, 3);
  expect(room.desk.status().mode).toBe('ACTIVE');
});

const link = (room: DeskRoom, path: Path, up: boolean): void =>
  room.take({ kind: 'gateway', event: { kind: 'link', link: path, up, reason: '' } });

test('P17: where every way was dead the next close leaves in the moment in which one of them is back', () => {
  const room = new DeskRoom().settleDown().enter();
  const paths = ['trade-socket', 'rest-1', 'rest-2'] as const;
  for (const path of paths) {
    room.exchange.down.add(path);
    link(room, path, false);
  }
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(6_500);
  expect(room.names(), 'P16').toContain('position.close_stuck');
  const before = room.creates().length;
  room.exchange.down.delete('rest-2');
  link(room, 'rest-2', true);
  expect(room.creates().slice(before)).toMatchObject([{ path: 'rest-2' }]);
  room.until(() => room.state() === 'flat', 5_000);
});

test('P17: a REST host that is down, or has just failed to answer, is asked nothing that the other one can answer', () => {
  const room = new DeskRoom().settleDown().enter();
  room.privateLink(false);
  const askedOf = (lastsMs: number): Set<Path> => {
    const from = room.exchange.sent.length;
    room.run(lastsMs);
    return new Set(room.exchange.sent.slice(from).map(({ path }) => path));
  };
  link(room, 'rest-1', false);
  expect(askedOf(20_000)).toEqual(new Set(['rest-2']));
  link(room, 'rest-1', true);
  room.exchange.faults.readFails = ({ path }) => path === 'rest-1';
  room.run(5_000);
  expect(askedOf(4_000)).toEqual(new Set(['rest-2']));
});

test('a reading that is out over a host which was dead, and is back, is asked for anew at once', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.readMs = ({ kind }) => (kind === 'read-account' ? 4_000 : undefined);
  const readings = () => room.exchange.sent.filter(({ kind }) => kind === 'read-account');
  const before = readings().length;
  room.until(() => readings().length > before, 11_000);
  room.run(500);
  const path = readings().at(-1)?.path ?? 'rest-1';
  link(room, path, false);
  link(room, path, true);
  expect(readings()).toHaveLength(before + 2);
});

test('P16: a close that brings nothing home for five seconds goes on as an emergency', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.place('SOLUSDT').shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(4_900);
  expect([room.state(), room.creates('X')]).toEqual(['closing', []]);
  room.until(() => room.state() === 'emergency-closing', 300);
  room.exchange.place('SOLUSDT').shown = Infinity;
  room.until(() => room.state() === 'flat', 5_000);
  expect(room.creates('X')).toHaveLength(1);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['manual']);
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

/** An entry that the exchange answered with an order id, and then forgot. */
function lostEntry(): DeskRoom {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.loses = ({ kind }) => kind === 'create';
  room.breakout();
  return room;
}

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

test('P01: a stop that could not leave for a second is set as soon as it can, and its position is not closed for want of one', () => {
  const room = new DeskRoom().settleDown().enter();
  const { down } = room.exchange;
  for (const host of ['rest-1', 'rest-2'] as const) down.add(host);
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(1_200);
  expect(room.stopsAsked().length).toBeLessThan(10);
  down.clear();
  room.until(() => room.state() === 'protected', 1_000);
  room.run(5_000);
  expect([...room.creates('C'), ...room.creates('X')]).toEqual([]);
});

test('P21: what an operator is closing when a kill comes is left once more and no oftener, for the first of the reasons', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  place.shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(100);
  room.command({ kind: 'kill', id: 'k' });
  room.run(2_000);
  place.shown = Infinity;
  room.until(() => room.isTold(), 5_000);
  const told = room.told.filter(({ name }) => name === 'position.leaving');
  expect(told.map(({ fields }) => Object.values(fields))).toEqual([
    ['manual', false],
    ['kill_switch', true],
  ]);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['manual']);
});

test('C04, I-20: an open position keeps the numbers of its entry, over a restart too; the next one has the new', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.rules = { ...room.rules, exit: { ...room.rules.exit, maxHoldingMinutes: 1 } };
  room.enter('XRPUSDT', true, 2);
  room.restart();
  room.run(70_000);
  expect([...room.rows.values()].map(({ symbol, exitReason }) => [symbol, exitReason])).toEqual([
    ['SOLUSDT', undefined],
    ['XRPUSDT', 'timeout'],
  ]);
  expect(room.state()).toBe('protected');
});

test('W10: while the private stream is down a position is managed all the same: it is closed after its time, for once, and told', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 1 } }).settleDown().enter();
  room.privateLink(false);
  room.run(50_000);
  expect(room.state()).toBe('protected');
  room.run(30_000);
  expect([room.state(), room.exchange.place('SOLUSDT').lots]).toEqual(['flat', 0]);
  expect(room.creates('C')).toHaveLength(1);
  expect([...room.rows.values()].at(-1)).toMatchObject({ exitReason: 'timeout', isComplete: true });
});

test('W10, P7: while the private stream is down an exit leaves alone what a person has added a moment before', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 1 } }).settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  const opened = room.mono;
  room.privateLink(false);
  room.run(50_000);
  exchange.faults.readMs = () => 700;
  room.run(opened + 59_000 - room.mono);
  exchange.human('SOLUSDT', 4);
  room.until(() => room.creates('C').length > 0, 5_000);
  room.run(20_000);
  expect(room.creates('C').map(({ order }) => order.lots)).toEqual([lots]);
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 4]);
});

test.each(['before', 'after'] as const)(
  'W10, P7: a close that is asked for just %s the private stream is back leaves alone what a person has added while it was down',
  (when) => {
    const room = new DeskRoom().settleDown().enter();
    const { exchange } = room;
    const { lots } = exchange.place('SOLUSDT');
    const close = (): void => room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c1' });
    room.privateLink(false);
    room.run(10_000);
    exchange.faults.readMs = () => 700;
    room.run(2_000);
    exchange.human('SOLUSDT', 4);
    if (when === 'before') close();
    room.privateLink(true);
    if (when === 'after') close();
    room.run(20_000);
    expect(room.creates('C').map(({ order }) => order.lots)).toEqual([lots]);
    expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 4]);
  },
);

test('W10: an exit while the private stream is down costs two whole readings, one before its close and one after it', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  exchange.faults.readMs = () => 100;
  room.privateLink(false);
  room.run(20_500);
  const before = exchange.sent.length;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(2_000);
  const asked = exchange.sent.slice(before).map((request) => ('depth' in request ? request.depth : request.kind));
  expect(asked).toEqual(['deep', 'create', 'read-position', 'deep', 'read-position']);
});

test('W10, P7: where readings take seconds too, a close has five seconds from when it left, not from when it was asked for, to be proven', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  room.privateLink(false);
  room.run(10_000);
  exchange.faults.readMs = () => 2_000;
  room.run(4_300);
  exchange.human('SOLUSDT', 60);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(40_000);
  expect(room.creates().map(({ order }) => [order.role, order.lots])).toEqual([
    ['E', lots],
    ['C', lots],
  ]);
  expect(room.names()).not.toContain('position.close_stuck');
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 60]);
});

test('W10, P7: a kill while the private stream is down waits for no reading, and takes no more than what is known to be ours', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  room.privateLink(false);
  room.run(10_000);
  exchange.human('SOLUSDT', 60);
  room.command({ kind: 'kill', id: 'k' });
  expect(room.creates('X').map(({ order }) => order.lots)).toEqual([lots]);
  room.run(20_000);
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', 60]);
});

test.each(['does not leave', 'is refused'] as const)(
  'W10, P7: a kill while executions cannot be read does not wait for what a close has left that %s',
  (what) => {
    const room = new DeskRoom().settleDown().enter();
    const { exchange } = room;
    const { lots } = exchange.place('SOLUSDT');
    room.privateLink(false);
    exchange.human('SOLUSDT', 60);
    room.run(10_000);
    exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
    room.run(5_000);
    if (what === 'does not leave') for (const path of ['trade-socket', 'rest-1'] as const) exchange.down.add(path);
    exchange.faults.refuse = (request) =>
      what === 'is refused' && request.kind === 'create' && request.path === 'trade-socket'
        ? { outcome: 'refused', class: 'param', code: 110_017, text: '' }
        : undefined;
    room.command({ kind: 'kill', id: 'k' });
    room.run(1_000);
    expect(room.creates('X').every(({ order }) => order.lots === lots)).toBe(true);
    expect(exchange.place('SOLUSDT').lots).toBe(60);
  },
);

/** Nobody tells what was executed, and a person has bought 60 lots in the moment in which the first order of the kill leaves. */
function killedBlind(refusesFirst = false): DeskRoom {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  exchange.faults.readFails = ({ kind }) => kind !== 'read-position';
  exchange.faults.rejects = () => refusesFirst && room.creates('X').length === 1;
  room.privateLink(false);
  room.run(3_000);
  room.command({ kind: 'kill', id: 'k' });
  exchange.human('SOLUSDT', 60);
  room.run(30_000);
  return room;
}

test('W10, P7: what an accepted close has taken is not taken once more of lots that a person has added in that moment, however long nobody tells of executions', () => {
  const room = killedBlind();
  const { exchange } = room;
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['emergency-closing', 60]);
  exchange.faults = {};
  room.until(() => room.state() === 'foreign', 20_000);
  expect([room.isTold(), exchange.place('SOLUSDT').lots]).toEqual([true, 60]);
});

test('W10, I-07: of lots that a person has added to, ours are closed once more at the word that the stop is gone', () => {
  const room = killedBlind(true);
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  exchange.humanStop('SOLUSDT', undefined);
  room.until(() => exchange.place('SOLUSDT').lots === 60, 5_000);
  expect([lots > 60, room.creates('X').length]).toEqual([true, 2]);
});

test('W10: of lots that a person has added to, ours are closed once more where a whole reading shows nothing of the accepted close', () => {
  const room = killedBlind(true);
  const { exchange } = room;
  exchange.faults = {};
  room.until(() => room.state() === 'foreign', 20_000);
  expect([room.creates('X').length, exchange.place('SOLUSDT').lots]).toEqual([2, 60]);
});

test('W10: an exit that has waited in vain for a reading does not wait anew after a close that was refused', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  room.privateLink(false);
  room.run(10_000);
  exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.path === 'trade-socket'
      ? { outcome: 'refused', class: 'param', code: 110_017, text: '' }
      : undefined;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(6_500);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([2, 0]);
});

test('P7, I-07: what is left of ours beside what a person holds is not waited for any more at the word that its stop is gone', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  exchange.human('SOLUSDT', 60);
  room.run(3_000);
  exchange.faults.accept = ({ kind }) => (kind === 'create' && room.creates('C').length === 1 ? 'no' : 'yes');
  exchange.faults.answerLost = ({ kind }) => kind === 'create' && room.creates('C').length === 1;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(500);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([1, 60 + lots]);
  exchange.humanStop('SOLUSDT', undefined);
  room.run(500);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([2, 60]);
});

test('W10, I-07: an exit that waits for a reading waits no longer at the word that its stop is gone', () => {
  const room = new DeskRoom().settleDown().enter();
  const { exchange } = room;
  room.privateLink(false);
  room.run(10_000);
  exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  room.run(3_000);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.run(300);
  expect(room.creates('C')).toHaveLength(0);
  exchange.humanStop('SOLUSDT', undefined);
  room.run(4_000);
  expect([room.creates('C').length, exchange.place('SOLUSDT').lots]).toEqual([1, 0]);
});

test('W10, I-07: a kill while nothing has told how much our entry has filled takes all that stands there', () => {
  const room = new DeskRoom().settleDown();
  const { exchange } = room;
  exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? 0 : undefined);
  room.breakout();
  room.until(() => room.state() === 'protected', 1_000);
  room.privateLink(false);
  room.command({ kind: 'kill', id: 'k' });
  expect(room.creates('X').map(({ order }) => order.lots)).toEqual(['all']);
});

test('W10, P10: a kill while the private stream is down takes what is too small for a number as all that stands there', () => {
  const room = new DeskRoom().settleDown().enter();
  room.tellContract({ ...contractOf(room.exchange.place('SOLUSDT').grid), lotsMin: 10 as Lot });
  room.privateLink(false);
  room.run(10_000);
  room.command({ kind: 'kill', id: 'k' });
  expect(room.creates('X').map(({ order }) => order.lots)).toEqual(['all']);
});

test.each([true, false])(
  'P07: while executions cannot be read, and the private stream is up: %s, it is read all the same that a person has closed ours',
  (isUp) => {
    const room = new DeskRoom().settleDown().enter();
    const { exchange } = room;
    exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
    exchange.faults.streamDelay = () => undefined;
    room.privateLink(isUp);
    room.run(60_000);
    const { lots } = exchange.place('SOLUSDT');
    expect(room.desk.status().positions).toMatchObject([{ ours: lots }]);
    exchange.human('SOLUSDT', -lots);
    room.run(25_000);
    expect(room.desk.status().positions).toMatchObject([{ ours: 0 }]);
    expect(room.creates().map(({ order }) => order.role)).toEqual(['E']);
  },
);

test('G04, P1: while executions cannot be read nothing is entered, though the light readings agree', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  room.run(60_000);
  room.breakout();
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual(['G04 private_stream']);
});

test('G04, P1: nor when a host has answered again between two of those that fail', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults.readFails = (request) => request.kind === 'read-account' && request.depth === 'deep';
  room.run(60_000);
  const failed = room.told.length;
  room.until(() => room.told.slice(failed).some(({ name }) => name === 'account.unread'));
  for (const isUp of [false, true]) for (const host of ['rest-1', 'rest-2'] as const) room.link(host, isUp);
  room.run(1_000);
  room.breakout();
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual(['G04 private_stream']);
});

test('L06, P7: after a pause nothing is closed before it is read whose it is: a person has taken the place of ours meanwhile', () => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 0.2 } }).settleDown().enter();
  const { exchange } = room;
  const { lots } = exchange.place('SOLUSDT');
  room.isRunning = false;
  exchange.human('SOLUSDT', -lots);
  exchange.human('SOLUSDT', lots);
  room.run(20_000);
  room.isRunning = true;
  exchange.faults.readMs = () => 400;
  for (let i = 0; i < 30; i++) {
    room.take({ kind: 'time' });
    room.run(100);
  }
  expect(room.creates('C')).toEqual([]);
  expect([room.state(), exchange.place('SOLUSDT').lots]).toEqual(['foreign', lots]);
});

test('W10: while no stream tells what became of a close it is read at once, and not closed once more', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = () => undefined;
  room.privateLink(false);
  room.run(3_000);
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c' });
  room.until(() => room.state() === 'flat', 5_000);
  expect(room.creates().map(({ order }) => order.role)).toEqual(['E', 'C']);
});

const THREE = { symbols: ['SOLUSDT', 'XRPUSDT', 'ADAUSDT'] };

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

test('P06: two positions that the exchange takes away at once keep entries off as long as it does', () => {
  const room = new DeskRoom(THREE).settleDown().enter();
  room.enter('XRPUSDT');
  room.exchange.status('SOLUSDT', 'liquidating');
  room.run(100);
  expect([room.state(), room.desk.status().blocks]).toEqual(['exchange-closing', []]);
  room.exchange.status('XRPUSDT', 'deleveraging');
  room.run(100);
  room.breakout('ADAUSDT', 2);
  expect(room.desk.status().blocks).toEqual(['liquidations']);
  expect(room.verdicts.at(-1)?.refusal).toBe('G01 mode');
  // What it takes it may have taken the stop of: nothing is set or closed beside it.
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(4_000);
  expect([room.state(), room.stopsAsked()]).toEqual(['exchange-closing', []]);
  for (const symbol of ['SOLUSDT', 'XRPUSDT']) room.exchange.status(symbol, 'normal');
  room.run(100);
  expect([room.state(), room.state('XRPUSDT'), room.desk.status().blocks]).toEqual(['protected', 'protected', []]);
  expect([room.creates('C'), room.creates('X')]).toEqual([[], []]);
});

test.each([
  ['CreateByAdl_PassThrough', 'adl'],
  ['CreateByTakeOver_PassThrough', 'liquidation'],
] as const)(
  'P06: two positions that %s took within ten minutes keep entries off until they are over, over a restart too and though nothing is left',
  (by, kind) => {
    const room = new DeskRoom(THREE).settleDown().enter();
    room.enter('XRPUSDT');
    const taken = (symbol: string): void => {
      room.exchange.closeBy(symbol, by, kind);
      room.until(() => room.state(symbol) === 'flat', 5_000);
    };
    taken('SOLUSDT');
    expect(room.desk.status().blocks).toEqual([]);
    room.run(300_000);
    taken('XRPUSDT');
    room.breakout('ADAUSDT', 2);
    expect(room.desk.status().blocks).toEqual(['liquidations']);
    expect(room.verdicts.at(-1)).toMatchObject({ symbol: 'ADAUSDT', refusal: 'G01 mode' });
    room.run(100_000);
    room.restart();
    room.run(190_000);
    expect([room.desk.status().mode, room.desk.status().blocks]).toEqual(['REDUCE_ONLY', ['liquidations']]);
    room.run(25_000);
    expect([room.desk.status().mode, room.desk.status().blocks]).toEqual(['ACTIVE', []]);
  },
);

test('G20: what is bound already cannot be bound once more: an account without free margin enters nothing, however rich it is', () => {
  const room = new DeskRoom().settleDown();
  const told = (free: Money, updatedMs: number): void => {
    const report = { ...room.exchange.wallet(), free, updatedMs: updatedMs as Ms };
    room.take({ kind: 'gateway', event: { kind: 'wallet', report } });
  };
  told(1_000_000_000n, room.wall);
  // A word of before that comes late frees nothing.
  told(2_000_000_000n, room.wall - 1);
  room.breakout();
  expect(room.verdicts.at(-1)).toMatchObject({ refusal: 'G20 margin', detail: 'not enough free margin' });
  told(2_000_000_000n, room.wall);
  room.breakout('SOLUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test('G20: what an entry on its way is about to bind is not free for the next one', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown();
  const report = { ...room.exchange.wallet(), free: 2_000_000_000n };
  room.take({ kind: 'gateway', event: { kind: 'wallet', report } });
  room.breakout();
  room.breakout('XRPUSDT', 2);
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([undefined, 'G20 margin']);
});

test('I-16: a reading that was asked for before the private stream was lost is none of the two that are needed after it', () => {
  const room = new DeskRoom().settleDown().enter();
  const each = { ms: 500 };
  room.exchange.faults.readMs = ({ kind }) => (kind === 'read-account' ? each.ms : undefined);
  const { sent } = room.exchange;
  const before = sent.length;
  room.until(() => sent.slice(before).some(({ kind }) => kind === 'read-account'), 11_000);
  each.ms = 600;
  room.privateLink(false);
  room.privateLink(true);
  expect(room.desk.status().mode).toBe('RECONCILING');
  expect(room.until(() => room.desk.status().mode !== 'RECONCILING', 5_000)).toBeGreaterThanOrEqual(2_400);
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

test.each<[string, string, (room: DeskRoom) => void]>([
  ['the signal has grown old', 'G06 lag_and_age', (room) => room.run(600)],
  ['the price has moved on', 'G11 density_now', (room) => room.move('SOLUSDT', 10_030)],
  ['the book has gone', 'G09 book', (room) => (room.isBookHeard = false)],
  ['an operator has paused', 'G01 mode', (room) => room.command({ kind: 'pause', id: 'p' })],
  ['a person has bought', 'G18 positions', (room) => (room.exchange.human('SOLUSDT', 2), room.run(20))],
])('O27: %s while the record of an entry went to the disk: it does not leave, by %s', (_, reason, happens) => {
  const room = new DeskRoom().settleDown();
  room.syncs = false;
  room.breakout();
  happens(room);
  room.take({ kind: 'synced', upTo: room.records.at(-1)?.seq ?? 0 });
  expect(room.creates()).toEqual([]);
  expect(room.told.find(({ name }) => name === 'entry.aborted')?.fields).toMatchObject({ reason });
  expect(
    room.desk
      .status()
      .positions.map(({ entry }) => entry)
      .filter((entry) => entry !== undefined),
  ).toEqual([]);
  expect(room.deskHash()).toBe(room.replayHash());
});

const EIGHT = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'].map((letter) => `${letter}USDT`);

test('I-15, G28: of eight signals in one moment five become orders, and closes find their own lane free', () => {
  const room = new DeskRoom({ symbols: EIGHT }).settleDown();
  for (const symbol of EIGHT) room.breakout(symbol);
  room.run(900);
  expect(room.creates('E')).toHaveLength(5);
  expect(room.told.filter(({ name }) => name === 'entry.aborted').map(({ fields }) => fields['reason'])).toEqual(
    Array.from({ length: 3 }, () => 'G28 rate_lane'),
  );
  for (const symbol of EIGHT.slice(0, 5)) room.command({ kind: 'close', symbol, id: symbol });
  expect(room.creates('C')).toHaveLength(5);
});

test('G23: of signals that come at the same moment no more become entries than the minute allows', () => {
  const room = new DeskRoom({ symbols: EIGHT.slice(0, 3), settings: { maxOrdersPerMinute: 2 } }).settleDown();
  for (const symbol of EIGHT.slice(0, 3)) room.breakout(symbol);
  room.run(1_000);
  expect(room.creates('E')).toHaveLength(2);
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([undefined, undefined, 'G23 entry_rate']);
});

test('G23, Y06: entries of a minute are counted as they leave, and over a restart', () => {
  const room = new DeskRoom({ symbols: EIGHT.slice(0, 4), settings: { maxOrdersPerMinute: 2 } })
    .settleDown()
    .enter('AUSDT');
  room.enter('BUSDT');
  room.breakout('CUSDT');
  expect(room.verdicts.at(-1)?.refusal).toBe('G23 entry_rate');
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 10_000);
  room.run(3_000);
  room.breakout('CUSDT', 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G23 entry_rate');
  room.run(60_000);
  room.enter('DUSDT', true, 3);
  expect(room.creates('E')).toHaveLength(3);
});

test.each([
  ['the stream alone', 0, true],
  ['one reading alone', 1, false],
])('P18: that nothing is left is not believed by the word of %s', (_, readings, isStreamed) => {
  const room = new DeskRoom().settleDown().enter();
  let left = readings;
  room.exchange.faults.readFails = ({ kind }) => kind !== 'read-position' || left-- <= 0;
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' && !isStreamed ? undefined : 0);
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.run(4_000);
  expect(room.names()).not.toContain('position.closed');
  left = Infinity;
  room.until(() => room.state() === 'flat', 3_000);
  expect(room.names()).toContain('position.closed');
});

test('P18: readings of before the last execution are no word of size 0, however many there are', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(4_000);
  room.exchange.faults.lagMs = () => 3_000;
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? undefined : 0);
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.run(2_900);
  expect(room.names()).not.toContain('position.closed');
  room.until(() => room.state() === 'flat', 3_000);
  expect(room.names()).toContain('position.closed');
});

test('what a reading of the account does not list any more, and no stream has told of, is asked about and found gone', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.closeBy('SOLUSDT', 'CreateByStopLoss', 'trade');
  room.until(() => room.state() === 'flat', 13_000);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: 'stop_loss', isComplete: true }]);
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

test.each([
  ['of ours', 'd1-twin-1', 'C'],
  ['that was started later on a copy of our directory', 'd1-test-1', 'C'],
  ['that was started earlier on what ours is a copy of', 'd1-test-0', 'E'],
])(
  'R09: an order of another engine %s keeps entries off until somebody has seen to it, and the next one does again',
  (_, run, role) => {
    const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
    room.restart();
    room.run(5_000);
    const [mine] = room.exchange.place('SOLUSDT').fills;
    const meet = (execId: string): void => {
      const fill = { ...(mine as Fill), execId, linkId: `${run}-zz${execId}-${role}`, timeMs: room.wall as Ms };
      room.take({ kind: 'gateway', event: { kind: 'fill', fill: { ...fill, symbol: 'XRPUSDT' } } });
    };
    for (const id of ['a', 'b']) {
      meet(id);
      expect(room.desk.status().blocks).toEqual(['lease.twin']);
      room.command({ kind: 'resume', id });
      expect(room.answers.get(id)?.text).toBe('cleared: lease.twin');
    }
  },
);

test('a restored journal of yesterday books the end of what it holds and all that was lost since; it may lack a pause: an operator looks first', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  const backup = [...room.records];
  const lose = (symbol: string): void => {
    room.move(symbol, 9_900);
    room.until(() => room.state(symbol) === 'flat');
  };
  lose('SOLUSDT');
  room.enter('XRPUSDT', true, 2);
  lose('XRPUSDT');
  room.records.splice(0, Infinity, ...backup);
  room.restart();
  room.run(20_000);
  expect([...room.rows.values()].map(({ exitReason }) => exitReason)).toEqual(['stop_loss', 'stop_loss']);
  expect(room.desk.account().dayProfit).toBe(room.exchange.balance - START_BALANCE);
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['journal.corrupt'], positions: [] });
  expect(room.names().filter((name) => name === 'journal.corrupt')).toHaveLength(1);
  room.command({ kind: 'resume', id: 'r' });
  room.run(20_000);
  expect(room.desk.status().mode).toBe('ACTIVE');
});

test('a backup of before the kill switch knows nothing of the kill, and the closes say that it is one: an operator looks first', () => {
  const room = new DeskRoom().settleDown().enter();
  const backup = [...room.records];
  room.command({ kind: 'kill', id: 'k' });
  room.until(() => room.desk.status().mode === 'HALTED');
  room.records.splice(0, Infinity, ...backup);
  room.restart();
  room.run(20_000);
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['journal.corrupt'], positions: [] });
  room.command({ kind: 'resume', id: 'r' });
  room.run(20_000);
  room.restart();
  room.run(20_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
});

test('a new key of the same account begins a journal that knows the loss of before, and not its pause: an operator looks first', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.enter('XRPUSDT', true, 2);
  room.move('XRPUSDT', 9_900);
  room.until(() => room.state('XRPUSDT') === 'flat');
  room.command({ kind: 'pause', id: 'p' });
  room.records.length = 0;
  room.restart();
  room.run(20_000);
  expect(room.state()).toBe('protected');
  expect(room.desk.account().dayProfit).toBe(room.exchange.balance - START_BALANCE);
  expect(room.desk.status()).toMatchObject({ mode: 'REDUCE_ONLY', blocks: ['journal.corrupt'] });
  room.command({ kind: 'resume', id: 'r' });
  room.run(20_000);
  room.restart();
  room.run(20_000);
  expect(room.desk.status()).toMatchObject({ mode: 'ACTIVE', blocks: [] });
});

/** The stream tells this of each order, so many ms after it has left. */
function toldOf(room: DeskRoom, status: OrderReport['status'], afterMs: number): DeskRoom['onRequest'] {
  return (request) => {
    if (request.kind !== 'create') return;
    const { linkId, lots, symbol } = request.order;
    const quiet = {
      orderId: 'o-told',
      parentLinkId: '',
      createType: '',
      cancelType: '',
      rejectReason: '',
      filledLots: 0,
    };
    const report = {
      ...quiet,
      ...({ symbol, linkId, status, side: 'buy', isStopLoss: false, reduceOnly: false, trigger: undefined } as const),
      lots: lots as Lot,
      updatedMs: room.wall as Ms,
    };
    room.later(afterMs, () => room.take({ kind: 'gateway', event: { kind: 'order', report: report as OrderReport } }));
  };
}

test.each([0, 40])(
  'Y02: three orders that are accepted for processing and rejected by the stream, %i ms after they left, halt everything',
  (afterMs) => {
    const room = new DeskRoom().settleDown();
    room.exchange.place('SOLUSDT').shown = 0;
    room.exchange.faults.streamDelay = ({ kind }) => (kind === 'order' ? undefined : 0);
    room.onRequest = toldOf(room, 'rejected', afterMs);
    for (let life = 1; life <= 3; life++) {
      expect(room.desk.status().latch).toBeUndefined();
      room.breakout('SOLUSDT', life);
      room.run(61_000);
    }
    expect(room.creates('E')).toHaveLength(3);
    expect(room.desk.status().latch).toBe('risk.runaway');
  },
);

test('Y02: rejects are in a row only where no order of the symbol was taken between them, whoever tells of that first', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown();
  // What is taken finds nothing.
  for (const place of room.exchange.places.values()) place.shown = 0;
  const send = (symbol: string, isTaken: boolean): void => {
    room.exchange.faults.refuse = ({ kind }) =>
      kind === 'create' && !isTaken ? { outcome: 'refused', class: 'price', code: 1, text: '' } : undefined;
    room.run(61_000);
    room.breakout(symbol, room.creates('E').length + 1);
    room.run(50);
  };
  for (let i = 0; i < 2; i++) send('XRPUSDT', false);
  send('SOLUSDT', true);
  send('XRPUSDT', true);
  for (let i = 0; i < 2; i++) send('XRPUSDT', false);
  expect(room.desk.status().mode).toBe('ACTIVE');
  room.onRequest = toldOf(room, 'new', 0);
  send('XRPUSDT', true);
  room.onRequest = () => undefined;
  for (let i = 0; i < 2; i++) send('XRPUSDT', false);
  expect(room.desk.status().mode).toBe('ACTIVE');
  expect(room.creates('E')).toHaveLength(9);
  send('XRPUSDT', false);
  expect(room.desk.status().latch).toBe('risk.runaway');
});

test('Y02: three rejects of one symbol in a row halt everything, and a `resume` begins to count anew', () => {
  const room = new DeskRoom({ symbols: ['SOLUSDT', 'XRPUSDT'] }).settleDown().enter();
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'create' ? { outcome: 'refused', class: 'price', code: 1, text: '' } : undefined;
  for (let life = 2; life < 5; life++) {
    room.run(61_000);
    expect(room.desk.status().mode).toBe('ACTIVE');
    room.breakout('XRPUSDT', life);
    room.run(50);
  }
  expect(room.desk.status()).toMatchObject({ mode: 'HALTED', latch: 'risk.runaway' });
  // What is held is left to its stop until then.
  room.earn();
  expect(room.stopsAsked()).toEqual([]);
  room.exchange.faults = {};
  room.command({ kind: 'resume', id: 'r' });
  room.run(61_000);
  expect(room.stopsAsked()).toHaveLength(1);
  room.enter('XRPUSDT', true, 6);
  expect(room.desk.status().mode).toBe('ACTIVE');
});
