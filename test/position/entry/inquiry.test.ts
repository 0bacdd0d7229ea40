// What counts as proof that an entry does not exist? (O04)
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { NEGATIVES_NEEDED } from '../../../src/order/unknown.ts';
import { Inquiry } from '../../../src/position/entry/inquiry.ts';
import { trackOrder } from '../../../src/position/entry/tracked-order.ts';
import { roomWithCore } from '../room-with-core.ts';

test('O04: a position that was read before the look-up left proves nothing beside it: the entry may have come in between', () => {
  const { core } = roomWithCore();
  const before = (core.serverMs - 1) as Ms;
  const order = trackOrder('d1-test-1-1-E', 'E', 1, 9, undefined, core.now.mono);
  order.state = 'unknown';
  order.doubt = { fenceMs: before, baselineLots: 0, negatives: NEGATIVES_NEEDED - 1, negativeAt: -10_000 as Ms };
  const inquiry = new Inquiry(core, 'SOLUSDT');
  inquiry.act(order, false);
  const proofs = [
    inquiry.lookedUp(order.linkId, 'nothing', order),
    inquiry.positionRead(0, before, order),
    inquiry.positionRead(0, core.serverMs, order),
  ];
  expect(proofs).toEqual([false, false, true]);
});
