// What does the exchange say of an order to which nothing has happened yet?
import type { Ms } from '../lib/brand.ts';
import type { Lot } from '../market/units.ts';
import type { OrderReport } from '../order/words.ts';

export const FRESH = {
  linkId: '',
  parentLinkId: '',
  status: 'new',
  createType: 'CreateByUser',
  cancelType: 'UNKNOWN',
  rejectReason: 'EC_NoError',
  isStopLoss: false,
  filledLots: 0 as Lot,
  resting: 0n,
  trigger: undefined,
  updatedMs: 0 as Ms,
} as const satisfies Partial<OrderReport>;
