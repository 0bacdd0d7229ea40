// The storage thread: everything that speaks to PostgreSQL while the engine runs. No logic of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { waitForFarAddresses } from '../src/lib/address-patience.ts';
import { assert } from '../src/lib/assert.ts';
import { systemClock } from '../src/lib/clock.ts';
import type { ThreadOptions } from '../src/store/write/protocol.ts';
import { runStorageThread } from '../src/store/write/thread.ts';

assert(parentPort !== null, 'workers/store.ts is started by src/store/write/client.ts');
waitForFarAddresses();
runStorageThread(parentPort, workerData as ThreadOptions, systemClock);
