// hot: once per scan; allocates nothing.
// Why is a book that nobody has touched for a while scanned nearly as fast as one that was just scanned? Because what its scan will
// ask for is asked for here, all at once: a processor fetches many cache lines side by side, if none of them has to be seen before
// it is known which is the next. Within the scan each would be waited for.
import { HEADER_AT, HEADER_NUMBERS, LIFE_COUNT, lifeAt, LINE, SLOT_NUMBERS, SLOT_WORDS } from './layout.ts';
import type { Workspace } from './workspace.ts';

/** What was read goes somewhere, or nothing would be read. */
const seen = new Float64Array(1);

/** Reads a number of every cache line that a scan of this slot and of the book in hand is about to use. */
export function warm(work: Workspace, slot: number): void {
  const { numbers, words } = work.lives;
  const on = slot * SLOT_NUMBERS;
  let sum = 0;
  for (let i = on; i < on + HEADER_AT + HEADER_NUMBERS; i += LINE) sum += numbers[i] as number;
  const [bids, asks] = work.view.sides;
  sum += work.kernel.call.warm(bids.at) + work.kernel.call.warm(asks.at);
  const living = words[slot * SLOT_WORDS + LIFE_COUNT] as number;
  for (let place = 0; place < living; place++) {
    const life = lifeAt(work.lives, slot, place);
    sum += (numbers[life] as number) + (numbers[life + LINE] as number) + (numbers[life + 2 * LINE] as number);
    sum += (numbers[life + 3 * LINE] as number) + (numbers[life + 4 * LINE] as number);
  }
  seen[0] = sum;
}
