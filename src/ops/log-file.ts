// How does a line reach its file? A thread of its own writes it: nobody who looks after positions waits for a disk that hangs.
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { RotatingFile, type LogPlace } from './rotating-file.ts';

export interface LogFileOptions extends LogPlace {
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
}

type Word = { readonly trouble: string } | { readonly unwritten: string } | { readonly recovered: number };

const PROGRAM = new URL('../../workers/log.ts', import.meta.url);
/** So many stand for hours in which the disk took none: what comes then is told elsewhere. */
const UNDER_WAY_MAX = 100_000;
/** At the end, without a line that gets through. */
const SETTLE_MS = 2_000;

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #port: MessagePort;
  readonly #worker: Worker;
  #sent = 0;
  #isLost = false;

  /** Throws what the disk says where the file cannot be opened. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    const { file, bytesMax, backups } = options;
    const place = { file, bytesMax, backups };
    new RotatingFile({ ...place, onTrouble: options.onTrouble }).close();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: LogOrders = { place, port: port2, done: this.#done };
    this.#worker = new Worker(PROGRAM, { workerData, transferList: [port2], name: 'log' });
    this.#worker.on('error', (error) => this.#lose(error.message));
    port1.on('message', (word: Word) => this.#hear(word));
    port1.unref();
    this.#worker.unref();
  }

  write(line: string): void {
    if (this.#isLost || this.#underWay >= UNDER_WAY_MAX) return this.#options.onUnwritten(line);
    this.#sent++;
    this.#port.postMessage(line);
  }

  /** Until all of it is written, as far as the disk takes it. On the calling thread: for the last moment of a process. */
  settle(): void {
    do {
      for (let left = this.#underWay; left > 0; left = this.#underWay) {
        if (Atomics.wait(this.#done, 0, (this.#sent - left) | 0, SETTLE_MS) !== 'timed-out') continue;
        return this.#lose(`${left} lines have not reached its disk`);
      }
      for (let got = receiveMessageOnPort(this.#port); got !== undefined; got = receiveMessageOnPort(this.#port)) {
        this.#hear(got.message as Word);
      }
    } while (this.#underWay > 0);
  }

  close(): void {
    this.settle();
    this.#port.close();
    void this.#worker.terminate();
  }

  get #underWay(): number {
    return this.#isLost ? 0 : (this.#sent - Atomics.load(this.#done, 0)) | 0;
  }

  #hear(word: Word): void {
    const { onTrouble, onUnwritten, onRecovered } = this.#options;
    if ('trouble' in word) onTrouble(word.trouble);
    else if ('unwritten' in word) onUnwritten(word.unwritten);
    else onRecovered(word.recovered);
  }

  #lose(reason: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#options.onTrouble(reason);
  }
}

/** The thread. */
export function writeLog({ place, port, done }: LogOrders): void {
  const say = (word: Word): void => port.postMessage(word);
  const file = new RotatingFile({
    ...place,
    onTrouble: (trouble) => say({ trouble }),
    onRecovered: (recovered) => say({ recovered }),
  });
  port.on('message', (line: string) => {
    if (!file.write(line)) say({ unwritten: line });
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  });
}
