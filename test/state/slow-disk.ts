// A disk in memory whose every step waits until it is let go, in whatever order: what falls between two of them is the test's.
import path from 'node:path';
import type { Rng } from '../../src/lib/rng.ts';
import type { Disk, DiskFile } from '../../src/state/disk.ts';

interface Content {
  bytes: Buffer;
}

const fault = (code: string): Error => Object.assign(new Error(code), { code });

export class SlowDisk implements Disk {
  /** Such a part of the steps fails. */
  failing: number;
  /** Files that are open. */
  held = 0;
  readonly #files = new Map<string, Content>();
  readonly #rng: Rng | undefined;
  #steps: (() => void)[] = [];

  /** Without chance it is quick, and nothing fails. */
  constructor(rng?: Rng, failing = 0) {
    this.#rng = rng;
    this.failing = failing;
  }

  get isBusy(): boolean {
    return this.#steps.length > 0;
  }

  /** Lets one of the steps under way go. */
  go(): void {
    const [step] = this.#steps.splice(this.#rng?.below(this.#steps.length) ?? 0, 1);
    step?.();
  }

  /** What is on it if it loses its power now. */
  asLeft(): SlowDisk {
    const left = new SlowDisk();
    for (const [name, { bytes }] of this.#files) left.#files.set(name, { bytes: Buffer.from(bytes) });
    return left;
  }

  #step(): Promise<void> {
    const rng = this.#rng;
    if (rng === undefined) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#steps.push(() => (rng.next() < this.failing ? reject(fault('EIO')) : resolve()));
    });
  }

  #of(place: string): Content {
    const content = this.#files.get(path.basename(place));
    if (content === undefined) throw fault('ENOENT');
    return content;
  }

  async list(): Promise<readonly string[]> {
    await this.#step();
    return [...this.#files.keys()];
  }

  async read(place: string): Promise<Buffer> {
    await this.#step();
    return Buffer.from(this.#of(place).bytes);
  }

  async facts(place: string): ReturnType<Disk['facts']> {
    await this.#step();
    const content = this.#files.get(path.basename(place));
    return content && { bytes: content.bytes.length, changedMs: 0 };
  }

  async open(place: string): Promise<DiskFile> {
    await this.#step();
    const content = this.#files.get(path.basename(place)) ?? { bytes: Buffer.alloc(0) };
    this.#files.set(path.basename(place), content);
    await this.#step();
    this.held++;
    const put = (bytes: Uint8Array, at: number): void => {
      const whole = Buffer.alloc(Math.max(content.bytes.length, at + bytes.length));
      whole.set(content.bytes);
      whole.set(bytes, at);
      content.bytes = whole;
    };
    return {
      write: async (bytes, at) => {
        await this.#step();
        put(bytes.subarray(0, this.#rng?.below(bytes.length) ?? 0), at);
        await this.#step();
        put(bytes, at);
        await this.#step();
      },
      datasync: () => this.#step(),
      writeNow: put,
      truncate: async (length) => {
        await this.#step();
        content.bytes = content.bytes.subarray(0, length);
      },
      close: async () => {
        this.held--; // also where it fails, as with the system's
        await this.#step();
      },
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#step();
    const content = this.#of(from);
    this.#files.delete(path.basename(from));
    this.#files.set(path.basename(to), content);
    await this.#step();
  }

  async remove(place: string): Promise<void> {
    await this.#step();
    this.#files.delete(path.basename(place));
  }

  async freeBytes(): Promise<number> {
    await this.#step();
    return 1 << 30;
  }
}
