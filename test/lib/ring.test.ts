// Do records arrive once, whole and in order, and is every one that found no room counted?
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claim, commit, createRing, lostRecords, mapRing, peek, release, toldRecords } from '../../src/lib/ring.ts';

test('a ring is a bounded queue', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200, size: 'max' }), (puts) => {
      const ring = createRing(8, 3);
      const queue: number[] = [];
      let [lost, told] = [0, 0];
      for (const [i, put] of puts.entries()) {
        if (put) {
          const at = claim(ring);
          if ((at === -1) !== (queue.length === 8)) return false;
          if (at === -1) lost++;
          else {
            ring.numbers.fill(i, at, at + 3);
            if (queue.length === 0 && peek(ring) !== -1) return false; // claimed is not told
            commit(ring);
            told++;
            queue.push(i);
          }
        } else {
          const at = peek(ring);
          const wanted = queue.shift();
          if ((at === -1) !== (wanted === undefined)) return false;
          if (at === -1) continue;
          if (ring.numbers.subarray(at, at + 3).some((value) => value !== wanted)) return false;
          release(ring);
        }
      }
      return lostRecords(ring) === lost && toldRecords(ring) === told;
    }),
  );
});

test('counters that wrap around the 32nd bit lose nothing', () => {
  const ring = createRing(4, 1);
  ring.words.fill(0x7ffffffe);
  for (let i = 0; i < 10; i++) {
    ring.numbers[claim(ring)] = i;
    commit(ring);
    expect(ring.numbers[peek(ring)]).toBe(i);
    release(ring);
  }
  for (let i = 0; i < 4; i++) {
    expect(claim(ring)).not.toBe(-1);
    commit(ring);
  }
  for (let i = 0; i < 2; i++) expect(claim(ring)).toBe(-1);
  expect(lostRecords(ring)).toBe(2 ** 31);
});

test('a capacity that is no power of two is a bug', () => {
  expect(() => createRing(6, 1)).toThrow(/power of two/);
});

test('two threads hand over a hundred thousand records whole and in order', async () => {
  const ring = createRing(64, 4);
  const records = 100_000;
  const producer = `
    const { workerData } = require('node:worker_threads');
    import(workerData.module).then(({ mapRing, claim, commit }) => {
      const ring = mapRing(workerData.buffer, 64, 4);
      for (let i = 0; i < workerData.records; ) {
        const at = claim(ring);
        if (at === -1) continue;
        ring.numbers.fill(i++, at, at + 4);
        commit(ring);
      }
    });`;
  const worker = new Worker(producer, {
    eval: true,
    workerData: { module: new URL('../../src/lib/ring.ts', import.meta.url).href, buffer: ring.buffer, records },
  });
  const ended = new Promise((resolve, reject) => {
    worker.once('exit', resolve);
    worker.once('error', reject);
  });
  const mine = mapRing(ring.buffer, 64, 4);
  let faults = 0;
  for (let i = 0; i < records;) {
    const at = peek(mine);
    if (at === -1) {
      if (i === 0) await new Promise(setImmediate); // the thread still starts
      continue;
    }
    for (let k = 0; k < 4; k++) if (mine.numbers[at + k] !== i) faults++;
    i++;
    release(mine);
  }
  await ended;
  expect(faults).toBe(0);
  expect(peek(mine)).toBe(-1);
});
