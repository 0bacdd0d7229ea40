// What does a recording not tell, and what was taken instead? For people: a result is worth what these are worth.
import type { Config } from '../config/schema.ts';
import { usualTermsText } from './contracts.ts';

export interface Untold {
  /** Symbols without order limits, with a guessed grid, without a mark price, without a funding rate. */
  readonly usual: readonly string[];
  readonly derived: readonly string[];
  readonly mark: readonly string[];
  readonly funding: readonly string[];
  /** Symbols that were spoken of without a snapshot of their book. */
  readonly bookless: readonly string[];
  /** How often nothing was recorded for longer than positions are held without a connection. */
  readonly silences: number;
}

/** More of them are only counted. */
const NAMED_MAX = 4;

export function assumptionsOf({ paper, safety }: Config, untold: Untold): readonly string[] {
  const { usual, derived, mark, funding, bookless, silences } = untold;
  const { takerFeePercent, latencyMsMin, latencyMsMax } = paper;
  const texts = [
    `fee ${takerFeePercent} % of each execution, ${latencyMsMin} to ${latencyMsMax} ms until an order meets the book (paper)`,
  ];
  if (usual.length > 0) texts.push(usualTermsText(names(usual)));
  if (derived.length > 0) texts.push(`tick and lot of ${names(derived)} are derived from what was printed`);
  if (mark.length > 0)
    texts.push(`no mark price of ${names(mark)}: the last trade stands for it, the mid before the first`);
  if (funding.length > 0) texts.push(`no funding rate of ${names(funding)}: 0.01 % at the usual times`);
  if (bookless.length > 0)
    texts.push(`no book of ${names(bookless)}, or only its touch: nothing was seen or traded there`);
  if (silences > 0) {
    texts.push(
      `nothing was recorded for over ${safety.connectionLossTimeout} s, ${silences === 1 ? 'once' : `${silences} times`}: ` +
        `what was open was ${safety.emergencyCloseAll ? 'closed as' : 'kept, as it is'} after a lost connection, ` +
        'and trading went on with the next frame',
    );
  }
  return texts;
}

const names = (symbols: readonly string[]): string =>
  symbols.length > NAMED_MAX ? `${symbols.length} symbols` : symbols.join(', ');
