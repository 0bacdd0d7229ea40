// Does every reader of bytes stop exactly where JSON says, with the number that JSON says?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  latin,
  readDecimal,
  readFlag,
  readInteger,
  readName,
  skipField,
  skipNested,
  skipString,
  SURPRISE,
} from '../../../src/bybit/frames/bytes.ts';
import { parseDecimal } from '../../../src/market/decimal.ts';

const END = '}';
const characters = (text: string) => fc.constantFrom(...text.split(''));

function integer(text: string): number | undefined {
  const out = new Float64Array(1);
  const p = readInteger(latin(text + END), 0, out, 0);
  return p === text.length ? (out[0] as number) : undefined;
}

/** From behind the opening quote, as the scanner calls it. */
function decimal(text: string): { mantissa: number; decimals: number } | undefined {
  const digits = new Float64Array(2);
  const decimals = new Uint8Array(2);
  const p = readDecimal(latin(`${text}"${END}`), 0, digits, decimals, 1);
  return p === text.length + 1 ? { mantissa: digits[1] as number, decimals: decimals[1] as number } : undefined;
}

test('integers of one to fifteen digits are read exactly, and of sixteen not at all', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), (n) => integer(String(n)) === Number(n)),
    { numRuns: 3_000 },
  );
  for (let n = 1; n <= 16; n++) expect(integer('9'.repeat(n))).toBe(n <= 15 ? 10 ** n - 1 : undefined);
  expect([integer('0'), integer('1000000000000000'), integer('')]).toEqual([0, undefined, undefined]);
});

test.each(['01', '00', '-1', '-0', '+1', '1e3', '1.0', ' 1', '0x1', '１'])('%s is no plain integer', (text) => {
  expect(integer(text)).toBeUndefined();
});

test('B11: decimals of up to fifteen digits are the exact digits and their scale, like the slow reader says', () => {
  const plain = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 16n }), fc.nat({ max: 16 })).map(([mantissa, decimals]) => {
    const digits = String(mantissa).padStart(decimals + 1, '0');
    return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  });
  fc.assert(
    fc.property(plain, (text) => {
      const fast = decimal(text);
      const digits = text.replace('.', '');
      if (digits.length > 15) return fast === undefined;
      const slow = parseDecimal(text);
      return fast?.mantissa === Number(digits) && fast.mantissa === slow?.mantissa && fast.decimals === slow.decimals;
    }),
    { numRuns: 3_000 },
  );
});

test('B11: no other text is a decimal, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.string({ unit: characters('0123456789.-+eE x'), maxLength: 18 }), (text) => {
      const wanted = /^(0|[1-9]\d*)(\.\d+)?$/.test(text) && text.replace('.', '').length <= 15;
      return (decimal(text) !== undefined) === wanted;
    }),
    { numRuns: 5_000 },
  );
});

test('a string ends at its quote; an escape or a control character is a surprise, and so is one without end', () => {
  expect(skipString(latin('"ab c","d"'), 0)).toBe(6);
  expect(skipString(latin('"é"x'), 0)).toBe(3);
  for (const text of ['"a\\"b"', '"a\nb"', '"a\u0000"', '"abc', 'abc"'])
    expect(skipString(latin(text), 0)).toBe(SURPRISE);
});

test('a field of any scalar is stepped over exactly where JSON.parse accepts it in its short form', () => {
  const scalar = fc.oneof(
    fc.constantFrom(
      'true',
      'false',
      'null',
      'nul',
      'truex',
      'NaN',
      '-',
      '--1',
      '.5',
      '1.',
      '01',
      '-01',
      '-0',
      '-0.0',
      '1e5',
    ),
    fc.string({ unit: characters('0123456789.-'), maxLength: 6 }),
    fc.integer().map(String),
  );
  fc.assert(
    fc.property(scalar, (text) => {
      const bytes = latin(`"k":${text}}`);
      let valid = !text.includes('e') || text === 'true' || text === 'false';
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      return (skipField(bytes, 0) === bytes.length - 1) === valid;
    }),
    { numRuns: 3_000 },
  );
});

test('B20: nesting is counted, not descended, and has a bound', () => {
  expect(skipNested(latin('[{"a":"]}"},[1]],'), 0)).toBe(16);
  expect(skipNested(latin(`${'['.repeat(16)}${']'.repeat(16)}}`), 0)).toBe(32);
  for (const text of [`${'['.repeat(17)}${']'.repeat(17)}`, '[1,2', 'null', ']', '"x"'])
    expect(skipNested(latin(text), 0)).toBe(SURPRISE);
});

test('B16: a name is the same bytes between quotes, neither shorter nor longer', () => {
  const buf = latin('SOLUSDT"SOLUSDT""SOLUSD""SOLUSDT2"');
  const at = (from: number): number => readName(buf, from, 0, 7);
  expect([at(7), at(16), at(24), at(0)]).toEqual([16, SURPRISE, SURPRISE, SURPRISE]);
});

test('a flag is true or false', () => {
  const out = new Uint8Array(1);
  expect([readFlag(latin('true}'), 0, out, 0), out[0]]).toEqual([4, 1]);
  expect([readFlag(latin('false}'), 0, out, 0), out[0]]).toEqual([5, 0]);
  for (const text of ['null}', '1}', '"true"}', 'tru}']) expect(readFlag(latin(text), 0, out, 0)).toBe(SURPRISE);
});
