// What does an answer through another thread cost where that thread has nothing to do? The floor of the pool, in the same open loop.
import { Worker } from 'node:worker_threads';
import type { PathEngine } from './engine.ts';
import { EMITTED } from './probe.ts';
import type { Probe } from './probe.ts';
import { ANSWERED, ASKED, WAKE_BYTES } from '../machine/wake.ts';

export function createSleeper(probe: Probe): PathEngine {
  const words = new Int32Array(new SharedArrayBuffer(WAKE_BYTES));
  const worker = new Worker(new URL('../machine/wake-worker.ts', import.meta.url), { workerData: words.buffer });
  const waiting: (number | undefined)[] = [];
  let answered = 0;
  let told = 0;

  function turn(): void {
    if (told < waiting.length) Atomics.notify(words, ASKED);
    told = waiting.length;
    const until = Atomics.load(words, ANSWERED);
    while (answered < until) probe.pass(EMITTED, waiting[answered++]);
  }

  return {
    frame(_, place) {
      waiting.push(place);
      Atomics.add(words, ASKED, 1);
    },
    turn,
    async settled() {
      turn();
      while (answered < waiting.length) {
        await new Promise((resolve) => setImmediate(resolve));
        turn();
      }
    },
    begin() {},
    scans: () => 0,
    note: () => '',
    close: async () => void (await worker.terminate()),
  };
}
