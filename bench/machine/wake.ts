// What does it cost to wake a thread that has nothing else to do? The floor of every path through a sleeping worker.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { limitRow } from './limit.ts';
import { runCommand } from '../measure/processes.ts';
import { buildNative, findCompiler } from '../measure/native.ts';
import type { Table } from '../report/report.ts';
import { nowMicros } from '../measure/schedule.ts';

export const ASKED = 0;
export const ANSWERED = 16;
export const WOKEN_AT = 16; // microseconds, in Float64
export const WAKE_BYTES = 256;
const GAP_MS = 2;
const NATIVE_RATES = [2_000, 20_000];

interface WakeUp {
  /** From just before the notification until the thread runs, and what the notification took its caller. */
  readonly wokenMicros: number;
  readonly callMicros: number;
}

async function wakeOnce(words: Int32Array, numbers: Float64Array): Promise<WakeUp> {
  // It sleeps by then.
  await new Promise((resolve) => setTimeout(resolve, GAP_MS));
  const answered = Atomics.load(words, ANSWERED);
  const begun = nowMicros();
  Atomics.add(words, ASKED, 1);
  Atomics.notify(words, ASKED);
  const told = nowMicros();
  while (Atomics.load(words, ANSWERED) === answered) await new Promise((resolve) => setImmediate(resolve));
  return { wokenMicros: (numbers[WOKEN_AT] as number) - begun, callMicros: told - begun };
}

/** The same without Node, by a main that does not sleep in between. No rows where there is no compiler, or no futex: only Linux has one. */
export async function measureNativeWakeUps(
  folder: string,
  times: number,
  platform = process.platform,
): Promise<Table['rows']> {
  const compiler = findCompiler();
  if (compiler === undefined || platform !== 'linux') return [];
  const program = buildNative(compiler, folder, 'wake');
  const rows: Table['rows'][number][] = [];
  for (const rate of NATIVE_RATES) {
    const argv = [String(rate), String(times)];
    const { woken, called } = await runCommand<{ woken: number[]; called: number[] }>(program, argv, false);
    rows.push(limitRow(`C program, ${rate} a second: notified → its thread runs`, Float64Array.from(woken)));
    rows.push(limitRow(`C program, ${rate} a second: what a notification takes`, Float64Array.from(called)));
  }
  return rows;
}

export async function measureWakeUps(times: number): Promise<Table['rows']> {
  const buffer = new SharedArrayBuffer(WAKE_BYTES);
  const words = new Int32Array(buffer);
  const numbers = new Float64Array(buffer);
  const worker = new Worker(new URL('./wake-worker.ts', import.meta.url), { workerData: buffer });
  await once(worker, 'online');
  // The first waits for the thread to have read its program.
  await wakeOnce(words, numbers);
  const seen: WakeUp[] = [];
  for (let i = 0; i < times; i++) seen.push(await wakeOnce(words, numbers));
  await worker.terminate();
  const micros = (of: (wakeUp: WakeUp) => number): Float64Array => Float64Array.from(seen, of);
  return [
    limitRow(
      'empty worker: notified → it runs',
      micros(({ wokenMicros }) => wokenMicros),
    ),
    limitRow(
      'what the notification takes its caller',
      micros(({ callMicros }) => callMicros),
    ),
  ];
}
