// Are decimals exact on the way in and on the way out?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDecimal, parseDecimal, rescale, trimDecimal } from '../../src/market/decimal.ts';

const mantissa = fc.integer({ min: 0, max: 999_999_999_999_999 });
const decimals = fc.nat({ max: 15 });

test('what is printed is read back as the same digits', () => {
  fc.assert(
    fc.property(mantissa, decimals, (m, d) => {
      const read = parseDecimal(formatDecimal(m, d));
      return read?.mantissa === m && read.decimals === d;
    }),
  );
  expect([
    formatDecimal(6_511_420, 2),
    formatDecimal(5, 3),
    formatDecimal(0, 2),
    formatDecimal(-5, 1),
    formatDecimal(7, 0),
  ]).toEqual(['65114.20', '0.005', '0.00', '-0.5', '7']);
});

test.each(
  ' |-1|-0|+1|1e5|1E5|0x10|.5|5.|00|01|00.1|1.2.3| 1|1 |1_0|1,0|1:0|NaN|Infinity|١|1\n||1000000000000000|1234567890123456|0.00000000000000000000001'.split(
    '|',
  ),
)('B11: %j is no plain decimal', (text) => {
  expect(parseDecimal(text)).toBeUndefined();
});

test('leading zeros behind the point cost no digits', () => {
  expect(parseDecimal('0.0000000000000000000123')).toEqual({ mantissa: 123, decimals: 22 });
  expect(parseDecimal('0.000')).toEqual({ mantissa: 0, decimals: 3 });
});

/** The rule as a pattern: a whole number without leading zeros, and with a point at least one digit behind it. */
function plainly(text: string): ReturnType<typeof parseDecimal> {
  const [, whole, fraction = ''] = /^(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined || fraction.length > 22) return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  return digits > 999_999_999_999_999n ? undefined : { mantissa: Number(digits), decimals: fraction.length };
}

test('B11: any text of digits, points and what else there is means what the pattern says', () => {
  const letters = fc.constantFrom(...'0 1 2 3 4 5 6 7 8 9 0 0 0 . . e - ٣'.split(' '), ' ');
  const any = fc.oneof(fc.string({ unit: letters, maxLength: 6 }), fc.string({ unit: letters, maxLength: 30 }));
  const decimal = fc.stringMatching(/^\d{0,17}\.?\d{0,24}$/);
  let plain = 0;
  fc.assert(
    fc.property(fc.oneof(any, decimal), (text) => {
      const read = parseDecimal(text);
      if (read !== undefined) plain++;
      expect(read).toEqual(plainly(text));
    }),
    { numRuns: 5_000 },
  );
  expect(plain).toBeGreaterThan(500);
});

test('another scale is the same value exactly, or nothing', () => {
  fc.assert(
    fc.property(mantissa, decimals, decimals, (m, d, to) => {
      const scaled = rescale({ mantissa: m, decimals: d }, to);
      const [left, right] = [BigInt(m) * 10n ** BigInt(to), 10n ** BigInt(d)];
      const exact = left % right === 0n && left / right <= BigInt(Number.MAX_SAFE_INTEGER);
      return exact ? scaled === Number(left / right) : scaled === undefined;
    }),
    { numRuns: 2_000 },
  );
  // Times a hundred-thousandth it would be 3.0000000000000004.
  expect(rescale({ mantissa: 300_000, decimals: 5 }, 0)).toBe(3);
});

test('trimmed decimals are the fewest that keep the value', () => {
  fc.assert(
    fc.property(mantissa, decimals, (m, d) => {
      const trimmed = trimDecimal({ mantissa: m, decimals: d });
      const fewest = trimmed.decimals === 0 || trimmed.mantissa % 10 !== 0;
      return fewest && rescale(trimmed, d) === m;
    }),
  );
});
