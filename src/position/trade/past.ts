// What have trades of ours brought that nobody here remembers? Executions alone tell: of before the state was lost, of after its backup.
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Money } from '../../market/money.ts';
import { parseLinkId } from '../../order/link-id.ts';
import type { Fill } from '../../order/words.ts';
import { exchangeMade, holdingOf, inOrder, isPayment, signedSize, sizesOf, type Origin } from './holding.ts';
import { resultOf } from './result.ts';

export interface PastTrade {
  readonly symbol: string;
  /** After fees and funding. */
  readonly net: Money;
  readonly endedMs: Ms;
  readonly execIds: readonly string[];
}

/** `fills`: of one symbol. Each time from flat to flat in which an order of ours was filled counts as one trade. */
export function pastTrades(fills: readonly Fill[], instrument: Instrument): PastTrade[] {
  const payments = fills.filter(isPayment);
  return roundsOf(fills, instrument).flatMap((round) => {
    const { parts } = holdingOf(round, undefined, 0, originOf, instrument);
    // An entry has cost its fee also where all that it closed was a person's.
    const own = parts.filter(({ ours, origin }) => ours > 0n || origin === 'entry');
    const [first, last] = [own[0]?.fill, own.at(-1)?.fill];
    if (first === undefined || last === undefined) return [];
    const paid = payments.filter(({ timeMs }) => timeMs >= first.timeMs && timeMs <= last.timeMs);
    const opened = parts.find(({ ours }) => ours > 0n)?.fill ?? first;
    const side = opened.side === 'buy' ? 'long' : 'short';
    const { net } = resultOf({ side }, parts, paid, instrument);
    const execIds = [...round, ...paid].map(({ execId }) => execId);
    return { symbol: first.symbol, net, endedMs: last.timeMs, execIds };
  });
}

/** From flat to flat. What was opened before the first of them nobody knows the price of: it is left out, with its end. */
function roundsOf(fills: readonly Fill[], instrument: Instrument): Fill[][] {
  const rounds: Fill[][] = [];
  let round: Fill[] = [];
  let size = 0n;
  for (const fill of inOrder(fills.filter((one) => !isPayment(one)))) {
    const change = signedSize(fill, instrument);
    const closable = fill.side === 'buy' ? -size : size;
    if (sizesOf(fill, instrument).closed > (closable > 0n ? closable : 0n)) {
      round = [];
      size = 0n;
      continue;
    }
    round.push(fill);
    size += change;
    if (size !== 0n) continue;
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
