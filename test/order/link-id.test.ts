// Does the id of an order say whose it is, the same before and after a restart?
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkIdOf, ownerOf, parseLinkId, type LinkParts } from '../../src/order/link-id.ts';
import { oneFill } from './one-fill.ts';
import { OneSymbol } from './one-symbol.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('');
const instances = fc.string({ unit: fc.constantFrom(...letters), minLength: 4, maxLength: 8 });
const anyParts: fc.Arbitrary<LinkParts> = fc.record({
  instance: instances,
  epoch: fc.nat({ max: 36 ** 6 - 1 }),
  seq: fc.maxSafeNat(),
  role: fc.constantFrom('E', 'C', 'X', 'S'),
});

describe('an id of ours', () => {
  test('O29: is the same for the same record, at most 36 characters long, and of those that the exchange takes', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const id = linkIdOf(parts);
        expect(id).toBe(linkIdOf({ ...parts }));
        expect(id).toMatch(/^[A-Za-z0-9_-]{1,36}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test('says what it was made of', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        expect(parseLinkId(linkIdOf(parts))).toEqual(parts);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is another for another record, journal, engine or purpose', () => {
    fc.assert(
      fc.property(anyParts, anyParts, (a, b) => {
        const isSame = a.instance === b.instance && a.epoch === b.epoch && a.seq === b.seq && a.role === b.role;
        expect(linkIdOf(a) === linkIdOf(b)).toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each<[string, Partial<LinkParts>]>([
    ['an instance of three letters', { instance: 'abc' }],
    ['an instance of nine', { instance: 'abcdefghi' }],
    ['an instance with a capital', { instance: 'Abcd' }],
    ['an instance with a dash', { instance: 'ab-cd' }],
    ['a journal too many', { epoch: 36 ** 6 }],
    ['a negative journal', { epoch: -1 }],
    ['half a record', { seq: 1.5 }],
    ['a record beyond counting', { seq: 2 ** 53 }],
    ['no number', { seq: NaN }],
  ])('is not made of %s', (_, part) => {
    expect(() => linkIdOf({ instance: 'abcd', epoch: 1, seq: 1, role: 'E', ...part })).toThrow('not a link id');
  });
});

describe('an id that comes from the exchange', () => {
  test.each([
    '',
    'd1',
    'web_1f2e3d4c',
    'd2-abcd-1-1-E',
    'd1-abcd-1-1-',
    'd1-abcd-1-1-M',
    'd1-abcd-1-1-e',
    'd1-ABCD-1-1-E',
    'd1-abcd-1-1-E ',
    ' d1-abcd-1-1-E',
    'd1-abcd-1-1-E\n',
    'd1-abcd-01-1-E',
    'd1-abcd-1-00-E',
    'd1-abcd-1-zzzzzzzzzzz-E',
    '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  ])('is a stranger’s where no engine of ours could have made it: %j', (id) => {
    expect(parseLinkId(id)).toBeUndefined();
    expect(ownerOf(id, { instance: 'abcd', epoch: 1 })).toBe('stranger');
  });

  test('is read only where it is, letter for letter, what its parts would make', () => {
    const piece = fc.constantFrom('d1', '-', '0', '1', 'z', 'abcd', 'E', 'C', 'M', '-abcd-', '-1-1-E', 'd1-abcd-');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const id = pieces.join('');
        const parts = parseLinkId(id);
        expect(parts === undefined ? id : linkIdOf(parts)).toBe(id);
      }),
      { numRuns: 20_000 },
    );
  });

  test('is ours with our instance, a twin’s with another', () => {
    fc.assert(
      fc.property(anyParts, instances, (parts, instance) => {
        const owner = parts.instance === instance ? 'ours' : 'twin';
        expect(ownerOf(linkIdOf(parts), { ...parts, instance })).toBe(owner);
        expect(ownerOf(linkIdOf(parts), parts)).toBe('ours');
        expect(ownerOf(linkIdOf(parts), { ...parts, epoch: parts.epoch - 1 })).toBe('twin');
      }),
    );
  });
});

describe('an execution that no order we remember has made', () => {
  const origin = (linkId: string, adopted: readonly string[] = []): string => {
    const symbol = new OneSymbol();
    for (const instance of adopted) symbol.adopt(instance);
    return symbol.actor.orders.originOf(oneFill({ linkId }));
  };

  test.each([
    ['an entry of ours from before', 'd1-test-0-5-E', 'entry'],
    ['a close of ours from before', 'd1-test-0-5-C', 'close'],
    ['an emergency close of ours from before', 'd1-test-0-5-X', 'close'],
    ['a stranger’s order', 'mine', 'stranger'],
    ['an order without an id', '', 'stranger'],
  ])('is of %s', (_, linkId, is) => {
    expect(origin(linkId)).toBe(is);
  });

  test('R07, R09: is a stranger’s where a twin has made it, and ours where that twin was ourselves before the state was lost', () => {
    expect(origin('d1-gone-0-5-E')).toBe('stranger');
    expect(origin('d1-gone-0-5-E', ['gone'])).toBe('entry');
    expect(origin('d1-gone-0-5-C', ['gone'])).toBe('close');
    expect(origin('d1-twin-0-5-E', ['gone'])).toBe('stranger');
  });
});
