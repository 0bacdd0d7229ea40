// Who is filled first? The book against a plain list in which every single lot stands in its place.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExchangeBook } from '../../../src/simulator/exchange-book.ts';
import type { Owner } from '../../../src/simulator/level-queue.ts';
import { ASK, BID, type Side } from '../../../src/market/side.ts';

const [BEST_BID, BEST_ASK] = [10_000, 10_001];
const FILLED = 7;

/** Every lot in its place: `''` for anonymous ones. */
class PlainQueues {
  readonly lots = new Map<number, string[]>();

  at(tick: number): string[] {
    let queue = this.lots.get(tick);
    if (queue === undefined) {
      queue = Array.from({ length: FILLED }, () => '');
      this.lots.set(tick, queue);
    }
    return queue;
  }

  setAnonymous(tick: number, lots: number): void {
    const queue = this.at(tick);
    let have = queue.filter((id) => id === '').length;
    for (; have < lots; have++) queue.push('');
    for (; have > lots; have--) queue.splice(queue.lastIndexOf(''), 1);
  }

  leave(tick: number, id: string, lots: number): void {
    const queue = this.at(tick);
    for (let i = 0; i < lots; i++) queue.splice(queue.indexOf(id), 1);
  }

  best(side: Side): number {
    const step = side === BID ? -1 : 1;
    let tick = side === BID ? BEST_BID : BEST_ASK;
    while (this.at(tick).length === 0) tick += step;
    return tick;
  }
}

const depth = fc.nat({ max: 5 });
const act = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), side: fc.constantFrom(BID, ASK), depth, lots: fc.nat({ max: 12 }) }),
  fc.record({
    kind: fc.constant('rest' as const),
    side: fc.constantFrom(BID, ASK),
    depth,
    lots: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constant('leave' as const), which: fc.nat(), lots: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    kind: fc.constant('take' as const),
    side: fc.constantFrom(BID, ASK),
    lots: fc.integer({ min: 1, max: 25 }),
  }),
);

test('takers are filled in order of price and then of time, whatever was added, cut and cancelled before', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const book = new ExchangeBook(BEST_BID, BEST_ASK);
      book.source = () => FILLED;
      book.extend();
      const plain = new PlainQueues();
      const owners: (Owner & { side: Side; tick: number; left: number })[] = [];
      const differences: string[] = [];
      const same = (what: string, is: unknown, should: unknown): void => {
        if (JSON.stringify(is) !== JSON.stringify(should))
          differences.push(`${what}: ${String(is)} instead of ${String(should)}`);
      };
      for (const step of acts) {
        if (step.kind === 'set' || step.kind === 'rest') {
          const tick = step.side === BID ? BEST_BID - step.depth : BEST_ASK + step.depth;
          if (step.kind === 'set') {
            book.set(step.side, tick, step.lots);
            plain.setAnonymous(tick, step.lots);
          } else {
            const owner = { id: `client ${owners.length}`, side: step.side, tick, left: step.lots };
            owners.push(owner);
            book.rest(step.side, tick, owner, step.lots);
            for (let i = 0; i < step.lots; i++) plain.at(tick).push(owner.id);
          }
        } else if (step.kind === 'leave') {
          const standing = owners.filter(({ left }) => left > 0);
          const owner = standing[step.which % Math.max(1, standing.length)];
          if (owner === undefined) continue;
          const lots = Math.min(step.lots, owner.left);
          owner.left -= lots;
          book.withdraw(owner.side, owner.tick, owner, lots);
          plain.leave(owner.tick, owner.id, lots);
        } else {
          for (let left = step.lots; left > 0;) {
            const tick = book.best[step.side];
            same('best', tick, plain.best(step.side));
            const lots = Math.min(left, book.frontLots(step.side));
            const expected = plain.at(tick).splice(0, lots);
            const id = book.consume(step.side, lots)?.id ?? '';
            same(
              'filled',
              Array.from({ length: lots }, () => id),
              expected,
            );
            for (const owner of owners) if (owner.id === id) owner.left -= lots;
            left -= lots;
          }
        }
        for (const side of [BID, ASK] as const) {
          const best = plain.best(side);
          same('best', book.best[side], best);
          same('size', book.at(best), plain.at(best).length);
          same('anonymous', book.anonymous(best), plain.at(best).filter((id) => id === '').length);
        }
      }
      expect(differences).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('an order far beyond the horizon waits there and stands in the book when the price comes', () => {
  const book = new ExchangeBook(20_000, 20_001);
  book.source = () => 5;
  book.extend();
  const far = { id: 'far' };
  book.rest(ASK, 26_000, far, 3);
  expect([book.at(26_000), book.clients(26_000)]).toEqual([0, 3]);
  // Walls of one lot a tick are lifted until the far price is near.
  while (book.best[ASK] < 24_000) {
    book.consume(ASK, book.frontLots(ASK));
    book.set(BID, book.best[ASK] - 1, 5);
    book.extend();
  }
  expect([book.at(26_000), book.anonymous(26_000)]).toEqual([8, 5]);
  expect(book.ahead(ASK, 1_000_000, 26_000).lots).toBe((26_000 - 24_000 + 1) * 5 + 3);
});

test('an order whose price the market has left far behind is not lost', () => {
  const book = new ExchangeBook(20_000, 20_001);
  book.source = () => 5;
  book.extend();
  const low = { id: 'low' };
  book.rest(BID, 19_000, low, 3);
  while (book.best[ASK] < 25_000) {
    book.consume(ASK, book.frontLots(ASK));
    book.set(BID, book.best[ASK] - 1, 5);
    book.extend();
  }
  expect([book.at(19_000), book.clients(19_000)]).toEqual([0, 3]);
  book.withdraw(BID, 19_000, low, 3);
  expect(book.clients(19_000)).toBe(0);
});

test('sizes beyond two to the thirty-first stay exact', () => {
  const book = new ExchangeBook(BEST_BID, BEST_ASK);
  book.source = () => FILLED;
  book.extend();
  book.set(BID, BEST_BID, 5_000_000_001);
  book.consume(BID, 1);
  expect(book.at(BEST_BID)).toBe(5_000_000_000);
});
