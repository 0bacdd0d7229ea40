// hot: once per book message that the kernel leaves to TypeScript; allocates nothing.
// At which time did the exchange match what a message tells? One of its stamps may be wrong, and a book is judged by them.

/** How far the clock of the matching may be ahead of the one that sends; measured: not at all (bybit-v5 4.6). */
export const AHEAD_MS_MAX = 1_000;

/** How much older than the message before one may be; the exchange's snapshots are 1 to 2 s (bybit-v5 4.2). More is a wrong clock. */
export const OLDER_MS_MAX = 5_000;

/**
 * What the message itself says, unless that is behind its own sending or long before the last message: then the time of sending,
 * `sent`, the nearest that is known. Where that too is long before, nobody can tell which is wrong, and it stands.
 */
export function matchedAt(cts: number, sent: number, last: number): number {
  if (sent < last - OLDER_MS_MAX) return cts;
  return cts > sent + AHEAD_MS_MAX || cts < last - OLDER_MS_MAX ? sent : cts;
}
