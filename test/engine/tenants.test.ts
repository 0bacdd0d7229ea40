// Are late words about a symbol that has left its slot still understood, and for how long?
import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { Tenants, type Tenant } from '../../src/engine/tenants.ts';

const SLOT = 1 as Slot;
const stay = (tenancy: number): Tenant => ({
  tenancy,
  instrument: createInstrument(`COIN${tenancy}USDT`, '0.01', '0.1') as Instrument,
  strategy: {} as Tenant['strategy'],
  coin: undefined,
  overrides: {},
  snapshotAt: 0,
  hasCandles: false,
});

test('of a slot its last eight symbols are known by their stay, the present one too, and none of another slot', () => {
  const tenants = new Tenants(2);
  for (let tenancy = 1; tenancy <= 9; tenancy++) tenants.move(SLOT, stay(tenancy));
  const known = [0, 1, 2, 9, 10].map((tenancy) => tenants.find(SLOT, tenancy)?.instrument.symbol);
  expect(known).toEqual([undefined, undefined, 'COIN2USDT', 'COIN9USDT', undefined]);
  expect(tenants.present.get(SLOT)).toBe(tenants.find(SLOT, 9));
  expect(tenants.find(0, 9)).toBeUndefined();
  expect(() => tenants.of({ slot: SLOT, tenancy: 1 })).toThrow('slot 1 had a tenant 1');
});
