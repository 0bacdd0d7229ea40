// Are orders stamped with the exchange's time, whatever one answer says of it? On wires and a clock of the test's own.
import { expect, test } from 'vitest';
import { body, ScriptedRoom } from './scripted.ts';

/** The one reading that each host is asked for before it falls silent. */
const alone = (wrongBy: number): (number | 'lost')[] => [wrongBy, 'lost', 'lost'];

test.each([10_000, -10_000])(
  'one answer that is %i ms wrong moves no order’s time, though it is the first',
  async (wrongBy) => {
    const room = await ScriptedRoom.up();
    room.odd = [wrongBy];
    await room.clock.advance(60_050);
    expect(room.of('clock').map(({ offsetMs }) => offsetMs)).toEqual([0, 0]);
    expect(room.serverNow()).toBe(room.exchangeMs());
  },
);

test('a host that tells a wrong time each time is outvoted by the other one and by what was known', async () => {
  const room = await ScriptedRoom.up();
  room.odd = [3_000, 0, 3_000, 0, 3_000, 0];
  await room.clock.advance(60_050);
  expect(room.of('clock').at(-1)).toMatchObject({ offsetMs: 0 });
  expect(room.serverNow()).toBe(room.exchangeMs());
});

test('the only answer of a minute is not believed against what was known, and is asked about again within seconds', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.odd = alone(-7_000);
  await room.clock.advance(64_500);
  expect(room.serverNow()).toBe(room.exchangeMs());
  expect(room.of('clock')).toHaveLength(1);
  expect(room.lines).toContain('warn gateway.times_differ {"offsetsMs":[-7000]}');
  await room.clock.advance(5_000);
  expect(room.of('clock')).toHaveLength(2);
  expect(room.serverNow()).toBe(room.exchangeMs());
});

test('a time that jumped, told by a lone answer each time, is believed with the second one', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.aheadMs = 4_000;
  // Between the two both hosts are asked whether they are back: what they say then is no reading.
  room.odd = [...alone(0), 0, 'lost', ...alone(0)];
  await room.clock.advance(64_500);
  expect(room.serverNow() - room.clock.wall()).toBe(0);
  await room.clock.advance(5_000);
  expect(room.serverNow() - room.clock.wall()).toBe(4_000);
});

test('a time that jumped and is told by both hosts is believed at once: what agreed before is one voice', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(50);
  room.aheadMs = 4_000;
  await room.clock.advance(60_000);
  expect(room.serverNow() - room.clock.wall()).toBe(4_000);
});

test('however many answers find our time wrong, it is asked for anew once, and then a minute later', async () => {
  const room = await ScriptedRoom.up();
  await room.clock.advance(30_000);
  const before = room.timesAsked;
  for (let i = 0; i < 3; i++) room.send({ kind: 'read-position', path: 'rest-1', symbol: 'SOLUSDT' });
  for (const put of room.put) put.reply(body({}, 10_002));
  await room.clock.advance(1_000);
  expect(room.timesAsked - before).toBe(6);
  await room.clock.advance(58_000);
  expect(room.timesAsked - before).toBe(6);
  await room.clock.advance(2_000);
  expect(room.timesAsked - before).toBe(12);
  expect(room.isTimeSigned).toBe(false);
});
