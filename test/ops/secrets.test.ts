// Does a text lose its secrets, in whatever form it carries them?
import { expect, test } from 'vitest';
import { hiding } from '../../src/ops/secrets.ts';

const SECRET = 'p"ss\\w0rd/+ &x?>>';
const inJson = (text: string): string => JSON.stringify(text);
const bytes = Buffer.from(SECRET);

test.each([
  ['as it is', SECRET],
  ['in a text in JSON', inJson(`<${SECRET}>`)],
  ['in a text in JSON within JSON', inJson(inJson(`<${SECRET}>`))],
  ['in an address', `postgres://me:${encodeURIComponent(SECRET)}@host`],
  ['in base64', bytes.toString('base64')],
  ['in base64 for addresses', bytes.toString('base64url')],
])('a secret %s is hidden, and nothing else', (_form, text) => {
  const shown = hiding([SECRET])(`before ${text} after`);
  expect(shown).toMatch(/^before \S*\[redacted\]\S* after$/);
  expect(hiding([SECRET, 'another-secret'])('nothing of it here')).toBe('nothing of it here');
});

test('a value too short to be a secret would be found in every word: it hides nothing', () => {
  expect(hiding(['', 'abc', 'abcde'])('abcde')).toBe('abcde');
  expect(hiding(['abcdef'])('abcdef')).toBe('[redacted]');
});
