// Does a journal come back from its lines as it was written, and is what was not written whole, or by another, refused?
import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { checkLine, decodeRecord, encodeRecord, JOURNAL_VERSION, type JournalRecord } from '../../src/order/journal.ts';
import { anyRecords, oneOfEach } from './journal-arbitrary.ts';

/** A line as anybody would write it, whose sum is right. */
const summed = (text: string): string => `${crc32(text).toString(16).padStart(8, '0')} ${text}`;
const lines = anyRecords.filter(({ length }) => length > 0).map((records) => encodeRecord(records[0] as JournalRecord));

describe('a line', () => {
  test('says what the record says, whatever the kind and whatever the letters', () => {
    fc.assert(
      fc.property(oneOfEach, anyRecords, (each, more) => {
        for (const record of [...each, ...more]) {
          expect(decodeRecord(encodeRecord(record))).toEqual({ ok: true, record });
        }
      }),
    );
  });

  test('is one line of ASCII with the sum that everybody else computes', () => {
    fc.assert(
      fc.property(lines, (line) => {
        expect(line).toMatch(/^[0-9a-f]{8} \{[\x20-\x7e]*\}$/);
        expect(summed(line.slice(9))).toBe(line);
      }),
    );
  });
});

describe('R06: a line that was not written whole', () => {
  test('is found, wherever it was torn', () => {
    fc.assert(
      fc.property(lines, fc.nat(), (line, at) => {
        const torn = line.slice(0, at % line.length);
        expect(checkLine(torn)).toBe(false);
        expect(decodeRecord(torn)).toEqual({ ok: false, reason: 'broken' });
      }),
    );
  });

  test('is found, whichever of its bits is turned', () => {
    fc.assert(
      fc.property(lines, fc.nat(), fc.integer({ min: 0, max: 6 }), (line, at, bit) => {
        const i = at % line.length;
        const turned = String.fromCharCode(line.charCodeAt(i) ^ (1 << bit));
        expect(decodeRecord(line.slice(0, i) + turned + line.slice(i + 1))).toEqual({ ok: false, reason: 'broken' });
      }),
      { numRuns: 500 },
    );
  });

  test('is found where the half of one has run into the next', () => {
    fc.assert(
      fc.property(lines, lines, fc.nat(), (first, second, at) => {
        expect(decodeRecord(first.slice(0, at % first.length) + second).ok).toBe(at % first.length === 0);
      }),
    );
  });

  test('is broken, and stops nobody, whatever it holds', () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map(summed),
      fc.json().map(summed),
      fc.constantFrom('null', '1', '"v"', '[]', '{}', '', '{"v":1', '{"v":"1"}').map(summed),
    );
    fc.assert(
      fc.property(garbage, (line) => {
        expect(decodeRecord(line).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('R13: a record of another version', () => {
  test.each([3, 4, 99])('that is newer (%i) is told apart from a broken one', (v) => {
    fc.assert(
      fc.property(lines, (line) => {
        const newer = summed(line.slice(9).replace(`"v":${JOURNAL_VERSION}`, `"v":${v}`));
        expect(checkLine(newer)).toBe(true);
        expect(decodeRecord(newer)).toEqual({ ok: false, reason: 'newer-version' });
      }),
      { numRuns: 20 },
    );
  });

  test('is told apart whatever else it holds', () => {
    expect(decodeRecord(summed('{"v":3,"shape":"new"}'))).toEqual({ ok: false, reason: 'newer-version' });
  });

  test.each(['{}', '{"v":0}', '{"v":"1"}', '{"v":null}', '{"v":1.5}', '[1]', 'null', 'no JSON'])(
    'that no version has written is broken: %s',
    (text) => {
      expect(decodeRecord(summed(text))).toEqual({ ok: false, reason: 'broken' });
    },
  );
});
