// How many requests fit into a second that rolls?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quotaHeaders, RateLimit } from '../../../src/simulator/gateway/rate-limit.ts';

test('the eleventh order of a second is refused, and fits when the first has grown old', () => {
  const limits = new RateLimit();
  for (let i = 0; i < 10; i++)
    expect(limits.take(1, 'order/create', 10, 5_000 + i)).toMatchObject({ admitted: true, left: 9 - i });
  const refused = limits.take(1, 'order/create', 10, 5_500);
  expect(refused).toEqual({ admitted: false, limit: 10, left: 0, resetMs: 6_000 });
  expect(quotaHeaders(refused)).toEqual({
    'X-Bapi-Limit': '10',
    'X-Bapi-Limit-Status': '0',
    'X-Bapi-Limit-Reset-Timestamp': '6000',
  });
  expect(limits.take(1, 'order/create', 10, 5_999).admitted).toBe(false);
  expect(limits.take(1, 'order/create', 10, 6_000).admitted).toBe(true);
});

test('once the exchange’s clock was set back nobody waits until it has come so far again', () => {
  const limits = new RateLimit();
  expect(limits.take(1, 'order/create', 1, 3_600_000).admitted).toBe(true);
  expect(limits.take(1, 'order/create', 1, 5_000)).toMatchObject({ admitted: true, left: 0 });
  expect(limits.take(1, 'order/create', 1, 5_999)).toMatchObject({ admitted: false, resetMs: 6_000 });
});

test('accounts and endpoints have limits of their own', () => {
  const limits = new RateLimit();
  expect(limits.take(1, 'order/create', 1, 0).admitted).toBe(true);
  expect(limits.take(2, 'order/create', 1, 0).admitted).toBe(true);
  expect(limits.take(1, 'order/cancel', 1, 0).admitted).toBe(true);
  expect(limits.take(1, 'order/create', 1, 0).admitted).toBe(false);
});

test('a batch goes whole or not at all', () => {
  const limits = new RateLimit();
  expect(limits.take(1, 'order/create-batch', 10, 0, 8)).toMatchObject({ admitted: true, left: 2 });
  expect(limits.take(1, 'order/create-batch', 10, 400, 3)).toMatchObject({ admitted: false, left: 2, resetMs: 1_000 });
  expect(limits.take(1, 'order/create-batch', 10, 400, 2).admitted).toBe(true);
});

test('no second ever holds more than the limit, and what is promised for a time fits then', () => {
  const asks = fc.array(fc.record({ afterMs: fc.nat(300), count: fc.integer({ min: 1, max: 5 }) }), { maxLength: 80 });
  fc.assert(
    fc.property(asks, (list) => {
      const limits = new RateLimit();
      const admitted: number[] = [];
      let now = 0;
      for (const { afterMs, count } of list) {
        now += afterMs;
        const quota = limits.take(1, 'bucket', 7, now, count);
        if (quota.admitted) for (let i = 0; i < count; i++) admitted.push(now);
        // A refused request would fit beside those that are not old then.
        const then = quota.admitted ? [] : Array.from({ length: count }, () => quota.resetMs);
        const crowd = [...admitted, ...then].filter((at) => quota.resetMs - at < 1_000);
        expect(crowd.length).toBeLessThanOrEqual(7);
        expect(admitted.filter((at) => now - at < 1_000).length).toBeLessThanOrEqual(7);
      }
    }),
  );
});
