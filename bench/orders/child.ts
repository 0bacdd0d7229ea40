// How long from a signal until its order is on the socket? The daemon's own engine, journal and gateway, against the simulator.
import { inlineConstants } from '../../src/lib/literals.ts';
import type { OrdersJob } from './bench.ts';

// As the engine does before it loads itself.
inlineConstants();
const { runOrders } = await import('./run.ts');
const stages = await runOrders(JSON.parse(process.argv[2] ?? '{}') as OrdersJob);
process.stdout.write(`${JSON.stringify(stages)}\n`, () => process.exit(0));
