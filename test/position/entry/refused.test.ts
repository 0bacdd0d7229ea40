// What does an entry that is refused, or would be, change for the next one? (O24 to O27, Y02)
import { expect, test } from 'vitest';
import type { RefusalClass } from '../../../src/order/gateway.ts';
import { DeskRoom } from '../desk-room.ts';
import { toldOf } from '../scenes.ts';

test('O14: an account that was switched to hedge mode is halted at the first word of it', () => {
  const room = new DeskRoom().settleDown().enter();
  room.exchange.faults.streamDelay = () => undefined;
  const report = { ...room.exchange.position('SOLUSDT'), isOneWay: false };
  room.take({ kind: 'gateway', event: { kind: 'position', report } });
  expect(room.desk.status()).toMatchObject({ mode: 'HALTED', latch: 'hedge_mode' });
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
