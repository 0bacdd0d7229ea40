// Does paper keep the promises of the port: time, order, tokens, life signs, and the same events for the same seed?
import { expect, test } from 'vitest';
import { createRoom } from './room.ts';

const BIDS = [[7_730, 500]] as const;
const ASKS = [[7_731, 500]] as const;

test('nothing is told from within a request', () => {
  const room = createRoom({ latencyMsMin: 0, latencyMsMax: 0 });
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_600 });
  expect(room.events).toEqual([]);
  room.pass(0);
  expect(room.position()?.lots).toBe(13);
});

test('answers take between the least latency and the most, and no request overtakes another on its path', () => {
  const room = createRoom({ latencyMsMin: 30, latencyMsMax: 80 });
  const ids = Array.from({ length: 60 }, () => room.send({ kind: 'read-position', symbol: room.symbol }));
  room.pass(29);
  expect(room.of('position-read')).toEqual([]);
  room.pass(51);
  expect(room.of('position-read').map(({ requestId }) => requestId)).toEqual(ids);
});

test('the same seed gives the same times, another one others', () => {
  const times = (seed: number): number[] => {
    const room = createRoom({ latencyMsMin: 30, latencyMsMax: 80, seed });
    const told: number[] = [];
    for (let i = 0; i < 8; i++) {
      room.send({ kind: 'read-position', symbol: room.symbol });
      for (let ms = 0; ms < 100; ms++) {
        const before = room.of('position-read').length;
        room.pass(1);
        if (room.of('position-read').length > before) told.push(ms);
      }
    }
    return told;
  };
  expect(times(7)).toHaveLength(8);
  expect(times(7)).toEqual(times(7));
  expect(times(8)).not.toEqual(times(7));
});

test('of ten orders a second five may be entries; what has no token never leaves', () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.pass(1_000 - (room.clock.monotonic() % 1_000));
  const entries = Array.from({ length: 6 }, () => room.enter({ lots: 1, cap: 7_731, stop: 7_600 }));
  const closes = Array.from({ length: 6 }, () => room.leave({ lots: 1 }));
  room.pass(100);
  const outcomes = [...entries, ...closes].map((id) => room.answer(id)?.outcome);
  expect(outcomes.filter((outcome) => outcome === 'not-sent')).toHaveLength(2);
  expect([outcomes[5], outcomes[11]]).toEqual(['not-sent', 'not-sent']);
  expect(room.fills()).toHaveLength(10);
  room.pass(900);
  for (let i = 0; i < 3; i++) room.leave({ lots: 1 });
  const again = Array.from({ length: 5 }, () => room.enter({ lots: 1, cap: 7_731, stop: 7_600 }));
  room.pass(100);
  expect(again.map((id) => room.answer(id)?.outcome)).toEqual(Array(5).fill('accepted'));
});

test('all paths come up at once, and the private stream gives signs of life with a clock that is ours', () => {
  const room = createRoom();
  room.pass(0);
  expect(room.of('link').map(({ link, up }) => [link, up])).toEqual([
    ['trade-socket', true],
    ['rest-1', true],
    ['rest-2', true],
    ['private', true],
  ]);
  room.pass(15_000);
  expect(room.of('private-alive')).toHaveLength(4);
  expect(room.of('clock').at(-1)).toMatchObject({ offsetMs: 0, errorMs: 0 });
});

test('after its end nothing is told any more', async () => {
  const room = createRoom();
  room.show(BIDS, ASKS);
  room.enter({ lots: 13, cap: 7_731, stop: 7_600 });
  room.pass(50);
  room.leave();
  await room.gateway.close();
  const from = room.events.length;
  room.pass(30_000_000);
  expect(room.events).toHaveLength(from);
});
