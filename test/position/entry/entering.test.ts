// Is what the desk has been told what the gates judge? Each fact, in the moment before a signal that is good in all else.
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { moneyFromDecimal, type Money } from '../../../src/market/money.ts';
import type { Tick } from '../../../src/market/units.ts';
import { replay } from '../../../src/order/journal.ts';
import type { Fill, WalletReport } from '../../../src/order/words.ts';
import { Core } from '../../../src/position/core.ts';
import type { DeskEvent, EngineFacts } from '../../../src/position/desk-event.ts';
import { contractOf, DeskRoom } from '../desk-room.ts';
import { roomWithCore } from '../room-with-core.ts';

const SYMBOL = 'SOLUSDT';

const told = (facts: Partial<EngineFacts>) => (room: DeskRoom) => room.take({ kind: 'facts', facts });
const reported =
  (change: Partial<ReturnType<DeskRoom['exchange']['position']>>) =>
  (room: DeskRoom): void => {
    const report = { ...room.exchange.position(SYMBOL), ...change };
    room.take({ kind: 'gateway', event: { kind: 'position', report } });
  };
const soon = (room: DeskRoom): Ms => (room.wall + 60_000) as Ms;

test.each<[string, string | undefined, (room: DeskRoom) => void]>([
  ['nothing is wrong', undefined, () => undefined],
  ['nobody knows whether the file KILL is there', 'G02 kill_switch', told({ killedByFile: undefined })],
  ['the lock is not held', 'G03 single_instance', told({ lockHeld: false })],
  [
    'the account was not read for 15 s',
    'G04 private_stream',
    (room) => ((room.exchange.faults.readFails = () => true), room.run(26_000)),
  ],
  [
    'the exchange has not told its time for two minutes',
    'G05 clock_offset',
    (room) => ((room.isTimeTold = false), room.run(181_000)),
  ],
  ['our loop has lagged', 'G06 lag_and_age', told({ loopLagMs: 250 })],
  ['the exchange lets the symbol only be reduced', 'G07 symbol_status', reported({ isReduceOnly: true })],
  ['its price moves and no trades come', 'G10 price_deviation', (room) => (room.isDeaf = true)],
  ['the mark price is old', 'G10 price_deviation', (room) => ((room.markHeardAt = room.mono), room.run(10_001))],
  ['the disk is nearly full', 'G01 mode', told({ diskFreeBytes: 2 ** 30 })],
  ['the journal takes nothing', 'G01 mode', told({ journalWritable: false })],
  [
    'a maintenance begins',
    'G27 funding_and_maintenance',
    (room) => told({ maintenance: [{ fromMs: soon(room), untilMs: soon(room) }] })(room),
  ],
  ['margin is not isolated', 'G30 account_setting', told({ isIsolated: false })],
  ['the symbol is switched off', 'G31 symbol_enabled', (room) => (room.rules = { ...room.rules, isEnabled: false })],
  ['breakouts are', 'G31 symbol_enabled', (room) => (room.rules = { ...room.rules, breakoutAllowed: false })],
  [
    'other positions, not ours, have cost most of the wallet',
    'G17 exposure',
    (room) => {
      const wallet = room.exchange.wallet();
      const report = { ...wallet, unrealised: (-wallet.balance * 99n) / 100n };
      room.take({ kind: 'gateway', event: { kind: 'wallet', report } });
    },
  ],
  ['a density stands in the way', 'G34 room', (room) => room.densities.push(10_004 as Tick)],
  [
    'the high of the hours before does',
    'G34 room',
    (room) => (room.extrema = { ...room.extrema, high: 10_004 as Tick }),
  ],
])('%s: the signal is refused by %s', (_, refusal, happens) => {
  const room = new DeskRoom().settleDown();
  happens(room);
  room.breakout();
  expect(room.verdicts).toMatchObject([{ refusal }]);
});

const rejected = (room: DeskRoom): void => {
  room.exchange.faults.refuse = ({ kind }) =>
    kind === 'create' ? { outcome: 'refused', class: 'price', code: 1, text: '' } : undefined;
  for (const life of [2, 3, 4]) {
    room.breakout('XRPUSDT', life);
    room.run(61_000);
  }
};
const lost = (room: DeskRoom): void => {
  room.enter(SYMBOL);
  room.move(SYMBOL, 9_900);
  room.until(() => room.state(SYMBOL) === 'flat');
};
/** What another order than the ones that we know of has done. */
const executed =
  (symbol: string, linkId: string) =>
  (room: DeskRoom): void => {
    lost(room);
    const [mine] = room.exchange.place(SYMBOL).fills;
    const fill = { ...(mine as Fill), symbol, linkId, execId: 'x', timeMs: room.wall as Ms };
    room.take({ kind: 'gateway', event: { kind: 'fill', fill } });
  };

test.each<[string, string, string, (room: DeskRoom) => void]>([
  ['it was killed', 'G02 kill_switch', 'killed', (room) => room.command({ kind: 'kill', id: 'k' })],
  [
    'another engine trades here',
    'G03 single_instance',
    'another instance trades this account',
    executed(SYMBOL, 'd1-twin-1-zz-C'),
  ],
  [
    'an entry was executed that an operator knows to be ours',
    'G18 positions',
    'the symbol has a position',
    (room) => (executed('XRPUSDT', 'd1-test-0-zz-E')(room), room.command({ kind: 'resume', id: 'r' })),
  ],
  ['one loss in a row is as many as may be', 'G22 cooldown', '1 losses in a row', lost],
  ['the symbol was rejected three times in a row', 'G24 rejects', '3 rejects in a row, 3 over all symbols', rejected],
  ['the journal takes nothing', 'G29 journal', 'the journal cannot be written', told({ journalWritable: false })],
  ['the disk is nearly full', 'G29 journal', '1073741824 bytes free on disk', told({ diskFreeBytes: 2 ** 30 })],
  [
    'a position may have two sides',
    'G30 account_setting',
    'not in one-way mode',
    (room) => {
      const report = { ...room.exchange.position('XRPUSDT'), isOneWay: false };
      room.take({ kind: 'gateway', event: { kind: 'position', report } });
    },
  ],
])(
  'should the mode not know it any more, %s: the gate itself refuses the signal, %s',
  (_, refusal, detail, happens) => {
    const { room, core } = roomWithCore({ symbols: [SYMBOL, 'XRPUSDT'], settings: { maxConsecutiveLosses: 1 } });
    room.settleDown();
    happens(room);
    core.guard.mode = { ...core.guard.mode, mode: 'ACTIVE', blocks: new Map() };
    room.breakout('XRPUSDT', 9);
    expect(room.verdicts.at(-1)).toMatchObject({ refusal, detail });
  },
);

test('G21: what stands open is lost in the moment in which the price falls, not at the next look at the wallet', () => {
  const room = new DeskRoom({ symbols: [SYMBOL, 'XRPUSDT'], settings: { maxDailyLossPercent: 0.001 } })
    .settleDown()
    .enter(SYMBOL);
  const offered = (life: number): string | undefined => {
    room.breakout('XRPUSDT', life);
    return room.verdicts.at(-1)?.refusal;
  };
  room.exchange.place('XRPUSDT').shown = 0;
  expect(offered(2)).toBeUndefined();
  room.run(1_500);
  room.move(SYMBOL, 9_990);
  expect([offered(3), room.desk.status().blocks]).toEqual(['G21 daily_loss', []]);
});

test('G28: of six signals of one second the sixth finds the lane for entries empty', () => {
  const symbols = ['A', 'B', 'C', 'D', 'E', 'F'].map((letter) => `${letter}USDT`);
  const room = new DeskRoom({ symbols, settings: { maxExposurePercent: 100 } }).settleDown();
  for (const symbol of symbols) {
    room.breakout(symbol);
    room.run(5);
  }
  expect(room.verdicts.map(({ refusal }) => refusal)).toEqual([...Array.from({ length: 5 }), 'G28 rate_lane']);
});

const USDT = (text: string): Money => moneyFromDecimal(text) as Money;
const paid =
  (change: Partial<WalletReport>) =>
  (room: DeskRoom): void =>
    room.take({ kind: 'gateway', event: { kind: 'wallet', report: { ...room.exchange.wallet(), ...change } } });
const least =
  (usdt: string) =>
  (room: DeskRoom): void => {
    const { instrument } = room.exchange.place(SYMBOL);
    room.tellContract({ ...contractOf(instrument), notionalMin: USDT(usdt) });
  };

// At 102.00, and at worst 102.06, nine tenths of a coin fit into 100 USDT: 91.8 and 91.854 USDT.
test.each<[string, string | undefined, (room: DeskRoom) => void]>([
  ['the order is 1.02 of the least one', undefined, least('90')],
  ['the least order is a hair more', 'G15 notional_min', least('90.00000001')],
  ['all positions come to half of the equity', undefined, paid({ balance: USDT('183.708') })],
  ['the equity is a hair less', 'G17 exposure', paid({ balance: USDT('183.70799998') })],
  [
    'they come to half of what an open loss leaves of the equity',
    undefined,
    paid({ balance: USDT('283.708'), unrealised: USDT('-100') }),
  ],
  [
    'the open loss is a hair more',
    'G17 exposure',
    paid({ balance: USDT('283.708'), unrealised: USDT('-100.00000002') }),
  ],
  // 9.1854 USDT of margin and 0.1010394 of fees, and a fifth more.
  ['1.2 of what it takes is free', undefined, paid({ free: USDT('11.14372728') })],
  [
    'what is free is that, and an open loss takes nothing from it',
    undefined,
    paid({ free: USDT('11.14372728'), unrealised: USDT('-100') }),
  ],
  ['a hair less is free', 'G20 margin', paid({ free: USDT('11.14372727') })],
])('at the limit itself, %s: the signal is refused by %s', (_, refusal, happens) => {
  const room = new DeskRoom().settleDown();
  room.move(SYMBOL, 10_198);
  room.run(1_000);
  happens(room);
  room.breakout();
  expect(room.verdicts).toMatchObject([{ refusal }]);
});

test('I-05: a signal that has become an order becomes none again, whatever came of that, also after a restart', () => {
  const { room, core } = roomWithCore();
  room.settleDown();
  let first: Extract<DeskEvent, { kind: 'signal' }> | undefined;
  const take = room.take.bind(room);
  room.take = (event) => {
    if (event.kind === 'signal') first ??= event;
    take(event);
  };
  room.exchange.place(SYMBOL).shown = 0;
  room.breakout();
  const again = (): string | undefined => {
    if (first !== undefined) take({ ...first, signal: { ...first.signal, receivedMs: room.mono as Ms } });
    return room.verdicts.at(-1)?.refusal;
  };
  room.until(() => room.creates('E').length === 1 && room.state() === 'flat', 1_000);
  room.exchange.place(SYMBOL).shown = Infinity;
  expect(again()).toBe('G13 intent');
  room.restart();
  room.settleDown();
  expect(again()).toBe('G13 intent');
  const { signalId } = room.told.find(({ name }) => name === 'entry.sent')?.fields ?? {};
  const restarted = new Core({ ...core.options, recovered: replay(room.records) }, core.now);
  expect(restarted.isSignalUsed(String(signalId)), 'known from the first moment on').toBe(true);
});

test.each([
  [500, undefined],
  [501, 'G06 lag_and_age'],
])('G06: a signal of %i ms, where 500 are the most, is refused by %s', (ageMs, refusal) => {
  const room = new DeskRoom().settleDown();
  const take = room.take.bind(room);
  room.take = (event) => {
    if (event.kind === 'signal') room.run(ageMs);
    take(event);
  };
  room.breakout();
  expect(room.verdicts).toMatchObject([{ refusal }]);
});

test('G22: a symbol that has lost rests for five minutes, also over a restart; the others do not', () => {
  const room = new DeskRoom({ symbols: [SYMBOL, 'XRPUSDT'] }).settleDown().enter();
  room.move(SYMBOL, 9_900);
  room.until(() => room.state() === 'flat');
  room.restart();
  room.settleDown();
  room.breakout(SYMBOL, 2);
  expect(room.verdicts.at(-1)?.refusal).toBe('G22 cooldown');
  room.enter('XRPUSDT', true, 3);
  room.run(300_000);
  room.breakout(SYMBOL, 4);
  expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
});

test.each([false, true])(
  'O04: a symbol whose entry was proven absent rests for a minute more, also over a restart: %s',
  (isRestarted) => {
    const room = new DeskRoom().settleDown();
    room.exchange.faults.accept = ({ kind }) =>
      kind === 'create' && room.creates().length === 1 ? { late: 1e9 } : 'yes';
    room.breakout();
    room.until(() => room.names().includes('order.absent'));
    const absentAt = room.mono;
    if (isRestarted) room.restart();
    room.settleDown();
    room.run(absentAt + 59_000 - room.mono);
    room.breakout(SYMBOL, 2);
    expect(room.verdicts.at(-1)?.refusal).toBe('G22 cooldown');
    room.run(2_000);
    room.enter(SYMBOL, true, 3);
    expect(room.verdicts.at(-1)?.refusal).toBeUndefined();
  },
);
