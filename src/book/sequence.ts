// Does this message follow the last one?

export type Step = 'apply' | 'replace' | 'discard' | 'gap';

/**
 * The rule of one depth topic: a snapshot replaces everything, whatever its `u` (a restarted service begins again at 1);
 * a delta must carry the next `u`. A repeated or older delta is no harm by itself but proves that the stream is not
 * what we think, so it is a gap too; and so is one that tells an earlier moment of the engine, a lower `seq`, than the book
 * shows (bybit-v5 4.4). A delta before any snapshot is discarded (B04).
 */
export function step(
  isSnapshot: boolean,
  synced: boolean,
  last: number,
  u: number,
  lastSeq: number,
  seq: number,
): Step {
  if (isSnapshot) return 'replace';
  if (!synced) return 'discard';
  return u === last + 1 && seq >= lastSeq ? 'apply' : 'gap';
}
