// By which name is a signal known, from the row of its criteria over order and position to the row of the trade?
import type { AnalysisEvent } from '../scan/event.ts';

/** One of a density, for a bounce one of a touch; the same over restarts. */
export function signalIdOf(
  symbol: string,
  { signal, firstSeenMs, life, touches }: Pick<AnalysisEvent, 'signal' | 'firstSeenMs' | 'life' | 'touches'>,
): string {
  return [symbol, signal, firstSeenMs, life, touches].join('-');
}
