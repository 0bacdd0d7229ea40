// A process that logs into the file that it is told, until it is killed, throws, or is told to end.
import { systemClock } from '../../src/lib/clock.ts';
import { logCrashes } from '../../src/ops/crash-log.ts';
import { createLog } from '../../src/ops/log.ts';
import { writeSync } from 'node:fs';

const [how, file, directory] = process.argv.slice(2) as [string, string, string];
const FILLER = 'x'.repeat(100);
const REPEATS = 20;

const log = createLog(
  { level: 'info', file: file === '-' ? null : file, maxSizeMb: 1_000, backupCount: 0 },
  { stderr: process.stderr, clock: systemClock, directory },
);
const release = logCrashes(log, process);
let count = 0;

/** The line is said to be logged only when it is: whoever reads this holds the log to it. */
function line(): void {
  count++;
  log.info({ symbol: `S${count}`, filler: FILLER }, 'child.line');
  writeSync(1, `${count}\n`);
}

if (how === 'endless') {
  for (;;) line();
} else if (how === 'throws') {
  for (let i = 0; i < REPEATS; i++) log.warn({ i }, 'child.again');
  log.fatal({ symbol: 'BTCUSDT' }, 'child.emergency');
  setTimeout(() => {
    throw new Error('nobody catches this');
  }, 0);
} else {
  // One line for each byte on stdin; its end is ours.
  process.stdin.on('data', (bytes) => {
    for (const _ of bytes) log.info({ symbol: `S${++count}`, filler: FILLER }, 'child.line');
    process.send?.(count);
  });
  process.stdin.on('end', () => {
    release();
    log.close();
    process.send?.('closed');
    process.disconnect?.();
  });
}
