// What did campaigns of faults once find wrong in the desk? One example each, so that no seed has to find it again.
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyText } from '../../src/market/money.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { refusalClassOf } from '../../src/order/answer.ts';
import type { Fill, OrderReport } from '../../src/order/words.ts';
import type { DeskEvent } from '../../src/position/desk-event.ts';
import type { StopPrice } from '../../src/market/stop-price.ts';
import { holdingOf } from '../../src/position/trade/holding.ts';
import { DeskRoom, type RoomOptions } from './desk-room.ts';
import { START_BALANCE, type Place } from './fake-exchange.ts';

const SYMBOL = 'SOLUSDT';

/** An exchange whose list leaves contracts out, and whose account shows the stops that wait. */
class WiderRoom extends DeskRoom {
  readonly unlisted = new Set<string>();

  override take(event: DeskEvent): void {
    // The room begins before it is whole.
    if (event.kind === 'contract' && this.unlisted?.has(event.contract.instrument.symbol)) {
      this.#left.push(event);
      return;
    }
    super.take(event);
  }

  readonly #left: DeskEvent[] = [];

  /** The next list is whole. */
  list(): void {
    this.unlisted.clear();
    for (const event of this.#left.splice(0)) this.take(event);
  }
}

/** What the trade that is protected now has paid for funding, as its row says once it is closed. */
function fundingTold(room: DeskRoom): string[] {
  room.until(() => room.state() === 'protected', 10_000);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.isTold(), 10_000);
  return [...room.rows.values()].map(({ funding }) => funding);
}

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

/** An entry that is filled while nothing is streamed and nothing can be read. */
function enterUnseen(room: DeskRoom): Place {
  room.settleDown();
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.readFails = () => true;
  room.breakout();
  const place = room.exchange.place(SYMBOL);
  room.until(() => place.lots !== 0);
  return place;
}

function standStill(room: DeskRoom): void {
  room.mono += 31_000;
  room.take({ kind: 'time' });
  expect(room.names()).toContain('clock.gap');
  expect(room.desk.status().mode).not.toBe('EMERGENCY');
  room.take({ kind: 'stall', lastedMs: 31_000 as Ms });
  room.run(3_000);
}

test('X02: what is held in a contract that the first list after a start has left out stays watched, and is managed as soon as it is listed', () => {
  const room = new WiderRoom().settleDown().enter();
  room.unlisted.add(SYMBOL);
  room.restart();
  room.run(3_000);
  expect(room.names()).toContain('contract.unknown');
  expect([...room.desk.held()]).toEqual([SYMBOL]);
  expect(room.desk.status().blocks).toContain('contract.unknown');
  room.list();
  room.until(() => room.state() === 'protected');
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
});

test('X02: a contract that was taken off the list after our last trade in it keeps nobody from the others', () => {
  const room = new WiderRoom().settleDown().enter();
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
  room.unlisted.add(SYMBOL);
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.names()).toContain('contract.unknown');
  expect(room.desk.status().blocks).toEqual([]);
});

test('P7, I-10: what a person holds in a contract that no list names counts in the exposure, until he has sold it', () => {
  const room = new WiderRoom({ symbols: [SYMBOL, 'PREUSDT'] });
  room.unlisted.add('PREUSDT');
  room.restart();
  room.settleDown();
  const { places } = room.exchange;
  room.exchange.human('PREUSDT', 600);
  room.run(11_000);
  expect(room.desk.account().exposure).toBe(places.get('PREUSDT')?.entry);
  room.breakout();
  expect(room.verdicts.at(-1)?.refusal).toBe('G17 exposure');
  room.exchange.human('PREUSDT', -600);
  room.run(11_000);
  expect(room.desk.account().exposure).toBe(0n);
  room.enter(SYMBOL, true, 2);
  expect(places.get(SYMBOL)?.lots).toBeGreaterThan(0);
});

test('R07: what a run before the loss of its journal has opened is ours after the start, and after the one that follows', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.restart();
  room.until(() => room.state() === 'protected');
  room.restart();
  room.until(() => room.state() === 'protected' && room.desk.status().mode === 'ACTIVE', 60_000);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
  expect(room.names()).not.toContain('lease.twin');
});

test('R07: what the stop sells while a start without a journal reads the account is a trade that is over: its loss counts, and the next may be entered', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.exchange.faults.readMs = ({ kind }) => (kind === 'read-account' ? 300 : undefined);
  room.restart();
  const place = room.exchange.place(SYMBOL);
  room.run(400);
  room.move(SYMBOL, 9_900);
  room.until(() => place.lots === 0, 100);
  room.until(() => room.desk.status().mode === 'ACTIVE');
  room.until(() => room.desk.held().size === 0);
  expect([...room.rows.values()].at(-1)).toMatchObject({
    size: '0.9',
    stopLossTriggered: true,
    profitLoss: '-0.998505',
    isComplete: true,
  });
});

test('R07, O17: what was executed before the journal was lost is ours, also where the exchange’s clock was put back meanwhile', () => {
  const room = new DeskRoom().settleDown().enter();
  room.loseJournal();
  room.backMs = 60_000;
  room.restart();
  room.until(() => room.state() === 'protected');
  expect(room.names()).not.toContain('lease.twin');
});

test.each([
  ['after the first start', 0],
  ['after a second start, which has a journal again', 1],
])(
  'R07: what was executed before the journal was lost is ours, though the exchange shows it only %s',
  (_, restarts) => {
    const room = new DeskRoom().settleDown().enter();
    room.loseJournal();
    const place = room.exchange.place(SYMBOL);
    const { fills } = place;
    const hidden = fills.splice(0);
    place.stopOrder = undefined;
    room.restart();
    room.until(() => room.state() === 'foreign');
    room.run(5_000);
    for (let i = 0; i < restarts; i++) room.restart();
    room.run(5_000);
    fills.push(...hidden);
    room.until(() => room.state() === 'protected', 300_000);
    expect(room.names()).not.toContain('lease.twin');
  },
);

test('R09: after a restart that has its journal, what another instance holds is a stranger’s and keeps its hands off, traded or not', () => {
  for (const [hasTraded, isWithinReach] of [
    [true, true],
    [false, true],
    [false, false],
  ]) {
    const room = new DeskRoom().settleDown();
    if (hasTraded) {
      room.enter();
      room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
      room.until(() => room.state() === 'flat' && room.exchange.place(SYMBOL).lots === 0);
    }
    room.exchange.faults.streamDelay = () => undefined;
    room.exchange.human(SYMBOL, 3);
    const place = room.exchange.place(SYMBOL);
    const { fills } = place;
    const linkId = 'd1-twin-1-a-E';
    const fill = { ...(fills.pop() as Fill), linkId };
    if (isWithinReach === true) fills.push(fill);
    room.exchange.humanStop(SYMBOL, { tick: 9_900 as Tick, by: 'mark' });
    place.stopOrder = { ...(place.stopOrder as OrderReport), parentLinkId: linkId };
    room.restart();
    room.exchange.faults = {};
    room.run(10_000);
    expect(room.state()).toBe('foreign');
    room.command({ kind: 'flatten', id: 'f1' });
    room.run(5_000);
    expect(room.exchange.place(SYMBOL).lots).toBe(3);
  }
});

test('R07, X02: a position of before the loss of the journal is ours also where the first list has left out its contract', () => {
  const room = new WiderRoom().settleDown().enter();
  room.loseJournal();
  room.unlisted.add(SYMBOL);
  room.restart();
  room.run(5_000);
  room.list();
  room.until(() => room.state() === 'protected', 5_000);
  expect(room.names()).not.toContain('position.foreign');
});

test.each([
  ['its own', 'protected'],
  ['a new', 'foreign'],
])('R07, P7: a position of two days before the loss of the journal, with %s stop, is found %s', (isOwn, state) => {
  const room = new DeskRoom({ exit: { maxHoldingMinutes: 10_080 } }).settleDown().enter();
  room.run(10_000);
  const { stop } = room.exchange.place(SYMBOL);
  room.isRunning = false;
  if (isOwn === 'a new') {
    room.exchange.humanStop(SYMBOL, undefined);
    room.exchange.humanStop(SYMBOL, stop);
  }
  room.run(2 * 86_400_000);
  room.loseJournal();
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.state()).toBe(state);
  expect(room.names().includes('position.foreign')).toBe(state === 'foreign');
  expect(room.exchange.place(SYMBOL).stop).toEqual(stop);
});

test('P13: what is opened and settled by the exchange in the same moment is opened first, in whatever order it is told', () => {
  const room = new DeskRoom().settleDown().enter();
  const [opened] = room.exchange.place(SYMBOL).fills;
  if (opened === undefined) throw new Error('nothing was executed');
  const settled: Fill = {
    ...opened,
    execId: `a${opened.execId}`,
    linkId: '',
    kind: 'settlement',
    side: 'sell',
    closedLots: opened.lots,
  };
  const originOf = ({ linkId }: Fill) => (linkId === '' ? 'exchange' : 'entry');
  const instrument = createInstrument(SYMBOL, '0.01', '0.1') as Instrument;
  for (const fills of [
    [opened, settled],
    [settled, opened],
  ])
    expect(holdingOf(fills, undefined, 0, originOf, instrument)).toMatchObject({ ours: 0, foreign: 0, size: 0 });
});

test('I-08: a stop that stands nearer than the one we remember, set off by another price, is put right where it stands and not taken back', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const [first, nearer] = [place.stop?.tick ?? 0, ((place.stop?.tick ?? 0) + 4) as Tick];
  room.exchange.humanStop(SYMBOL, { tick: nearer, by: 'last' });
  room.until(() => place.stop?.by === 'mark');
  expect(place.stop).toEqual({ tick: nearer, by: 'mark' });
  expect(room.exchange.sent.filter((request) => request.kind === 'set-stop' && request.stop.tick <= first)).toEqual([]);
});

test.each([
  ['', () => undefined],
  [', also over a restart before that', (room: DeskRoom) => room.restart()],
])(
  'Y04, R07: an entry that is under way when all is to be closed is closed too, if it still opens something%s',
  (_, meanwhile) => {
    const room = new DeskRoom().settleDown();
    const place = room.exchange.place(SYMBOL);
    room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 4_000 } : 'yes');
    room.breakout();
    room.until(() => room.creates('E').length === 1);
    room.command({ kind: 'flatten', id: 'f1' });
    room.run(50);
    meanwhile(room);
    room.exchange.faults.accept = () => 'yes';
    room.until(() => place.lots !== 0, 10_000);
    room.until(() => room.state() === 'flat' && place.lots === 0, 30_000);
    expect([...room.rows.values()]).toMatchObject([{ exitReason: 'manual' }]);
  },
);

test('Y04: a position of ours that was not known for ours when all was to be closed is closed once it is', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const unshown = place.fills.splice(0);
  // Whose its stop is would tell it sooner.
  place.stopOrder = undefined;
  room.loseJournal();
  room.restart();
  room.run(5_000);
  expect(room.state()).toBe('foreign');
  room.command({ kind: 'flatten', id: 'f1' });
  place.fills.push(...unshown);
  room.until(() => place.lots === 0 && room.state() === 'flat', 90_000);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: 'manual' }]);
});

test('P7: what a person still holds where our trade has ended, with the stop that came with our entry, is not taken for ours at the next start', () => {
  const room = new WiderRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  room.exchange.human(SYMBOL, 5);
  room.run(5_000);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.rows.size === 1 && [...room.rows.values()][0]?.exitReason === 'manual', 30_000);
  expect(place.lots).toBe(5);
  expect(place.stopOrder).toMatchObject({ lots: 5, parentLinkId: room.creates('E')[0]?.order.linkId });
  const sent = room.creates().length;
  room.restart();
  room.settleDown();
  room.run(15_000);
  expect(room.desk.status().positions.map(({ ours, foreign }) => ({ ours, foreign }))).toEqual([
    { ours: 0, foreign: 5 },
  ]);
  expect(room.creates()).toHaveLength(sent);
});

test('P01: where the stop of a position that is being closed is gone, the next close leaves at once and not after the pause of the ladder', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place('SOLUSDT');
  place.shown = 0;
  room.command({ kind: 'close', symbol: 'SOLUSDT', id: 'c1' });
  const closes = (): number => room.creates('C').length + room.creates('X').length;
  room.until(() => closes() === 5, 20_000);
  room.run(150);
  const before = closes();
  room.exchange.humanStop('SOLUSDT', undefined);
  room.run(1_500);
  expect(closes()).toBeGreaterThan(before);
});

test('I-08: a stop that vanishes while a tighter one is on its way is restored at the tighter one, which may still arrive', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop?.tick as number;
  room.exchange.faults.accept = ({ kind }) =>
    kind === 'set-stop' && room.stopsAsked().length === 1 ? { late: 2_600 } : 'yes';
  room.earn();
  room.until(() => room.state() === 'amending');
  room.run(2_050);
  room.exchange.humanStop(SYMBOL, undefined);
  room.until(() => room.state() === 'protected');
  room.run(2_000);
  expect(Math.min(...room.stopsAsked())).toBeGreaterThan(first);
  expect(place.stop?.tick).toBe(room.stopsAsked()[0]);
});

test('P01, P03: a stop that vanishes while nobody answers to a tighter one is asked for again at once', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.accept = ({ kind }) => (kind === 'set-stop' && room.stopsAsked().length === 1 ? 'no' : 'yes');
  room.earn();
  room.until(() => room.state() === 'amending');
  room.run(100);
  room.exchange.humanStop(SYMBOL, undefined);
  expect(room.until(() => place.stop !== undefined, 5_000)).toBeLessThanOrEqual(100);
  expect(new Set(room.stopsAsked()).size).toBe(1);
});

test('I-08: where the market has gone through the tighter stop, the former one is restored', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop?.tick as number;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'set-stop' && request.stop.tick > first
      ? { outcome: 'refused', class: 'price', code: 10_001, text: 'StopLoss should be lower' }
      : undefined;
  room.exchange.faults.answerLost = ({ kind }) => kind === 'set-stop' && place.stop !== undefined;
  room.earn();
  room.until(() => room.state() === 'amending');
  room.run(2_050);
  room.exchange.humanStop(SYMBOL, undefined);
  room.until(() => room.state() === 'protected', 5_000);
  expect(place.stop?.tick).toBe(first);
});

test('I-08: a breakeven given up without an answer may stand: a stop that vanishes later is restored at it, also after a crash', () => {
  for (const meanwhile of [() => undefined, (room: DeskRoom) => room.restart()]) {
    const room = new DeskRoom().settleDown().enter();
    const place = room.exchange.place(SYMBOL);
    const first = place.stop as StopPrice;
    room.exchange.faults.ignoreStop = () => true;
    room.earn();
    room.until(() => room.names().includes('position.breakeven_failed'), 3_000);
    const [asked] = room.stopsAsked();
    const from = room.exchange.sent.length;
    expect([room.state(), place.stop]).toEqual(['protected', first]);
    room.exchange.faults = {};
    meanwhile(room);
    room.exchange.humanStop(SYMBOL, undefined);
    room.until(() => place.stop !== undefined, 3_000);
    expect(room.stopsAsked(from)).toEqual([asked]);
    room.until(() => room.state() === 'protected');
    expect(room.names()).toContain('position.breakeven');
    expect(asked).toBeGreaterThan(first.tick);
  }
});

test.each(['price', 'param'] as const)(
  'I-08: where the %s of the breakeven that was given up is refused, a stop that vanishes later is restored where it was',
  (refused) => {
    const room = new DeskRoom().settleDown().enter();
    const place = room.exchange.place(SYMBOL);
    const first = place.stop as StopPrice;
    room.exchange.faults.ignoreStop = () => true;
    room.earn();
    room.until(() => room.names().includes('position.breakeven_failed'), 3_000);
    const [aim] = room.stopsAsked();
    const from = room.exchange.sent.length;
    room.exchange.faults = {
      refuse: (request) =>
        request.kind === 'set-stop' && request.stop.tick > first.tick
          ? { outcome: 'refused', class: refused, code: 10_001, text: '' }
          : undefined,
    };
    room.exchange.humanStop(SYMBOL, undefined);
    room.until(() => place.stop !== undefined, 3_000);
    room.until(() => room.state() === 'protected');
    expect([place.stop, room.stopsAsked(from)]).toEqual([first, [aim, first.tick]]);
  },
);

test.each(['amending', 'protected'] as const)(
  'I-08: a stop that a person moves nearer than the breakeven aims is kept there, whatever sets it off, while the symbol is %s',
  (state) => {
    const room = new DeskRoom();
    room.settleDown();
    room.enter();
    const place = room.exchange.place(SYMBOL);
    room.exchange.faults.ignoreStop = () => true;
    room.earn();
    room.until(() => room.stopsAsked().length > 0 && room.state() === state, 3_000);
    const nearer = ((room.stopsAsked()[0] as number) + 10) as Tick;
    const from = room.exchange.sent.length;
    room.exchange.faults = {};
    room.exchange.humanStop(SYMBOL, { tick: nearer, by: 'last' });
    room.until(() => place.stop?.by === 'mark', 3_000);
    room.until(() => room.state() === 'protected');
    expect([place.stop?.tick, ...room.stopsAsked(from)]).toEqual([nearer, nearer]);
  },
);

test('P12: a stop that lies between the ticks of a grid of which no list has told is no stop that is too late: the list is asked for, and the position stays', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const stop = place.stop as StopPrice;
  const [refused, onGrid] = [refusalClassOf(10_001, 'params error: stopLoss invalid'), stop.tick - 3];
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'set-stop' ? { outcome: 'refused', class: refused, code: 10_001, text: '' } : undefined;
  room.exchange.humanStop(SYMBOL, { ...stop, tick: onGrid as Tick });
  room.run(2_000);
  expect(room.doubts).toBeGreaterThan(0);
  expect([room.state(), place.stop?.tick]).toEqual(['unprotected', onGrid]);
});

test.each([
  ['finer', '0.005'],
  ['coarser, on which its prices do not lie', '0.02'],
])('B12: an emergency goes on over a change to a %s grid, though nobody can be asked what stands there', (_, tick) => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.shown = 0;
  room.command({ kind: 'flatten', id: 'f1' });
  const closes = (): number => room.creates('C').length + room.creates('X').length;
  room.until(() => closes() > 0);
  room.exchange.down.add('rest-1');
  room.exchange.down.add('rest-2');
  room.tellSteps(SYMBOL, tick, '0.1');
  const before = closes();
  room.run(10_000);
  expect(closes()).toBeGreaterThan(before);
  place.shown = Infinity;
  room.until(() => place.lots === 0, 10_000);
});

test.each([
  [5_000, 'ACTIVE'],
  [5_001, 'RECONCILING'],
])(
  'L01: after we have stood still for %i ms the mode is %s: what is longer has the account read anew',
  (lastedMs, mode) => {
    const room = new DeskRoom().settleDown();
    room.take({ kind: 'stall', lastedMs: lastedMs as Ms });
    expect(room.desk.status().mode).toBe(mode);
    room.until(() => room.desk.status().mode === 'ACTIVE');
  },
);

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

test('P12: how a trade ended is not told anew where the steps of its contract change afterwards: its stop stood where it stood', () => {
  const room = new DeskRoom().settleDown().enter();
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.isTold());
  const before = [...room.rows.values()];
  room.tellSteps(SYMBOL, '0.5', '0.5');
  expect(before).toMatchObject([{ stopLossPrice: '99.74' }]);
  expect([...room.rows.values()]).toEqual(before);
});

test.each(
  (['time', 'market', 'fill'] as const).flatMap((first) =>
    [400, 3_500, 10_000].map((lastedMs) => [first, lastedMs] as const),
  ),
)(
  'L01: a stop whose word came while we stood still is read before what it guards is closed, whatever is read first (%s, %i ms)',
  (first, lastedMs) => {
    const room = new DeskRoom({ exit: { stopLossGraceMs: 300 } }).settleDown();
    room.exchange.faults.streamDelay = ({ kind }) => (kind === 'position' ? 50 : 0);
    room.breakout();
    room.until(() => room.executions.size > 0);
    const [fill] = room.exchange.place(SYMBOL).fills;
    room.mono += lastedMs;
    if (first === 'time') room.take({ kind: 'time' });
    else if (first === 'market') room.take({ kind: 'market', slot: room.slot(SYMBOL) });
    else
      room.take({
        kind: 'gateway',
        event: { kind: 'fill', fill: { ...(fill as Fill), kind: 'funding', execId: 'f' } },
      });
    room.run(1_000);
    expect([room.state(), room.creates('C').length + room.creates('X').length]).toEqual(['protected', 0]);
  },
);

test.each(['order', 'fill', 'position', 'wallet'] as const)(
  'L01, P7: what was told of a close while we stood still for six seconds is read before another would take what a person holds there (%s)',
  (first) => {
    const room = new DeskRoom().settleDown().enter();
    room.exchange.human(SYMBOL, 5);
    room.run(3_000);
    room.exchange.faults.streamDelay = ({ kind }) => (kind === first ? 0 : 20);
    room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
    room.until(() => room.names().includes('close.sent'));
    room.mono += 6_000;
    room.take({ kind: 'market', slot: room.slot(SYMBOL) });
    room.run(10_000);
    expect([room.exchange.place(SYMBOL).lots, room.state()]).toEqual([5, 'foreign']);
  },
);

test('L01: a loop that stands still again and again closes what has no stop all the same', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.faults = { stripStop: () => true, ignoreStop: () => true };
  room.breakout();
  room.until(() => room.names().includes('position.unprotected'));
  for (let turn = 0; turn < 10; turn++) {
    room.mono += 400;
    room.take({ kind: 'time' });
  }
  expect(room.creates('X')).toHaveLength(1);
});

test('P12: where the steps of a contract change what is held is quarantined until two readings agree; what is not held has another grid', () => {
  const room = new DeskRoom({ symbols: [SYMBOL, 'XRPUSDT'] }).settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const change = (symbol: string): void => {
    room.tellSteps(symbol, '0.01', '0.05');
  };
  place.lots *= 2;
  const from = room.exchange.sent.length;
  change('XRPUSDT');
  change(SYMBOL);
  expect([room.state(), room.state('XRPUSDT')]).toEqual(['quarantined', 'flat']);
  expect(room.exchange.sent.slice(from).map(({ kind }) => kind)).toEqual(['read-position']);
  expect(room.told.slice(-2)).toMatchObject([
    { name: 'position.contradiction', level: 'error', fields: { what: 'instrument.grid_mismatch' } },
    { name: 'position.quarantined', level: 'critical' },
  ]);
  expect(room.until(() => room.state() === 'protected', 60_000)).toBeGreaterThan(3_000);
  expect(room.desk.status().positions).toMatchObject([{ symbol: SYMBOL, ours: place.lots, foreign: 0 }]);
});

test('I-08: a crash while the stop is being tightened, and readings of long ago: it is restored at the tighter one', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  const first = place.stop?.tick as number;
  room.exchange.faults.lagMs = () => 60_000;
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.answerLost = ({ kind }) => kind === 'set-stop';
  room.earn();
  room.until(() => place.stop?.tick !== first);
  const tighter = place.stop?.tick as number;
  room.restart();
  delete room.exchange.faults.answerLost;
  const from = room.exchange.sent.length;
  room.run(1_500);
  room.exchange.faults = {};
  room.until(() => room.state() === 'protected');
  expect(Math.min(...room.stopsAsked(from))).toBe(tighter);
  expect(place.stop?.tick).toBe(tighter);
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

test('Y05: what was being closed in an emergency is closed after a restart over the path that is there, though nothing can be read', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.shown = 0;
  room.command({ kind: 'kill', id: 'k1' });
  room.run(500);
  place.shown = Infinity;
  room.exchange.down.add('rest-1');
  room.exchange.down.add('rest-2');
  room.restart();
  expect(place.lots).not.toBe(0);
  room.until(() => place.lots === 0, 5_000);
});

test('P01: a position that is seen without its stop in a reading which then fails gets it back', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.readHalves = () => true;
  room.exchange.humanStop(SYMBOL, undefined);
  room.run(60_000);
  expect(place.stop).toBeDefined();
});

test('P11: what was paid while we were away, for what was opened just before, is paid by that trade', () => {
  const room = new DeskRoom();
  enterUnseen(room);
  room.exchange.fund(SYMBOL, 7_000_000n);
  room.exchange.faults = {};
  room.restart();
  expect(fundingTold(room)).toEqual(['0.07']);
});

test('P11: a payment that was booked just before a crash, and not written down, completes the trade after it', () => {
  const room = new DeskRoom().settleDown().enter();
  const { fills } = room.exchange.place(SYMBOL);
  room.exchange.faults.streamDelay = (event) =>
    event.kind === 'fill' && event.fill.kind === 'funding' ? undefined : 0;
  room.exchange.fund(SYMBOL, 7_000_000n);
  const [paid] = fills.splice(-1);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.isTold(), 10_000);
  fills.push(paid as Fill);
  room.restart();
  room.run(10_000);
  expect([...room.rows.values()].map(({ funding }) => funding)).toEqual(['0.07']);
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

test('P7, P01: a position of another size than the known one, seen in half a reading, says nothing before the executions are read', () => {
  const room = new DeskRoom().settleDown().enter();
  const seen = room.exchange.position(SYMBOL);
  const larger = { ...seen, lots: seen.lots + 3, seq: seen.seq + 1, stop: undefined };
  room.take({ kind: 'gateway', event: { kind: 'positions-seen', positions: [larger] } });
  expect(room.state()).toBe('protected');
  room.take({ kind: 'gateway', event: { kind: 'positions-seen', positions: [{ ...larger, lots: seen.lots }] } });
  expect(room.state()).toBe('unprotected');
});

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

test('P19: when we have stood still for 31 s nothing is judged before what came meanwhile is heard', () => {
  const room = new DeskRoom().settleDown().enter();
  standStill(room);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test.each<[string, (room: DeskRoom) => unknown]>([
  ['the book', () => undefined],
  [
    'the private stream, beside a REST that has failed for 20 s before',
    ({ exchange }) => (exchange.faults.readFails = () => true),
  ],
  ['REST, beside a private stream that was gone for 20 s before', (room) => room.privateLink(false)],
])('P19: that we have stood still for 31 s is no silence of %s', (_, fails) => {
  const room = new DeskRoom().settleDown().enter();
  room.run(500);
  fails(room);
  room.run(20_000);
  standStill(room);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test('L06: a machine that was suspended for ten minutes, of which its monotonic time knows nothing, compares with the exchange before it enters', () => {
  const room = new DeskRoom().settleDown().enter();
  room.calendarMs += 600_000;
  room.take({ kind: 'time' });
  expect(room.told.at(-1)).toMatchObject({ name: 'mode.changed', fields: { to: 'RECONCILING' } });
  expect(room.names()).toContain('clock.gap');
  room.until(() => room.desk.status().mode === 'ACTIVE', 30_000);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test('L06: who has stood still for ten seconds, while the calendar was put back by a minute, compares with the exchange before it enters', () => {
  const room = new DeskRoom().settleDown();
  room.mono += 10_000;
  room.calendarMs -= 60_000;
  room.take({ kind: 'time' });
  expect(room.names()).toContain('clock.gap');
  expect(room.desk.status().mode).toBe('RECONCILING');
});

test('Y05, X02: while something of ours is in a contract that no list names a kill is not over; it ends when that is listed and flat', () => {
  const room = new WiderRoom().settleDown().enter();
  room.unlisted.add(SYMBOL);
  room.restart();
  room.run(3_000);
  room.command({ kind: 'kill', id: 'k1' });
  room.run(10_000);
  expect(room.desk.status().mode).toBe('EMERGENCY');
  room.list();
  room.until(() => room.desk.status().mode === 'HALTED', 20_000);
  expect(room.exchange.place(SYMBOL).lots).toBe(0);
});

test('R07: executions that were written down before a crash, and not yet whose they were, are heard anew', () => {
  const room = new DeskRoom().settleDown().enter();
  const { fills, lots } = room.exchange.place(SYMBOL);
  const whole = fills.pop() as Fill;
  const half = Math.floor(whole.lots / 2);
  fills.push(
    { ...whole, lots: half as Lot },
    { ...whole, execId: `${whole.execId}-2`, lots: (whole.lots - half) as Lot },
  );
  room.loseJournal();
  room.restart();
  room.until(() => room.state() === 'protected');
  room.records.length = room.records.findIndex(({ kind }) => kind === 'EXEC') + 1;
  room.restart();
  room.until(() => room.state() === 'protected');
  expect(room.desk.status().positions).toMatchObject([{ ours: lots, foreign: 0 }]);
});

test('P11: a payment while we were away is paid by the trade of which only the execution was written down', () => {
  const room = new DeskRoom().settleDown();
  room.breakout();
  const written = (): number => room.records.findIndex(({ kind }) => kind === 'EXEC');
  room.until(() => written() >= 0);
  room.records.length = written() + 1;
  room.exchange.faults.streamDelay = (event) =>
    event.kind === 'fill' && event.fill.kind === 'funding' ? undefined : 0;
  room.exchange.fund(SYMBOL, 7_000_000n);
  room.restart();
  expect(fundingTold(room)).toEqual(['0.07']);
});

test('R09: what another instance did after our first start is a stranger’s also when a crash has left nothing but that execution', () => {
  const room = new DeskRoom().settleDown();
  room.exchange.human(SYMBOL, 3);
  room.run(100);
  const { fills } = room.exchange.place(SYMBOL);
  fills.push({ ...(fills.pop() as Fill), linkId: 'd1-twin-1-a-E' });
  const kept = room.records.filter(({ kind }) => kind === 'COUNTERS');
  room.records.splice(0, Infinity, ...kept.map((record, i) => ({ ...record, seq: i + 1 })));
  room.restart();
  room.run(10_000);
  expect([room.state(), room.names().includes('position.recovered')]).toEqual(['foreign', false]);
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

test('L01, P19: a close that was filled while we stood still is not sent once more when we wake', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.human(SYMBOL, 3);
  room.run(1_000);
  room.exchange.faults.streamDelay = () => 31_050;
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.run(50);
  room.mono += 31_000;
  room.take({ kind: 'time' });
  room.exchange.faults = {};
  room.run(5_000);
  expect(room.exchange.place(SYMBOL).lots).toBe(3);
});

test.each([0, 9_000, 86_400_000])(
  'B19, O17: the end of a trade stands for its beginning over restarts, the exchange’s clock put back by %s ms meanwhile',
  (backMs) => {
    const room = new DeskRoom().settleDown().enter();
    room.backMs = backMs;
    for (let restarts = 0; restarts < 2; restarts++) {
      room.restart();
      room.run(4_000);
    }
    room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
    room.until(() => room.isTold(), 10_000);
    expect([...room.rows.values()].map(({ exitMs }) => exitMs === undefined)).toEqual([false]);
  },
);

test('P11: a payment made while nobody knew yet that the entry was filled is paid by its trade, though it is read after the end', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults = { streamDelay: () => undefined, answerLost: () => true };
  room.breakout();
  room.run(500);
  room.exchange.fund(SYMBOL, 7_000_000n);
  const payment = place.fills.pop() as Fill;
  room.run(500);
  room.exchange.move(SYMBOL, (place.stop as StopPrice).tick - 5);
  room.until(() => room.isTold(), 60_000);
  place.fills.push(payment);
  room.run(120_000);
  expect([...room.rows.values()].map(({ funding }) => funding)).toEqual(['0.07']);
});

test('P7, P01: a person’s lots, found where our entry was filled and has ended unseen, are not closed for want of a stop', () => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults = { streamDelay: () => undefined, answerLost: ({ kind }) => kind === 'create' };
  room.breakout();
  room.run(500);
  room.exchange.move(SYMBOL, (place.stop as StopPrice).tick - 5);
  room.run(100);
  room.exchange.human(SYMBOL, 3);
  room.exchange.faults.streamDelay = () => 0;
  room.until(() => room.isTold(), 60_000);
  room.run(5_000);
  expect([room.creates('X').length, place.lots]).toEqual([0, 3]);
});

test('X04: a close whose price at the edge of the band is refused goes out without a price again', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.shown = 0;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && request.order.role !== 'E' && request.order.type === 'limit'
      ? { outcome: 'refused', class: 'price', code: 110_003, text: 'Order price is out of permissible range' }
      : undefined;
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => room.names().includes('close.refused'), 10_000);
  place.shown = Infinity;
  room.until(() => room.state() === 'flat', 20_000);
  expect(place.lots).toBe(0);
});

/** Nobody speaks of our account, and closes have a path. */
function goDeaf(room: DeskRoom): void {
  room.exchange.isPrivateUp = false;
  room.exchange.down.add('rest-1');
  room.exchange.down.add('rest-2');
}

test('P1, R15: what the journal remembers is closed when nobody has spoken of the account for 30 s, though nothing was read since the start', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  goDeaf(room);
  room.restart();
  room.run(29_000);
  expect(place.lots).not.toBe(0);
  room.until(() => place.lots === 0, 2_500);
  expect(room.desk.status().mode).toBe('EMERGENCY');
});

test('P1, R15: with nothing remembered an exchange that nobody hears is waited for', () => {
  const room = new DeskRoom().settleDown();
  goDeaf(room);
  room.restart();
  room.run(60_000);
  expect([room.desk.status().mode, room.names().includes('connection.lost')]).toEqual(['RECONCILING', false]);
});

/** Begins when the list of contracts has come. */
class LateRoom extends DeskRoom {
  isListed = true;

  override take(event: DeskEvent): void {
    // The room begins before it is whole.
    if (event.kind !== 'start' || this.isListed !== false) super.take(event);
  }
}

test('P19: where the list of contracts comes a minute late, the silence before it is nobody’s loss, and what is held is kept', () => {
  const room = new LateRoom().settleDown().enter();
  goDeaf(room);
  room.isListed = false;
  room.restart();
  room.run(60_000);
  room.exchange.down.clear();
  room.isListed = true;
  room.take({ kind: 'start' });
  room.privateLink(true);
  room.until(() => room.state() === 'protected', 2_000);
  room.run(5_000);
  expect([room.state(), room.names().includes('connection.lost')]).toEqual(['protected', false]);
});

test.each([
  ['is closed after the grace where nobody tells its stop', false],
  ['gets the farthest stop where it is read naked before that', true],
])('R07, P01: what an entry opens whose plan is lost %s', (_, isRead) => {
  const room = new DeskRoom().settleDown();
  const place = room.exchange.place(SYMBOL);
  room.exchange.faults.accept = ({ kind }) => (kind === 'create' ? { late: 5_000 } : 'yes');
  room.breakout();
  room.until(() => room.creates('E').length === 1);
  room.records.length = 0;
  room.exchange.faults = {
    streamDelay: ({ kind }) => (kind === 'position' ? undefined : 0),
    readFails: () => true,
    stripStop: () => true,
  };
  room.restart();
  room.until(() => place.lots !== 0, 6_000);
  room.run(1_000);
  if (isRead) room.exchange.faults = {};
  room.run(2_100);
  expect([place.lots !== 0, place.stop?.tick]).toEqual([isRead, isRead ? 9_900 : undefined]);
  room.exchange.faults = {};
  room.until(() => room.state() === (isRead ? 'protected' : 'flat'), 15_000);
  expect([...room.rows.values()]).toMatchObject([{ exitReason: isRead ? undefined : 'stop_loss_failed' }]);
});

/** Of its entry nothing is within reach any more: only the stop that it has brought says whose it is. */
function recoverByStop(options?: RoomOptions): { readonly room: WiderRoom; readonly place: Place } {
  const room = new WiderRoom(options).settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.fills.length = 0;
  place.orders.clear();
  room.records.length = 0;
  room.restart();
  room.until(() => room.names().includes('position.recovered'), 20_000);
  room.until(() => room.state() === 'protected', 20_000);
  return { room, place };
}

test('R07: what only its stop says is ours stays ours over the next start', () => {
  const { room, place } = recoverByStop();
  room.restart();
  room.until(() => room.desk.status().mode === 'ACTIVE', 60_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'protected', ours: place.lots, foreign: 0 }]);
  room.command({ kind: 'close', symbol: SYMBOL, id: 'c1' });
  room.until(() => place.lots === 0, 10_000);
});

test('P1, R15: what only its stop says is ours is closed when nobody has spoken of the account for 30 s since the next start', () => {
  const { room, place } = recoverByStop();
  goDeaf(room);
  room.restart();
  room.run(29_000);
  expect(place.lots).not.toBe(0);
  room.until(() => place.lots === 0, 2_500);
  expect(room.desk.status().mode).toBe('EMERGENCY');
});

test('I-09: what a person has closed of ours is looked for at the next reading, and once, though that lists our stop', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(3_000);
  room.exchange.faults.streamDelay = ({ kind }) => (kind === 'fill' ? undefined : 0);
  room.exchange.human(SYMBOL, -3);
  const found = room.exchange.place(SYMBOL).fills.pop() as Fill;
  const sent = room.exchange.sent.length;
  room.run(10_500);
  const depths = room.exchange.sent.slice(sent).flatMap((request) => ('depth' in request ? [request.depth] : []));
  expect(depths).toEqual(['light', 'deep']);
  room.exchange.place(SYMBOL).fills.push(found);
  room.until(() => room.executions.has(found.execId), 20_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'protected', ours: 6, foreign: 0 }]);
});

test('I-09: what a person has closed of ours is looked for again at once where the reading failed', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(3_000);
  const failed: number[] = [];
  room.exchange.faults = {
    streamDelay: ({ kind }) => (kind === 'fill' ? undefined : 0),
    readFails: (request) => 'depth' in request && request.depth === 'deep' && failed.push(room.mono) === 1,
  };
  room.exchange.human(SYMBOL, -3);
  const { execId } = room.exchange.place(SYMBOL).fills.at(-1) as Fill;
  room.until(() => failed.length === 1);
  expect(room.until(() => room.executions.has(execId))).toBeLessThan(3_000);
});

test('I-09: and where the host that was asked comes back, and what is asked of it instead fails', () => {
  const room = new DeskRoom().settleDown().enter();
  room.run(3_000);
  let asked = 0;
  room.exchange.faults = {
    streamDelay: ({ kind }) => (kind === 'fill' ? undefined : 0),
    readFails: (request) => 'depth' in request && request.depth === 'deep' && asked <= 2,
  };
  room.onRequest = (request) => {
    if (!('depth' in request) || request.depth !== 'deep' || ++asked > 1) return;
    const returned = { kind: 'link', link: request.path, up: true, reason: '' } as const;
    room.later(1, () => room.take({ kind: 'gateway', event: returned }));
  };
  room.exchange.human(SYMBOL, -3);
  const { execId } = room.exchange.place(SYMBOL).fills.at(-1) as Fill;
  room.until(() => asked === 2);
  expect(room.until(() => room.executions.has(execId))).toBeLessThan(3_000);
});

test('R07: where the executions of what is held are out of reach for ever, the other symbols are entered all the same', () => {
  const { room } = recoverByStop({ symbols: [SYMBOL, 'XRPUSDT'] });
  room.run(60_000);
  room.enter('XRPUSDT');
  expect(room.names().filter((name) => name === 'position.executions_missing')).toHaveLength(1);
});

test('a size on which two readings agree is believed, though the exchange has begun to count its events anew', () => {
  const room = new DeskRoom().settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  Object.assign(place, { lots: 6, entry: (place.entry * 6n) / 9n, seq: 0 });
  room.run(8_000);
  expect(room.desk.status().positions).toMatchObject([{ ours: 9 }]);
  room.run(12_000);
  expect(room.desk.status().positions).toMatchObject([{ state: 'protected', ours: 6, foreign: 0 }]);
});
