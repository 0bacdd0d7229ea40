// The operator's thread: page, metrics and health. It gives way to whoever trades. No logic of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { waitForFarAddresses } from '../src/lib/address-patience.ts';
import { assert } from '../src/lib/assert.ts';
import type { Ms } from '../src/lib/brand.ts';
import { systemClock } from '../src/lib/clock.ts';
import type { ThreadOptions } from '../src/operator/port.ts';
import { giveWay } from '../src/operator/priority.ts';
import { runOperatorThread } from '../src/operator/thread.ts';
import { withClient } from '../src/store/session.ts';
import { finishedTrades } from '../src/store/read/trades.ts';

assert(parentPort !== null, 'workers/operator.ts is started by src/operator/operator.ts');
waitForFarAddresses();
const priority = giveWay();
const options = workerData as ThreadOptions;
const shift = performance.timeOrigin - options.timeOrigin;
const clock = { ...systemClock, monotonic: () => (systemClock.monotonic() + shift) as Ms };
const { past } = options;
/** Of the last month. */
const PAST_MS = 30 * 24 * 3_600_000;
const readPast =
  past === undefined
    ? undefined
    : () => {
        const until = clock.wall();
        const span = { account: past.account, from: (until - PAST_MS) as Ms, until };
        return withClient(past.connection, (client) => finishedTrades(client, span));
      };
let looked = performance.eventLoopUtilization();
let utilization = 0;
clock.every(1_000 as Ms, () => {
  utilization = performance.eventLoopUtilization(looked).utilization;
  looked = performance.eventLoopUtilization();
});
await runOperatorThread(options, { port: parentPort, clock, utilization: () => utilization, readPast, priority });
