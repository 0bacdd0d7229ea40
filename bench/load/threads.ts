// How much of a core does each thread take? The kernel knows, where it is Linux.
import { readdirSync, readFileSync } from 'node:fs';

export interface ThreadTime {
  readonly id: number;
  readonly name: string;
  readonly cpuSeconds: number;
}

/** By the names that Node gives its threads: those of its own pools collect, compile and read files. */
export const isWorker = (name: string): boolean => /worker/i.test(name) && !/v8|libuv/i.test(name);

/** The kernel counts in hundredths of a second on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Empty where nobody can say. */
export function threadTimes(): readonly ThreadTime[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/task').flatMap((id): ThreadTime[] => {
    const line = statLine(id);
    if (line === undefined) return [];
    const [, name = '', rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(line) ?? [];
    const fields = rest.split(' ');
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    return [{ id: Number(id), name: Number(id) === process.pid ? 'main' : name, cpuSeconds }];
  });
}

/** Undefined for a thread that has ended since it was listed. */
function statLine(id: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${id}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** What each thread has used since; threads that have begun since are whole. */
export function timesSince(before: readonly ThreadTime[], now = threadTimes()): readonly ThreadTime[] {
  const earlier = new Map(before.map(({ id, cpuSeconds }) => [id, cpuSeconds]));
  return now.map((thread) => ({ ...thread, cpuSeconds: thread.cpuSeconds - (earlier.get(thread.id) ?? 0) }));
}
