// Is what was typed the name of a contract? Capitals are not asked of a person.
import { InvalidArgumentError } from 'commander';
import { SYMBOL } from '../market/symbol.ts';

/** For `argument` and `option` of commander, which tells the error with its place, exit code 64. */
export function symbolArgument(text: string): string {
  const symbol = text.toUpperCase();
  if (SYMBOL.test(symbol)) return symbol;
  throw new InvalidArgumentError('Give a symbol like BTCUSDT.');
}
