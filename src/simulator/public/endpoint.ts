// What do public endpoints have in common? A query that they check in the same order, and one code of refusal.
import type { Contract } from '../contract.ts';
import type { Market } from '../market.ts';

/** What an endpoint answers, or why it refuses: the code is that of a wrong parameter. */
export type Result = object | string;
export type Endpoint = (query: URLSearchParams, market: Market) => Result;

export const NO_SYMBOL = 'params error: symbol invalid';
export const NO_LIMIT = 'params error: limit is invalid';

/** A whole number between 1 and `most`; undefined where the text is none. */
export function limitOf(query: URLSearchParams, usual: number, most: number): number | undefined {
  const limit = Number(query.get('limit') ?? usual);
  return Number.isInteger(limit) && limit >= 1 && limit <= most ? limit : undefined;
}

export function contractOf(query: URLSearchParams, market: Market): Contract | undefined {
  return market.contract(query.get('symbol') ?? '');
}

/** An endpoint that lists something of one contract, `usual` rows where no limit is named. */
export function ofContract(
  usual: number,
  most: number,
  answer: (contract: Contract, limit: number, query: URLSearchParams, market: Market) => Result,
): Endpoint {
  return (query, market) => {
    const contract = contractOf(query, market);
    if (contract === undefined) return NO_SYMBOL;
    const limit = limitOf(query, usual, most);
    return limit === undefined ? NO_LIMIT : answer(contract, limit, query, market);
  };
}
