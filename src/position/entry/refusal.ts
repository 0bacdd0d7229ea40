// An entry was refused: what does its class ask for, beyond the end of that order? (failure-modes 11)
import type { Ms } from '../../lib/brand.ts';
import type { Answer } from '../../order/gateway.ts';
import { RUNAWAY } from '../../risk/mode.ts';
import { runawayOf } from '../../risk/rates.ts';
import type { Actor } from '../actor.ts';
import type { Core } from '../core.ts';

export const FUNDS_BLOCK_MS = 60_000;
const SYMBOL_REST_MS = 60_000;
/** Nobody tells when the phase of a contract is over, or a limit of the exchange's lifted: that is found out by one entry a day. */
const SYMBOL_BLOCK_MS = 86_400_000;

/** So many contracts, and none taken between: somebody is called. */
const CLOSED_IN_ROW = 5;

type Refused = Extract<Answer, { outcome: 'refused' }>;

export function reactToRefusal(core: Core, actor: Actor, { class: group, code, text }: Refused): void {
  const rest = (): unknown => (actor.opening.restUntil = (core.now.mono + SYMBOL_REST_MS) as Ms);
  // It closes its own symbol for a day: however many contracts the account may not trade, nothing runs away.
  if (group !== 'symbol-block') core.guard.stepRates({ kind: 'rejected', symbol: actor.symbol });
  switch (group) {
    case 'account':
      core.tell('critical', 'account.refused', actor.symbol, { code, text });
      core.guard.stepMode({ kind: 'halt', reason: `account ${code}` });
      break;
    case 'funds':
      core.guard.blockFor('funds', FUNDS_BLOCK_MS);
      core.wantWholeReading();
      break;
    case 'clock':
      core.tell('error', 'clock.skew', actor.symbol, { code, text });
      // Until the offset has been measured anew.
      core.guard.block('clock', true);
      break;
    case 'symbol-block':
      core.tell('warning', 'symbol.blocked', actor.symbol, { code, text });
      actor.opening.blockedUntil = (core.now.mono + SYMBOL_BLOCK_MS) as Ms;
      if (core.closedInRow.has(actor.symbol)) break;
      core.closedInRow.add(actor.symbol);
      // Then it may be the account; or a kind of contracts, whose others are open: nobody but its owner can tell.
      if (core.closedInRow.size === CLOSED_IN_ROW)
        core.tell('critical', 'account.closed_contracts', undefined, { contracts: CLOSED_IN_ROW, code, text });
      break;
    case 'limits':
      rest();
      break;
    case 'param':
      actor.contradict('refused parameter', { code });
      break;
    // The signal is gone with its order.
    case 'price':
    case 'gone':
    case 'flat-hint':
    case 'ok-noop':
      rest();
      break;
    // Heard by whoever hears of the account's key.
    case 'auth':
      break;
    // These leave it unknown, and it is asked for.
    case 'ambiguous':
    case 'duplicate':
  }
  haltRunaway(core);
}

/** Whatever was asked by it: with a key that is refused nothing is entered any more, and somebody is called, once (O25). */
export function refuseKey(
  core: Core,
  symbol: string | undefined,
  said: Readonly<Record<string, string | number>>,
): void {
  if (core.guard.mode.blocks.has('auth')) return;
  core.tell('critical', 'auth.refused', symbol, said);
  core.guard.block('auth', true, true);
}

/** Three rejects of one symbol, or ten in all, in a row (I-15, Y02). */
export function haltRunaway(core: Core): void {
  const runaway = runawayOf(core.guard.rates);
  if (runaway === undefined || core.guard.mode.latch?.reason === RUNAWAY) return;
  core.tell('critical', RUNAWAY, undefined, { detail: runaway });
  core.guard.stepMode({ kind: 'halt', reason: RUNAWAY });
}
