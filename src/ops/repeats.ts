// Has this been said often enough? The same event of the same symbol is written a few times a window, the rest as a count.
import type { Clock, Timer } from '../lib/clock.ts';
import type { Ms } from '../lib/brand.ts';

const WINDOW = 10_000 as Ms;
const WRITTEN_MAX = 5;
/** More open windows than this, and those that are over are cleared away. */
const WINDOWS_MAX = 1_024;

interface Window {
  readonly opened: Ms;
  said: number;
  /** Writes the count of what was held back; replaced by the newest, whose fields it shows. */
  summary: (() => void) | undefined;
  timer: Timer | undefined;
}

export class Repeats {
  readonly #clock: Clock;
  readonly #writtenMax: number;
  readonly #windows = new Map<string, Window>();

  /** `writtenMax`: how many of a window are written before the rest becomes a count. */
  constructor(clock: Clock, writtenMax = WRITTEN_MAX) {
    this.#clock = clock;
    this.#writtenMax = writtenMax;
  }

  /** Calls `write()` for the first few of a window; of the others one `write(count)` when the window closes. */
  say(key: string, write: (repeats?: number) => void): void {
    const now = this.#clock.monotonic();
    let window = this.#windows.get(key);
    if (window !== undefined && window.timer === undefined && now - window.opened >= WINDOW) window = undefined;
    if (window === undefined) {
      if (this.#windows.size >= WINDOWS_MAX) this.#clear(now);
      window = { opened: now, said: 0, summary: undefined, timer: undefined };
      this.#windows.set(key, window);
    }
    window.said++;
    if (window.said <= this.#writtenMax) {
      write();
      return;
    }
    const held = window.said - this.#writtenMax;
    window.summary = () => write(held);
    window.timer ??= this.#clock.after(Math.max(0, window.opened + WINDOW - now) as Ms, () => this.#end(key));
  }

  /** Writes what is held back at once. */
  flush(): void {
    for (const key of this.#windows.keys()) this.#end(key);
  }

  #end(key: string): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    window?.timer?.cancel();
    window?.summary?.();
  }

  #clear(now: Ms): void {
    for (const [key, window] of this.#windows) {
      if (window.timer === undefined && now - window.opened >= WINDOW) this.#windows.delete(key);
    }
  }
}
