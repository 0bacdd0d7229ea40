// Is the ledger the whole truth, and the same truth every time?
import { expect, test } from 'vitest';
import { createRng } from '../../../src/lib/rng.ts';
import { Ledger } from '../../../src/simulator/ledger/ledger.ts';
import { type Fields, SOL, StageRoom } from './stage-room.ts';

/** A minute of trading and trouble, drawn from the seed. */
function trade(seed: number): StageRoom {
  const room = new StageRoom(seed);
  const rng = createRng(seed).fork('client');
  const stream = room.login('private');
  for (let i = 0; i < 40; i++) {
    const side = rng.next() < 0.5 ? 'Buy' : 'Sell';
    const qty = (0.1 * (1 + rng.below(30))).toFixed(1);
    room.order({ side, qty, orderLinkId: `o-${i}`, ...(i % 3 === 0 && { positionIdx: 0 }) });
    if (i % 7 === 3) room.fault('partial-fill', { part: 0.4, count: 1 });
    if (i % 11 === 5) room.fault('liquidation-wave', { symbol: SOL, percent: 0.5, ms: 500, count: 4 });
    if (i % 13 === 6) room.fault('duplicate', { channel: 'private', perTenThousand: 5_000, count: 3 });
    room.pass(100 + rng.below(1_500));
  }
  expect(stream.rows('execution').length).toBeGreaterThan(20);
  return room;
}

const textOf = (room: StageRoom): string =>
  room
    .ledger()
    .map((line) => JSON.stringify(line))
    .join('\n');

test.each([1, 2, 3])('seed %i, the same requests at the same times: the same bytes of ledger, twice', (seed) => {
  const [first, second] = [textOf(trade(seed)), textOf(trade(seed))];
  expect(first.length).toBeGreaterThan(20_000);
  expect(second).toBe(first);
});

test('of a market that lives long the newest lines are kept, under the places that they had', () => {
  const ledger = new Ledger(10);
  const kept: number[] = [];
  for (let i = 0; i < 45; i++) {
    ledger.acted(i, { act: 'pause' });
    kept.push(ledger.length - ledger.kept);
  }
  expect([Math.max(...kept), ledger.length, ledger.kept]).toEqual([20, 45, 33]);
  expect(ledger.since(40).map(({ n, timeMs }) => [n, timeMs])).toEqual([40, 41, 42, 43, 44].map((n) => [n, n]));
  expect(ledger.since(0).map(({ n }) => n)[0], 'what has gone is not asked for in vain').toBe(33);
});

test('another seed writes another ledger', () => {
  expect(textOf(trade(4))).not.toBe(textOf(trade(5)));
});

test('lines are numbered without holes, begin with the run, and time never goes back', () => {
  const lines = trade(6).ledger();
  expect(lines.map(({ n }) => n)).toEqual(lines.map((_, i) => i));
  expect(lines[0]).toMatchObject({ kind: 'run', v: 1, seed: 6 });
  const backward = lines.filter(({ timeMs }, i) => i > 0 && timeMs < (lines[i - 1]?.timeMs ?? 0));
  expect(backward).toEqual([]);
});

test('fills of the ledger add up to its positions, and its wallets to fees and profits, to the last unit', () => {
  const room = trade(7);
  const fills = room.ledger('fill').filter(({ type }) => type === 'Trade');
  const units = (text: unknown, decimals: number): bigint => {
    const [whole = '0', part = ''] = String(text).split('.');
    return BigInt(`${whole}${part.padEnd(decimals, '0')}`);
  };
  const size = fills.reduce((sum, fill) => sum + (fill['side'] === 'Buy' ? 1n : -1n) * units(fill['size'], 1), 0n);
  expect(units(room.ledger('position').at(-1)?.['size'], 1)).toBe(size);
  const change = fills.reduce((sum, fill) => sum + units(fill['pnl'], 8) - units(fill['fee'], 8), 0n);
  const balance = units(room.ledger('wallet').at(-1)?.['balance'], 8);
  expect(balance).toBe(1_000_000_000_000n + change);
});

test('a stop is told when it comes, when it moves and when it goes', () => {
  const room = new StageRoom();
  room.order({ side: 'Buy', qty: '1.3', stopLoss: '76.500' });
  room.post('/v5/position/trading-stop', {
    category: 'linear',
    symbol: SOL,
    tpslMode: 'Full',
    positionIdx: 0,
    stopLoss: '76.600',
  });
  room.pass(10);
  room.order({ side: 'Sell', qty: '1.3', reduceOnly: true });
  const stops = room.ledger('stop').map(({ stopLoss, protects }) => [(stopLoss as Fields | null)?.['price'], protects]);
  expect(stops).toEqual([
    ['76.500', '1.3'],
    ['76.600', '1.3'],
    [undefined, '0.0'],
  ]);
});

test('over HTTP the ledger goes on from where the reader was', () => {
  const room = new StageRoom();
  room.order({ side: 'Buy', qty: '1.0' });
  const read = (from: number): string[] => room.get('/control/ledger', { from }).text.trimEnd().split('\n');
  const whole = read(0);
  expect(whole.map((line) => JSON.parse(line) as unknown)).toEqual(room.ledger());
  expect(read(3)).toEqual(whole.slice(3));
  expect(room.get('/control/ledger', { from: whole.length }).text).toBe('');
  expect(room.get('/control/ledger', { from: '-1' }).status).toBe(400);
});
