// Over which path to the exchange does a request go now? Two REST hosts in turn, and a socket for orders, each up or down.
import type { Ms } from '../lib/brand.ts';
import type { Path } from '../order/words.ts';
import { Turns } from './close/turns.ts';

/** For how long a host that has failed is avoided while there is another one. */
const FORGIVEN_MS = 10_000;

export class Paths {
  readonly #down = new Set<Path>();
  readonly #failedAt = new Map<Path, Ms>();
  readonly #turns = new Turns();
  #restTurn = 0;

  isUp(path: Path): boolean {
    return !this.#down.has(path);
  }

  set(path: Path, isUp: boolean): void {
    if (isUp) this.#down.delete(path);
    else this.#down.add(path);
  }

  /** Whether a path has just answered. */
  noteAnswer(path: Path, isAnswered: boolean, now: Ms): void {
    if (isAnswered) this.#failedAt.delete(path);
    else this.#failedAt.set(path, now);
  }

  /** Takes the two hosts in turn, avoiding one that is down or that failed last. */
  takeRest(now: Ms): Path {
    this.#restTurn = 1 - this.#restTurn;
    const inTurn: readonly Path[] = this.#restTurn === 0 ? ['rest-1', 'rest-2'] : ['rest-2', 'rest-1'];
    const doubt = (path: Path): number => {
      const failedAt = this.#failedAt.get(path);
      const isForgiven = failedAt === undefined || now - failedAt >= FORGIVEN_MS;
      return (this.isUp(path) ? 0 : Infinity) + (isForgiven ? 0 : failedAt);
    };
    return inTurn.reduce((best, path) => (doubt(path) < doubt(best) ? path : best));
  }

  /** May a close go over a path that has failed? A socket says by itself that it is back; a host is tried, by each in its turn. */
  mayTry(path: Path, symbol: string, now: Ms): boolean {
    if (this.isUp(path)) return true;
    return path !== 'trade-socket' && this.#turns.take(path, symbol, now);
  }
}
