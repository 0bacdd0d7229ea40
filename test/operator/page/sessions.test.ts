// For how long does a login last, how many are there at once, and how often may each ask?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { Bucket } from '../../../src/operator/page/rate.ts';
import { isProven, SESSION_MS, Sessions } from '../../../src/operator/page/sessions.ts';

function room() {
  let now = 1_000;
  const nothing = () => ({ cancel: () => undefined });
  const clock = { monotonic: () => now as Ms, wall: () => now as Ms, after: nothing, every: nothing };
  return { clock, pass: (ms: number) => void (now += ms), sessions: new Sessions(clock) };
}

test('a login ends after a day: for requests, for what it has open, and for whoever counts', () => {
  const { sessions, pass } = room();
  const { cookie, session } = sessions.open();
  pass(SESSION_MS - 1);
  expect([sessions.find(cookie), sessions.isOpen(session), sessions.size]).toEqual([session, true, 1]);
  pass(1);
  expect([sessions.find(cookie), sessions.isOpen(session), sessions.size]).toEqual([undefined, false, 0]);
});

test('who logs out is out at once, and nobody else is', () => {
  const { sessions } = room();
  const [one, other] = [sessions.open(), sessions.open()];
  sessions.close(one.cookie);
  expect([one, other].map(({ session }) => sessions.isOpen(session))).toEqual([false, true]);
  expect([one, other].map(({ cookie }) => sessions.find(cookie))).toEqual([undefined, other.session]);
});

test('of more logins than there is room for the oldest goes, after those that are over', () => {
  const { sessions, pass } = room();
  const over = sessions.open();
  pass(SESSION_MS);
  const all = Array.from({ length: 32 }, () => sessions.open());
  expect(sessions.size).toBe(32);
  expect(all.every(({ cookie, session }) => sessions.find(cookie) === session)).toBe(true);
  const last = sessions.open();
  expect(sessions.size).toBe(32);
  expect([over, all[0], all[1], last].map((one) => sessions.find(one?.cookie) !== undefined)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('the proof of one login is none of another', () => {
  const { sessions } = room();
  const [one, other] = [sessions.open().session, sessions.open().session];
  expect([one.proof, other.proof, undefined].map((proof) => isProven(one, proof))).toEqual([true, false, false]);
});

test('who asks faster than he may is let pass again at that pace, and saves up no more than a burst', () => {
  const { clock, pass } = room();
  const bucket = new Bucket(clock, 2, 3);
  const passed = () => Array.from({ length: 5 }, () => bucket.take()).filter(Boolean).length;
  expect(passed()).toBe(3);
  pass(500);
  expect(passed()).toBe(1);
  pass(3_600_000);
  expect(passed()).toBe(3);
});
