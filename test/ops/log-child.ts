// A process that logs into the file that it is told, until it hangs, throws, or is told to end.
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Ms } from '../../src/lib/brand.ts';
import { pause, systemClock } from '../../src/lib/clock.ts';
import { logCrashes } from '../../src/ops/crash-log.ts';
import { createLog } from '../../src/ops/log.ts';

const [how, file, directory] = process.argv.slice(2) as [string, string, string];
const FILLER = 'x'.repeat(100);
const REPEATS = 20;
const LINES = 200;

const log = createLog(
  { level: 'info', file: file === '-' ? null : file, maxSizeMb: 1_000, backupCount: 0 },
  { stderr: process.stderr, clock: systemClock, directory },
);
logCrashes(log, process);
// Whoever ends before the log's thread has begun, on a busy machine after seconds, ends as beside a disk that hangs.
log.info({}, 'child.begun');
while (file !== '-' && statSync(path.join(directory, file)).size === 0) await pause(systemClock, 5 as Ms);

let count = 0;

const line = (): void => log.info({ symbol: `S${++count}`, filler: FILLER }, 'child.line');

if (how === 'hangs') {
  for (let i = 0; i < LINES; i++) line();
  for (;;);
} else if (how === 'throws') {
  for (let i = 0; i < REPEATS; i++) log.warn({ i }, 'child.again');
  log.fatal({ symbol: 'BTCUSDT' }, 'child.emergency');
  setTimeout(() => {
    throw new Error('nobody catches this');
  }, 0);
} else {
  // One line for each byte on stdin; its end is ours.
  process.stdin.on('data', (bytes) => {
    for (const _ of bytes) line();
    log.flush();
    process.send?.(count);
  });
  process.stdin.on('end', () => {
    log.close();
    process.send?.('closed');
    process.disconnect?.();
  });
}
