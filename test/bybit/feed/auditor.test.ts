// How many books are looked at over REST at once? As many as leave room under the rate limit (B18).
import { expect, test } from 'vitest';
import { Auditor, type AuditorOptions } from '../../../src/bybit/feed/auditor.ts';
import type { Watched } from '../../../src/bybit/feed/watched.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { sideFromPairs } from '../plain-ingest.ts';
import { createVirtualClock } from '../virtual-clock.ts';

test('where REST answers nobody eight books wait for it and no more, and one that breaks makes room for the next', () => {
  const watched = Array.from({ length: 10 }, (_, slot) => {
    const symbol = `COIN${slot}USDT`;
    return { symbol, slot, depth: 50, isLive: true, isWatched: true, listed: { instrument: { symbol } } };
  }) as unknown as Watched[];
  const asked: string[] = [];
  const auditor = new Auditor({
    clock: createVirtualClock(),
    periodMs: 60_000 as Ms,
    ingest: { copyBook: () => ({ seq: 1, sides: [sideFromPairs([]), sideFromPairs([])] }) },
    rest: {
      book: ({ symbol }: { symbol: string }) => {
        asked.push(symbol);
        return new Promise(() => undefined);
      },
    },
    roster: {
      symbols: watched.map(({ symbol }) => symbol),
      of: (symbol: string) => watched.find((one) => one.symbol === symbol),
      attention: new Uint8Array(watched.length),
    },
    mismatch: () => undefined,
    offGrid: () => undefined,
  } as unknown as AuditorOptions);
  const visitAll = (): void => {
    for (const { symbol } of watched) auditor.visit(symbol);
  };
  visitAll();
  visitAll();
  expect(asked).toEqual(watched.slice(0, 8).map(({ symbol }) => symbol));
  auditor.forget(watched[3] as Watched);
  auditor.visit('COIN9USDT');
  auditor.visit('COIN8USDT');
  expect(asked.slice(8)).toEqual(['COIN9USDT']);
});
