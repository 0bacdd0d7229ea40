// What is a load run worth? Where frames are missing, or books are others than the sender's, it proves nothing else.
import type { LoadResult } from './run.ts';

/** Frames that are in no book: lost on their way, or due and never sent. */
export function missingOf(result: Pick<LoadResult, 'framesSent' | 'framesApplied' | 'framesWithheld'>): number {
  return result.framesSent - result.framesApplied + result.framesWithheld;
}

/** Every frame is in its book, and the books are the sender's. */
export function areBooksWhole(result: Parameters<typeof missingOf>[0] & Pick<LoadResult, 'audits'>): boolean {
  return missingOf(result) === 0 && result.audits.wrong === 0;
}

export function isWhole(result: LoadResult): boolean {
  return areBooksWhole(result) && result.live === result.terms.symbols;
}

/** For those who only show figures: of wrong books there are none. */
export function withRightBooks(result: LoadResult): LoadResult {
  const { wrong } = result.audits;
  if (wrong > 0) throw new Error(`a load ends with other books than the sender's: ${wrong} comparisons failed`);
  return result;
}
