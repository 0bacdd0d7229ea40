// A process under a watchdog that stops turning in the way that it is told.
import { spawnSync } from 'node:child_process';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { startWatchdog } from '../../src/ops/watchdog.ts';
import type { Ms } from '../../src/lib/brand.ts';

const [how, reportFile, silence, last] = process.argv.slice(2) as [string, string, string, string];
const options = { reportFile, silenceMsMax: Number(silence) as Ms, lastMs: Number(last) as Ms };
const log = {
  error: (fields: object, event: string) => void process.stderr.write(`${event} ${JSON.stringify(fields)}\n`),
};
const watchdog = startWatchdog(options, systemClock, createRng(1), log);

function spinsForEver(): never {
  for (let i = 0; ; i++) Math.sqrt(i);
}

/** Turns well for longer than the silence that is allowed. */
async function turns(): Promise<void> {
  await new Promise((done) => setTimeout(done, Number(silence) * 2));
}

process.stdout.write('started\n');
await turns();
process.stdout.write('turned\n');
if (how === 'spins') spinsForEver();
if (how === 'waits') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
if (how === 'calls') spawnSync('sleep', ['15']);
await watchdog.close();
if (how === 'closes') await turns();
