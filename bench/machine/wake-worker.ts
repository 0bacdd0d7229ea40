// What does an empty worker do? It sleeps, is woken, says when, answers all that was asked, and sleeps again.
import { workerData } from 'node:worker_threads';
import { nowMicros } from '../measure/schedule.ts';
import { ANSWERED, ASKED, WOKEN_AT } from './wake.ts';

const words = new Int32Array(workerData as SharedArrayBuffer);
const numbers = new Float64Array(workerData as SharedArrayBuffer);
for (let seen = 0; ;) {
  Atomics.wait(words, ASKED, seen);
  numbers[WOKEN_AT] = nowMicros();
  seen = Atomics.load(words, ASKED);
  Atomics.store(words, ANSWERED, seen);
}
