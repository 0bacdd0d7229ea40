// What have trades of ours brought that nobody here remembers? Executions alone tell: of before the state was lost, of after its backup.
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Money } from '../../market/money.ts';
import { parseLinkId } from '../../order/link-id.ts';
import type { Fill } from '../../order/words.ts';
import { exchangeMade, holdingOf, inOrder, isPayment, signedLots, type Origin } from './holding.ts';
import { resultOf } from './result.ts';

export interface PastTrade {
  readonly symbol: string;
  /** After fees and funding. */
  readonly net: Money;
  readonly endedMs: Ms;
  readonly execIds: readonly string[];
}

/** `fills`: of one symbol. Each time from flat to flat in which something was ours counts as one trade. */
export function pastTrades(fills: readonly Fill[], instrument: Instrument): PastTrade[] {
  const payments = fills.filter(isPayment);
  return roundsOf(fills).flatMap((round) => {
    const parts = holdingOf(round, undefined, 0, originOf).parts.filter(({ ourLots }) => ourLots > 0);
    const [first, last] = [parts[0]?.fill, parts.at(-1)?.fill];
    if (first === undefined || last === undefined) return [];
    const paid = payments.filter(({ timeMs }) => timeMs >= first.timeMs && timeMs <= last.timeMs);
    const side = first.side === 'buy' ? 'long' : 'short';
    const { net } = resultOf({ side }, parts, paid, instrument);
    const execIds = [...round, ...paid].map(({ execId }) => execId);
    return { symbol: first.symbol, net, endedMs: last.timeMs, execIds };
  });
}

/** From flat to flat. What was opened before the first of them nobody knows the price of: it is left out, with its end. */
function roundsOf(fills: readonly Fill[]): Fill[][] {
  const rounds: Fill[][] = [];
  let round: Fill[] = [];
  let size = 0;
  for (const fill of fills.filter((one) => !isPayment(one)).sort(inOrder)) {
    const lots = signedLots(fill);
    if (fill.closedLots > Math.max(0, -size * Math.sign(lots))) {
      round = [];
      size = 0;
      continue;
    }
    round.push(fill);
    size += lots;
    if (size !== 0) continue;
    rounds.push(round);
    round = [];
  }
  return rounds;
}

/** Of whichever engine of ours: what the account has lost by one of them, another one does not risk again. */
function originOf(fill: Fill): Origin {
  const role = parseLinkId(fill.linkId)?.role;
  if (role !== undefined) return role === 'E' ? 'entry' : 'close';
  return exchangeMade(fill) ? 'exchange' : 'stranger';
}
