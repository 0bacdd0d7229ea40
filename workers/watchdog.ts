// The watchdog's thread: sees the main thread's heartbeat and ends the process without it. No logic of its own.
import { workerData } from 'node:worker_threads';
import { systemClock } from '../src/lib/clock.ts';
import { lookAtMain } from '../src/ops/main-thread.ts';
import { endProcess, watchBeats } from '../src/ops/watch.ts';
import type { WatchOrders } from '../src/ops/watchdog.ts';

const orders = workerData as WatchOrders;
watchBeats(orders, systemClock, lookAtMain, (silence) => endProcess(orders, silence, systemClock));
