// Do key, secret, password and the address of the web hook stay where they are used? Looked for in everything that is written.
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVERS, type TestServer } from '../store/servers.ts';
import { takeCourse, type Took } from './canary-course.ts';
import { CANARIES, CanaryRoom } from './canary-room.ts';
import { Collector, formsOf, type Canary } from './canary.ts';

const [, SECRET] = CANARIES as [Canary, Canary];

test('a secret in any form, or a part of it, is found in a text', () => {
  for (const canary of CANARIES) {
    for (const [form, text] of formsOf(canary.value)) {
      const collector = new Collector(CANARIES);
      collector.look('a text', `before ${text} after`);
      expect(collector.found, form).toContain(`a text: the ${canary.name}, ${form}`);
    }
    const cut = new Collector(CANARIES);
    cut.look('a text', `…${canary.value.slice(5, 20)}…`);
    expect(cut.found).toContain(`a text: the ${canary.name}, a part of it`);
  }
  const harmless = new Collector(CANARIES);
  harmless.look('a text', 'canary, key, secret, password, hooks');
  expect(harmless.found).toEqual([]);
});

describe('a daemon that trades, is refused, loses its database and dies of an error that carries all of them', () => {
  let room: CanaryRoom;
  let took: Took;

  beforeAll(async () => {
    room = await CanaryRoom.open(SERVERS[0] as TestServer);
    took = await takeCourse(room, { executions: 1, faults: ['permission-lost', 'server-error', 'gateway-error'] });
  }, 240_000);
  afterAll(() => room.close());

  test('used them all, and had every occasion to tell them', async () => {
    const { engine, executions, alerts, answers, messages, files, rows, commands } = took;
    expect(executions).toBeGreaterThan(0);
    expect(Math.min(alerts, messages)).toBeGreaterThan(0);
    expect([...new Set(answers)]).toEqual(expect.arrayContaining([200, 401, 403, 404, 405]));
    expect(files).toEqual(expect.arrayContaining(['plotnost.log', 'runs.json', '00000001.log', '00000001.rows']));
    for (const table of ['sessions', 'system_events', 'signals', 'executions', 'trades'])
      expect(rows.get(`public.${table}`), table).toBeGreaterThan(0);
    const codes = Object.fromEntries([...commands].map(([args, { code }]) => [args, code]));
    expect(codes).toEqual({
      'check-config --print-effective': 0,
      // What was planted for the engine may meet the doctor.
      doctor: expect.toBeOneOf([0, 1]),
      'doctor (wrong)': 1,
      pause: 0,
      'positions --json': 0,
      'report --json': 0,
      'run (unknown)': 0,
      'run (wrong)': 0,
      status: 0,
    });
    expect(engine.code).toBe(70);
    expect(engine.stderr).toMatch(/nobody catches this: .*\[redacted\]/);
    expect((await room.log()).split('\n').findLast((line) => line.includes('process.crashed'))).toContain('[redacted]');
  });

  test('has told none of them to anybody, in no form', () => {
    expect(room.collector.found).toEqual([]);
  });

  test('would have been caught: a line in its log and a row in a table that carry one are found', async () => {
    const planted = new Collector(CANARIES);
    const line = JSON.stringify({ level: 'info', event: 'order.sent', note: `signed with ${SECRET.value}` });
    await appendFile(path.join(room.stateDir(), 'logs', 'plotnost.log'), `${line}\n`);
    await room.server.sql(`UPDATE system_events SET details = jsonb_build_object('note', $1::text)`, [SECRET.value]);
    await room.lookAtFiles(planted);
    await room.lookAtRows(planted);
    expect(planted.found).toContain('state/logs/plotnost.log: the secret, in JSON');
    expect(planted.found.filter((found) => found.startsWith('table public.system_events: the secret'))).not.toEqual([]);
  });
});
