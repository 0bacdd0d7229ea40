// How does a line reach its file? A thread of its own writes it: nobody who looks after positions waits for a disk that hangs.
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { underWay } from '../lib/under-way.ts';
import { RotatingFile, type LogPlace } from './rotating-file.ts';

export interface LogFileOptions extends LogPlace {
  readonly clock: Clock;
  /** Told once for each run of failures: a full disk must not stop the engine, nor pass unseen. */
  readonly onTrouble: (reason: string) => void;
  /** A line that is not in the file. */
  readonly onUnwritten: (line: string) => void;
  /** It can be written again, after so many lines that are not in it. */
  readonly onRecovered: (lines: number) => void;
}

/** What the thread is told when it is made. */
export interface LogOrders {
  readonly place: LogPlace;
  readonly port: MessagePort;
  /** How many lines it is done with. */
  readonly done: Int32Array;
  /** Lines that are not in the file since it was last written. */
  readonly missing: number;
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly done: Int32Array;
  sent: number;
}

type Word = { readonly trouble: string } | { readonly unwritten: string } | { readonly recovered: number };

const PROGRAM = new URL('../../workers/log.ts', import.meta.url);
/** So many stand for hours in which the disk took none: what comes then is told elsewhere. */
const UNDER_WAY_MAX = 100_000;
/** At the end, without a line that gets through. */
const SETTLE_MS = 2_000;
/** After a thread has died; what kills it, say a machine without memory, may pass. */
const AGAIN_MS = 5_000 as Ms;

export class LogFile {
  readonly #options: LogFileOptions;
  /** Undefined: it has died, and there is no other yet. */
  #thread: Thread | undefined;
  #again: Timer | undefined;
  #missing = 0;
  #isTroubled = false;

  /** Throws what the disk says where the file cannot be opened. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    new RotatingFile(options).close();
    this.#start();
  }

  #start(): void {
    const { file, bytesMax, backups } = this.#options;
    const { port1: port, port2 } = new MessageChannel();
    const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const workerData: LogOrders = { place: { file, bytesMax, backups }, port: port2, done, missing: this.#missing };
    const worker = new Worker(PROGRAM, { workerData, transferList: [port2], name: 'log' });
    const thread: Thread = { worker, port, done, sent: 0 };
    this.#thread = thread;
    worker.on('error', (error) => this.#lose(thread, error.message));
    worker.on('exit', (code) => this.#lose(thread, `its thread has ended with ${code}`));
    port.on('message', (word: Word) => this.#hear(word));
    port.unref();
    worker.unref();
  }

  write(line: string): void {
    const thread = this.#thread;
    if (thread === undefined || underWay(thread.sent, thread.done) >= UNDER_WAY_MAX)
      return this.#hear({ unwritten: line });
    thread.sent++;
    thread.port.postMessage(line);
  }

  /** Until all of it is written, as far as the disk takes it. On the calling thread: for the last moment of a process. */
  settle(): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    do {
      for (let left = underWay(thread.sent, thread.done); left > 0; left = underWay(thread.sent, thread.done)) {
        if (Atomics.wait(thread.done, 0, (thread.sent - left) | 0, SETTLE_MS) !== 'timed-out') continue;
        this.#thread = undefined;
        return this.#options.onTrouble(`${left} lines have not reached its disk`);
      }
      for (let got = receiveMessageOnPort(thread.port); got !== undefined; got = receiveMessageOnPort(thread.port)) {
        this.#hear(got.message as Word);
      }
    } while (underWay(thread.sent, thread.done) > 0);
  }

  close(): void {
    const thread = this.#thread;
    this.settle();
    this.#thread = undefined;
    this.#again?.cancel();
    thread?.port.close();
    void thread?.worker.terminate();
  }

  #hear(word: Word): void {
    const { onTrouble, onUnwritten, onRecovered } = this.#options;
    if ('trouble' in word) {
      this.#isTroubled = true;
      onTrouble(word.trouble);
    } else if ('unwritten' in word) {
      this.#missing++;
      onUnwritten(word.unwritten);
    } else {
      this.#isTroubled = false;
      this.#missing = 0;
      onRecovered(word.recovered);
    }
  }

  /** What was under way may be in the file or not: it counts as missing. */
  #lose(thread: Thread, reason: string): void {
    if (thread !== this.#thread) return;
    this.#thread = undefined;
    this.#missing += underWay(thread.sent, thread.done);
    if (!this.#isTroubled) this.#hear({ trouble: reason });
    this.#again = this.#options.clock.after(AGAIN_MS, () => this.#start());
  }
}

/** The thread. */
export function writeLog({ place, port, done, missing }: LogOrders): void {
  const say = (word: Word): void => port.postMessage(word);
  const file = new RotatingFile({
    ...place,
    missing,
    onTrouble: (trouble) => say({ trouble }),
    onRecovered: (recovered) => say({ recovered }),
  });
  port.on('message', (line: string) => {
    if (!file.write(line)) say({ unwritten: line });
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  });
}
