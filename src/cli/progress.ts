// How far is a long piece of work? One line on a terminal, rewritten in place.
import type { Clock } from '../lib/clock.ts';

export interface Progress {
  /** `text` stands behind the bar. */
  show(done: number, text: string): void;
  /** Removes the line. */
  end(): void;
}

const WIDTH = 24;
const REDRAW_MS = 100;
/** Before this, the remaining time would be a wild guess. */
const GUESS_AFTER_MS = 1_000;
const ERASE_LINE = '\r\u001b[K';

/** Draws nothing where `out` is not a terminal, and no bar where `total` is unknown. */
export function createProgress(
  out: { write(text: string): unknown; readonly isTTY?: unknown },
  total: number | undefined,
  clock: Pick<Clock, 'monotonic'>,
): Progress {
  if (out.isTTY !== true) return { show: () => undefined, end: () => undefined };
  const begun = clock.monotonic();
  let drawn = -Infinity;
  return {
    show(done, text) {
      const now = clock.monotonic();
      if (now - drawn < REDRAW_MS) return;
      drawn = now;
      if (total === undefined) {
        out.write(`${ERASE_LINE}${text}`);
        return;
      }
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░');
      const left =
        now - begun < GUESS_AFTER_MS || share === 0
          ? ''
          : `  ${Math.ceil(((now - begun) / share / 1_000) * (1 - share))} s left`;
      out.write(`${ERASE_LINE}${bar} ${Math.floor(share * 100)} %  ${text}${left}`);
    },
    end() {
      if (drawn > -Infinity) out.write(ERASE_LINE);
    },
  };
}
