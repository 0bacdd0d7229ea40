// How long has this thread been on a core? What Node tells of it is exact to a tick of the scheduler, some milliseconds: WASI reads
// the kernel's own clock of a thread.
import { WASI } from 'node:wasi';

const THREAD_CPUTIME = 3;
const memory = new WebAssembly.Memory({ initial: 1 });
const wasi = new WASI({ version: 'preview1' });
// A program is nothing but its memory here, into which the clock is written.
wasi.initialize({ exports: { memory, _initialize: () => undefined } });
const read = wasi.wasiImport.clock_time_get as (clock: number, precision: bigint, at: number) => number;
const words = new Uint32Array(memory.buffer);

/** Milliseconds of the calling thread, exact to some microseconds, which a call takes too. Throws where there is no such clock. */
export function threadCpuMs(): number {
  const fault = read(THREAD_CPUTIME, 0n, 0);
  if (fault !== 0) throw new Error(`no clock tells how long a thread was on a core: WASI error ${fault}`);
  return ((words[1] as number) * 2 ** 32 + (words[0] as number)) / 1e6;
}
