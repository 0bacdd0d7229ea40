// Whom do we take for our own page, and by which names are we asked?
import { expect, test } from 'vitest';
import { cookieOf, isOurPage, nameOf, namesOf } from '../../../src/operator/page/guard.ts';

const NAMES = namesOf('127.0.0.1', 8_787, ['plot.example']);

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
  ['fd00::7', '[fd00::7]'],
  ['plot.local', 'plot.local'],
])('a server that listens on %s is told as %s on its own machine', (host, name) => {
  expect(nameOf(host)).toBe(name);
});

test('we are asked by every name of this machine, by that on which we listen, whatever its case, and by those that are allowed', () => {
  const { hosts } = namesOf('Plot.Local', 8_787, ['plot.example']);
  expect([...hosts]).toEqual(['127.0.0.1:8787', 'localhost:8787', '[::1]:8787', 'plot.local:8787', 'plot.example']);
});

test.each([
  ['127.0.0.1:8787', 'http://127.0.0.1:8787', 'same-origin', true],
  ['LOCALHOST:8787', 'http://localhost:8787', undefined, true],
  ['plot.example', 'https://plot.example', 'same-origin', true],
  ['127.0.0.1:8787', 'http://127.0.0.1:8787', 'same-site', false],
  ['127.0.0.1:8787', 'http://127.0.0.1:8787', 'none', false],
  ['127.0.0.1:8787', 'http://localhost:8787', 'same-origin', false],
  ['127.0.0.1:8787', undefined, 'same-origin', false],
  ['evil.example', 'http://evil.example', 'same-origin', false],
  [undefined, 'http://undefined', undefined, false],
])('host %s, origin %s, sent %s: our own page is %s', (host, origin, fetchSite, isOurs) => {
  expect(isOurPage({ host, origin, fetchSite }, NAMES)).toBe(isOurs);
});

test.each([
  [undefined, undefined],
  ['a=1; plot=x', 'x'],
  ['plot=x=y', 'x=y'],
  ['plotter=x; xplot=y', undefined],
  ['plot=x; plot=y', undefined],
])('of the cookies %s ours is %s', (header, value) => {
  expect(cookieOf(header, 'plot')).toBe(value);
});
