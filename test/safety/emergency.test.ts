// Is everything closed in time when the connection is lost, over whatever way is left? Each a whole life in virtual time.
import { expect, test } from 'vitest';
import { EMERGENCIES, faultsOf, liveEmergency } from './emergency.ts';

const SEED = 1;

test.each(EMERGENCIES.map((variant) => [variant.positions, variant.name, variant] as const))(
  'the connection is lost with %i positions open, %s: all are flat in time, none is forgotten and none loses its stop before',
  async (_, __, variant) => {
    const lived = await liveEmergency(variant, SEED);
    expect(faultsOf(variant, lived), lived.story.slice(-100).join('\n')).toEqual([]);
  },
);
