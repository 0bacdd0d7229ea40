// Over which path does a close leave, when, and how much of it? Written from the list of failure modes (8): the trade socket, then
// both hosts, two seconds for each, pauses of half a second, one, two; every path dead: all of them, once a second.
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import type { PositionSide } from '../../../src/market/side.ts';
import type { Lot, Tick } from '../../../src/market/units.ts';
import type { Answer } from '../../../src/order/gateway.ts';
import type { Path } from '../../../src/order/words.ts';
import {
  answered,
  attempted,
  bandEdge,
  closedNothing,
  hurried,
  overdue,
  pathsNow,
  PATHS,
  portion,
  returned,
  startLadder,
} from '../../../src/position/close/ladder.ts';
import { DeskRoom } from '../desk-room.ts';

const BEGAN = 1_000_000;
const SOCKET: Path = 'trade-socket';
const ACCEPTED: Answer = { outcome: 'accepted', orderId: 'o' };
const UNKNOWN: Answer = { outcome: 'unknown', reason: '' };
const NOT_SENT: Answer = { outcome: 'not-sent', reason: '' };
type RefusalClass = Extract<Answer, { outcome: 'refused' }>['class'];
const refused = (group: RefusalClass): Answer => ({ outcome: 'refused', class: group, code: 1, text: '' });

/** A close that is under way, and the milliseconds since it began. */
class Close {
  ladder = startLadder(BEGAN as Ms);
  readonly down = new Set<Path>();
  #sent = 0;
  #latest = new Map<Path, string>();

  /** What leaves at this moment. */
  leaves(at: number): readonly Path[] {
    const now = (BEGAN + at) as Ms;
    this.ladder = overdue(this.ladder, now);
    const paths = pathsNow(this.ladder, now, (path) => !this.down.has(path));
    if (paths.length === 0) return paths;
    const ids = paths.map(() => `c-${++this.#sent}`);
    paths.forEach((path, i) => this.#latest.set(path, ids[i] as string));
    this.ladder = attempted(this.ladder, paths, ids, paths.length > 1, now);
    return paths;
  }

  answered(at: number, path: Path, answer: Answer): void {
    this.ladder = answered(this.ladder, this.#latest.get(path) ?? '', path, answer, (BEGAN + at) as Ms);
  }

  /** What leaves at each of these moments, where every attempt is answered at once, or never. */
  course(moments: readonly number[], answer: Answer | undefined): (readonly Path[])[] {
    return moments.map((at) => {
      const paths = this.leaves(at);
      if (answer !== undefined) for (const path of paths) this.answered(at, path, answer);
      return paths;
    });
  }
}

test('a close that was taken and leaves something open goes on over the next path, after longer and longer pauses', () => {
  const close = new Close();
  expect(close.course([0, 499, 500, 1_499, 1_500, 3_499, 3_500, 5_499, 5_500], ACCEPTED)).toEqual([
    [SOCKET],
    [],
    ['rest-1'],
    [],
    ['rest-2'],
    [],
    [SOCKET],
    [],
    ['rest-1'],
  ]);
});

test('a path that says nothing for two seconds is left out as long as others answer', () => {
  const close = new Close();
  expect(close.course([0, 1_999], undefined)).toEqual([[SOCKET], []]);
  expect(close.course([2_000, 2_500, 3_500, 5_500], ACCEPTED)).toEqual([
    ['rest-1'],
    ['rest-2'],
    ['rest-1'],
    ['rest-2'],
  ]);
});

test('where no path answers, the one that has been silent for longest is next', () => {
  const close = new Close();
  expect(close.course([0, 2_000, 4_000, 6_000, 8_000, 10_000], undefined)).toEqual([
    [SOCKET],
    ['rest-1'],
    ['rest-2'],
    [SOCKET],
    ['rest-1'],
    ['rest-2'],
  ]);
});

test('a silence that the gateway tells of is not waited for', () => {
  const close = new Close();
  close.leaves(0);
  close.answered(100, SOCKET, UNKNOWN);
  expect(close.course([100, 600], ACCEPTED)).toEqual([['rest-1'], ['rest-2']]);
  expect(close.leaves(1_600)).toEqual(['rest-1']);
});

test('where every path answers that nobody knows, each is tried at once and then, for as long as that lasts, one every two seconds', () => {
  const close = new Close();
  const attempts = (from: number, to: number): number[] =>
    Array.from({ length: (to - from) / 100 + 1 }, (_, i) => from + i * 100).filter(
      (at) => close.course([at], UNKNOWN).flat().length > 0,
    );
  expect(attempts(0, 7_800)).toEqual([0, 100, 200, 300, 800, 1_800, 3_800, 5_800, 7_800]);
  // What loses its stop meanwhile is asked for at once.
  close.ladder = hurried(close.ladder, (BEGAN + 7_900) as Ms);
  expect(attempts(7_900, 9_900)).toEqual([7_900, 9_900]);
});

test('a path over which nothing leaves gives way at once; where all are dead, all of them are tried once a second', () => {
  const close = new Close();
  expect(close.course([0, 0, 0, 999, 1_000, 1_999, 2_000], NOT_SENT)).toEqual([
    [SOCKET],
    ['rest-1'],
    ['rest-2'],
    [],
    PATHS,
    [],
    PATHS,
  ]);
  close.answered(2_100, 'rest-1', ACCEPTED);
  expect(close.course([2_599, 2_600, 3_600], ACCEPTED)).toEqual([[], ['rest-1'], ['rest-1']]);
});

test('what is down is not tried while something is up, and all of it where nothing is', () => {
  const close = new Close();
  close.down.add(SOCKET).add('rest-1');
  expect(close.course([0], ACCEPTED)).toEqual([['rest-2']]);
  close.down.add('rest-2');
  expect(close.course([500, 1_000], undefined)).toEqual([PATHS, []]);
  expect(close.leaves(1_500)).toEqual(PATHS);
});

test('a path that comes back is tried at once where all were dead, and shortens no pause where one works', () => {
  const dead = new Close();
  dead.course([0, 0, 0], NOT_SENT);
  dead.ladder = returned(dead.ladder, 'rest-1', (BEGAN + 200) as Ms);
  expect(dead.leaves(200)).toEqual(['rest-1']);
  const fan = new Close();
  fan.down.add(SOCKET).add('rest-1').add('rest-2');
  fan.leaves(0);
  fan.ladder = returned(fan.ladder, SOCKET, (BEGAN + 200) as Ms);
  fan.down.delete(SOCKET);
  expect(fan.leaves(200)).toEqual([SOCKET]);
  const pausing = new Close();
  pausing.course([0], ACCEPTED);
  pausing.ladder = returned(pausing.ladder, 'rest-2', (BEGAN + 200) as Ms);
  expect(pausing.course([200, 500], ACCEPTED)).toEqual([[], ['rest-1']]);
});

test.each([
  ['pause', ACCEPTED, ['rest-1', 'rest-2', SOCKET]],
  ['silence', undefined, ['rest-1', 'rest-2', 'rest-1']],
] as const)('what has lost its stop is closed without waiting for the end of a %s', (_, answer, next) => {
  const close = new Close();
  close.course([0], answer);
  close.ladder = hurried(close.ladder, (BEGAN + 10) as Ms);
  expect(close.course([10, 2_010, 4_010], ACCEPTED).flat()).toEqual(next);
});

test.each<[RefusalClass, readonly number[]]>([
  ['duplicate', [0, 0, 0, 500, 1_500]],
  ['clock', [0, 0, 0, 500, 1_500]],
  ['funds', [0, 500, 1_500, 3_500]],
  ['price', [0, 500, 1_500, 3_500]],
  ['flat-hint', [0, 500, 1_500, 3_500]],
  ['param', [0, 500, 1_500, 3_500]],
  ['limits', [0, 0, 500, 1_500, 2_500, 4_500]],
])('a close that is refused (%s) is repeated after pauses and not in a storm', (group, moments) => {
  const close = new Close();
  const attempts: number[] = [];
  for (let at = 0; at <= (moments.at(-1) as number); at += 100) {
    for (let [path] = close.leaves(at); path !== undefined; [path] = close.leaves(at)) {
      attempts.push(at);
      close.answered(at, path, refused(group));
    }
  }
  expect(attempts).toEqual(moments);
});

test.each<[string, RefusalClass]>([
  ['as if nothing were held, while something is', 'flat-hint'],
  ['for its price', 'price'],
  ['for a parameter, as a price between two ticks is', 'param'],
  ['by a code that nobody knows', 'ambiguous'],
  ['by the rules of its contract', 'symbol-block'],
])('a close that is refused %s is asked for by every means in turn', (_, group) => {
  let ladder = startLadder(BEGAN as Ms);
  const means = [1, 2, 3].map(() => (ladder = answered(ladder, 'c', SOCKET, refused(group), BEGAN as Ms)).means);
  expect(means).toEqual(['edge', 'sized', 'market']);
});

test('a close that finds nothing to take by one means is asked for by the next', () => {
  let ladder = startLadder(BEGAN as Ms);
  expect([1, 2, 3].map(() => (ladder = closedNothing(ladder)).means)).toEqual(['edge', 'sized', 'market']);
});

test.each<[PositionSide, number, number, number]>([
  ['long', 10_001, 0.05, 9_501],
  ['short', 10_001, 0.05, 10_501],
  ['long', 10_001, 1, 1],
  ['long', 10_001, 1.5, 1],
])(
  'the end of the band of a %s at %d is as far as the exchange takes it, and no tick farther',
  (side, mark, ratio, edge) => {
    expect(bandEdge(side, mark as Tick, ratio)).toBe(edge);
  },
);

const LIMITS = { lotsMin: 3 as Lot, lotsMaxMarket: 100 as Lot, lotsMaxLimit: 400 as Lot };
const WHOLE = { means: 'market', isChunked: false, halvings: 0 } as const;

test.each<[string, number, boolean, Partial<Parameters<typeof portion>[2]>, number | 'all']>([
  ['all that is ours', 100, false, {}, 'all'],
  ['all of a short', -100, false, {}, 'all'],
  ['no more than one order may take', 101, false, {}, 100],
  ['not what is somebody else’s', -40, true, {}, 40],
  ['what a limit order may take', 500, false, { means: 'edge' }, 400],
  ['a number where `all` was too much', 40, false, { isChunked: true }, 40],
  ['a number where `all` and the end of the band were refused', 40, false, { means: 'sized' }, 40],
  ['of a number too no more than a market order may take', 500, false, { means: 'sized' }, 100],
  ['half where that was refused', 41, false, { isChunked: true, halvings: 1 }, 20],
  ['a quarter of what one order may take', 900, false, { isChunked: true, halvings: 2 }, 25],
  ['no less than an order must take', 40, false, { isChunked: true, halvings: 4 }, 3],
  ['what is left, though that is less', 2, false, { isChunked: true, halvings: 1 }, 2],
  ['the whole where a part is not tried', 40, true, { halvings: 2 }, 40],
])('one close takes %s', (_, ours, isShared, change, lots) => {
  expect(portion(ours, isShared, { ...WHOLE, ...change }, LIMITS)).toBe(lots);
});

test('after a part was taken the whole is next, and each time that parts are refused the next means is tried, and then smaller parts', () => {
  let ladder = startLadder(BEGAN as Ms);
  const parts = [
    refused('limits'),
    refused('limits'),
    refused('limits'),
    ACCEPTED,
    refused('limits'),
    refused('limits'),
    refused('limits'),
    refused('limits'),
  ];
  const sizes = parts.map((answer) => {
    ladder = answered(ladder, 'c', SOCKET, answer, BEGAN as Ms);
    return [ladder.means, portion(80, false, ladder, LIMITS)];
  });
  expect(sizes).toEqual([
    ['market', 80],
    ['edge', 80],
    ['edge', 40],
    ['edge', 80],
    ['edge', 40],
    ['sized', 80],
    ['sized', 20],
    ['market', 'all'],
  ]);
});

/** Holds so many positions. */
function holding(count: number): { readonly room: DeskRoom; readonly symbols: readonly string[] } {
  const symbols = Array.from({ length: count }, (_, i) => `COIN${i}USDT`);
  const room = new DeskRoom({ symbols }).settleDown();
  symbols.forEach((symbol, i) => {
    room.enter(symbol, i % 2 === 0, i + 1);
    room.run(2_000);
  });
  return { room, symbols };
}

test('of many closes five leave in a second, so that the exchange takes them', () => {
  const { room, symbols } = holding(12);
  for (const symbol of symbols) room.command({ kind: 'close', symbol, id: symbol });
  const sent = [0, 1_000, 200].map((ms) => (room.run(ms), room.creates('C').length));
  expect(sent).toEqual([5, 5, 10]);
});

test('in an emergency closes take what entries would have had', () => {
  const { room, symbols } = holding(12);
  room.command({ kind: 'kill', id: 'k' });
  const sent = [0, 1_000, 200].map((ms) => (room.run(ms), room.creates('X').length));
  expect(sent).toEqual([10, 10, symbols.length]);
});

test('that a close does not come about is called out every ten seconds; it leaves in the moment in which a path is back', () => {
  const { room, symbols } = holding(1);
  const paths = [...PATHS].reverse();
  for (const path of paths) room.link(path, false);
  room.command({ kind: 'close', symbol: symbols[0] as string, id: 'c' });
  const called = (): number => room.names().filter((name) => name === 'position.still_open').length;
  expect([9_900, 200, 9_800, 200].map((ms) => (room.run(ms), called()))).toEqual([0, 1, 1, 2]);
  room.run(500);
  const before = room.creates().length;
  room.link(SOCKET, true);
  expect(room.creates().length).toBe(before + 1);
});

const askedAs = ({ lots, type }: { readonly lots: number | 'all'; readonly type: string }): string =>
  `${lots === 'all' ? 'all' : 'sized'} ${type}`;

test.each([
  ['all market', 'sized limit'],
  ['all market', 'sized market'],
  ['sized limit', 'sized market'],
])('of the means of a close the exchange refuses two, %s and %s: the position goes home by the third', (...never) => {
  const { room, symbols } = holding(1);
  const symbol = symbols[0] as string;
  room.exchange.faults.refuse = (request) =>
    request.kind === 'create' && never.includes(askedAs(request.order))
      ? { outcome: 'refused', class: 'param', code: 10_001, text: 'Qty invalid' }
      : undefined;
  room.command({ kind: 'close', symbol, id: 'c' });
  room.until(() => room.exchange.place(symbol).lots === 0, 5_000);
  expect(room.creates('X')).toEqual([]);
});

test('market orders are accepted and then rejected by their reports: the position goes home at the end of the band', () => {
  const { room, symbols } = holding(1);
  const symbol = symbols[0] as string;
  room.exchange.faults.rejects = () => room.creates().at(-1)?.order.type === 'market';
  room.command({ kind: 'close', symbol, id: 'c' });
  room.until(() => room.exchange.place(symbol).lots === 0, 5_000);
  expect(room.creates('C').map(({ order }) => askedAs(order))).toEqual(['all market', 'sized limit']);
});

test('the price has left the band of the last mark that was heard: a market order closes what a limit at its end cannot', () => {
  const { room, symbols } = holding(1);
  const symbol = symbols[0] as string;
  const place = room.exchange.place(symbol);
  place.shown = 0;
  room.command({ kind: 'close', symbol, id: 'c' });
  room.run(100);
  place.bid = Math.round(place.bid * (place.lots > 0 ? 0.9 : 1.1));
  place.ask = place.bid + 2;
  place.shown = Infinity;
  room.until(() => place.lots === 0, 10_000);
  expect(room.creates('C').map(({ order }) => askedAs(order))).toEqual(['all market', 'sized limit', 'sized market']);
});
