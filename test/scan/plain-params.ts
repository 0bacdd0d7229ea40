// How do the plain reading's numbers become the engine's?
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { ScanParams } from '../../src/scan/params.ts';
import type { PlainParams } from '../oracle/params.ts';

export function scanParams(plain: PlainParams): ScanParams {
  return { ...plain, signalCooldownMs: 0 };
}

/** One tick × one lot is worth 1 USDT, or half of one. */
export function instrumentWorth(notionalUnit: number): Instrument {
  return createInstrument('XUSDT', notionalUnit === 1 ? '1' : '0.5', '1') as Instrument;
}
