// What does the main thread do, seen from another thread of its process? The kernel knows, where it is Linux.
import { existsSync, readFileSync } from 'node:fs';

export interface MainThread {
  /** It runs, or would if it were given a core. */
  readonly isReady: boolean;
  /** What it has run so far. */
  readonly ranMs: number;
}

/** The kernel counts in hundredths of a second on every machine that Node runs on. */
const TICK_MS = 10;

/** Undefined where nobody can say. */
export function lookAtMain(): MainThread | undefined {
  const file = `/proc/self/task/${process.pid}/stat`;
  if (!existsSync(file)) return undefined;
  const stat = readFileSync(file, 'utf8');
  // The name stands in brackets and may hold anything, blanks and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { isReady: fields[0] === 'R', ranMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
}
