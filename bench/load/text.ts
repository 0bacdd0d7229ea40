// What does a load run tell people?
import type { ThreadProfile } from './profile.ts';
import type { LoadResult } from './run.ts';
import { isWhole } from './worth.ts';

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function named(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'none' : some.map(([name, count]) => `${count} ${name}`).join(', ');
}

export function describeLoad(result: LoadResult): string {
  const { terms, cpu, bookAgeMs: age, eventLoopDelayMs: delay } = result;
  const lines = [
    `${terms.symbols} books of ${terms.depth} levels, ${terms.rate} frames/s for ${terms.seconds} s, analysis ${terms.mode}, ` +
      `${terms.workers} workers, seed ${terms.seed}; engine without trading, storage and page`,
    `frames       ${result.framesSent} sent, ${result.framesApplied} applied, lost: ${named(result.lost)}, withheld: ${result.framesWithheld}; ` +
      `${result.framesPerSecond}/s, backlog at the end ${result.backlogFrames}, empty after ${result.drainMs} ms`,
    `book age     p50 ${ms(age.p50)}, p99 ${ms(age.p99)}, p99.9 ${ms(age.p999)}, max ${ms(age.max)} ms from the intended send time ` +
      `(the sender itself was late by up to ${ms(result.senderLatestMs)} ms)`,
    `event loop   delay p50 ${ms(delay.p50)}, p99 ${ms(delay.p99)}, max ${ms(delay.max)} ms`,
    `garbage      ${result.collections} collections of ${ms(result.gcMs)} ms in all, p99 ${ms(result.gcP99Ms)} ms, ${result.longCollections} over 5 ms, the longest ${ms(result.gcMaxMs)} ms, ` +
      `in none of them main on a core for more than ${ms(result.gcMaxCoreMs)} ms`,
    `cores        main ${cpu.main.toFixed(2)}, workers ${cpu.workers.toFixed(2)}, collector and compiler ${cpu.others.toFixed(2)}, ` +
      `sender ${cpu.sender.toFixed(2)}; main ${result.mainMicrosPerFrame.toFixed(2)} µs a frame`,
    `memory       ${Math.round(result.bytesPerBook / 1_000)} KB a book, threads and sockets included, beyond what the loaded program takes; of which ${Math.round(result.bytesReservedPerBook / 1_000)} KB laid out`,
    `scans        ${result.scans}`,
    `books        ${result.live} live, ${result.resyncs} resyncs, ${result.fallbacks} frames read by the slow reader, ` +
      `${result.audits.equal} compared with the sender's and equal, ${result.audits.wrong} different`,
  ];
  if (Object.keys(result.said).length > 0) lines.push(`complaints   ${named(result.said)}`);
  if (!isWhole(result)) lines.push('NOT WHOLE: frames are missing, or books are not live or not those of the sender');
  return `${lines.join('\n')}\n`;
}

export function describeProfiles(profiles: readonly ThreadProfile[]): string {
  return profiles
    .map(({ thread, busyMs, idleMs, hottest }) => {
      const rows = hottest.map(
        ({ name, place, ms: own, share }) =>
          `  ${percent(share).padStart(7)}  ${own.toFixed(0).padStart(6)} ms  ${name}  ${place}`,
      );
      return [`${thread}: busy ${busyMs.toFixed(0)} ms, idle ${idleMs.toFixed(0)} ms`, ...rows].join('\n');
    })
    .join('\n');
}
