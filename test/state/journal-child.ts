// A process that appends to the journal of its state directory as fast as it can, some lines waited for and some not, and
// tells what was reported as synced. It ends when it is killed.
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/lib/clock.ts';
import { createRng } from '../../src/lib/rng.ts';
import { openJournal } from '../../src/state/journal-file.ts';
import { lineOf, seqOf, tests } from './journal-room.ts';

const [stateDir, seed] = process.argv.slice(2) as [string, string];
const rng = createRng(Number(seed));
const silent = (): void => undefined;
const { journal, found } = await openJournal(
  { stateDir, clock: systemClock, segmentBytes: 16_384, ...tests },
  {
    onSynced: (upTo) => void writeSync(1, `${upTo}\n`),
    onStatus: silent,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  },
);
let seq = found.lines.length === 0 ? 0 : seqOf(found.lines.at(-1) as string);
const append = (): void => {
  for (let count = rng.below(8); count >= 0; count--) {
    const words = rng.below(60) === 0 ? 'checkpoint' : 'w'.repeat(rng.below(400));
    const text = lineOf(++seq, words);
    journal.append({ seq, text, sync: rng.below(3) > 0, isCheckpoint: tests.isCheckpoint(text) });
  }
  setTimeout(append, rng.below(3));
};
append();
