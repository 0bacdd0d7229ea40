// The simulated exchange in a thread of its own. No logic of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/lib/assert.ts';
import type { SimulatorOptions } from '../src/simulator/server.ts';
import { runSimulatorWorker } from '../src/simulator/worker-shell.ts';

assert(parentPort !== null, 'workers/simulator.ts is started by src/simulator/worker-shell.ts');
await runSimulatorWorker(parentPort, workerData as SimulatorOptions);
