// On which grid are the prices of a row? The engine's instruments first; unknown symbols are requested once and kept.
import type { Ms } from '../../lib/brand.ts';
import type { Instrument } from '../../market/instrument.ts';
import { listedFrom, STATUSES } from '../rest/rest-rows.ts';
import { fieldsOf, listOf, textOf } from '../fields.ts';
import { type Asked, failureOf } from './asked.ts';
import type { RestClient } from './rest-client.ts';
import type { Host } from './wires.ts';

const WRONG_PARAMETER = 10_001;

export class Grids {
  readonly #known: (symbol: string) => Instrument | undefined;
  readonly #rest: RestClient;
  readonly #fetched = new Map<string, Instrument>();
  readonly #unlisted = new Set<string>();

  constructor(known: (symbol: string) => Instrument | undefined, rest: RestClient) {
    this.#known = known;
    this.#rest = rest;
  }

  of(symbol: string): Instrument | undefined {
    return this.#known(symbol) ?? this.#fetched.get(symbol);
  }

  /** The exchange has said that it knows no such contract: it was delivered or delisted. */
  isGone(symbol: string): boolean {
    return this.#unlisted.has(symbol) && this.of(symbol) === undefined;
  }

  /** `done` gets a text where a symbol's grid could not be asked for; afterwards it is known, or gone. */
  fetch(host: Host, symbols: ReadonlySet<string>, within: Ms, done: (failure: string | undefined) => void): void {
    const missing = [...symbols].filter((symbol) => this.of(symbol) === undefined);
    let left = missing.length;
    let failure: string | undefined;
    if (left === 0) return done(undefined);
    for (const symbol of missing) {
      this.#find(host, symbol, within, STATUSES, (failed) => {
        failure ??= failed;
        if (--left === 0) done(failure);
      });
    }
  }

  #find(
    host: Host,
    symbol: string,
    within: Ms,
    [status, ...others]: readonly (string | undefined)[],
    done: (failure: string | undefined) => void,
  ): void {
    const params = { category: 'linear', symbol, ...(status === undefined ? {} : { status }) };
    const path = '/v5/market/instruments-info';
    this.#rest.ask({ host, method: 'GET', path, params, errand: 'read', within, isPublic: true }, (asked) => {
      const rows = asked.kind === 'answered' ? listOf(asked.result.list) : [];
      const instrument = rows.map(listedFrom).find((listed) => listed?.instrument.symbol === symbol)?.instrument;
      if (instrument !== undefined) this.#fetched.set(symbol, instrument);
      else if (!knowsNone(asked)) return done(`no instrument ${symbol}: ${failureOf(asked) ?? 'unreadable'}`);
      else if (others.length > 0) return this.#find(host, symbol, within, others, done);
      else this.#unlisted.add(symbol);
      done(undefined);
    });
  }
}

function knowsNone(asked: Asked): boolean {
  if (asked.kind !== 'answered') return false;
  const isEmpty = asked.code === 0 && Array.isArray(asked.result.list) && asked.result.list.length === 0;
  return isEmpty || (asked.code === WRONG_PARAMETER && /symbol/i.test(asked.text));
}

/** A row may name none: asked for nothing, the exchange answers with its whole list. */
export function symbolsOf(rows: readonly unknown[]): ReadonlySet<string> {
  return new Set(rows.map((row) => textOf(fieldsOf(row).symbol)).filter((symbol) => symbol !== ''));
}
