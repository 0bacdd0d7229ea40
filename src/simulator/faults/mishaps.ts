// What befalls a signed request on command? An answer that is none, with the request carried out or not.
import type { Door } from '../gateway/signed-request.ts';
import type { Mishap } from '../gateway/answer.ts';

interface Armed {
  readonly mishap: Mishap;
  readonly door: Door | undefined;
  readonly path: string | undefined;
  readonly uid: number | undefined;
  left: number;
}

export class Mishaps {
  #armed: Armed[] = [];

  /** The next `count` requests that fit; a path fits when it holds the text. */
  arm(
    mishap: Mishap,
    fits: { door?: Door | undefined; path?: string | undefined; uid?: number | undefined },
    count: number,
  ): void {
    this.#armed.push({ mishap, door: fits.door, path: fits.path, uid: fits.uid, left: count });
  }

  get pending(): number {
    return this.#armed.reduce((sum, { left }) => sum + left, 0);
  }

  clear(): void {
    this.#armed = [];
  }

  take(door: Door, path: string, uid: number): Mishap | undefined {
    const armed = this.#armed.find(
      (one) =>
        (one.door ?? door) === door && (one.uid ?? uid) === uid && (one.path === undefined || path.includes(one.path)),
    );
    if (armed === undefined) return undefined;
    armed.left--;
    if (armed.left === 0) this.#armed = this.#armed.filter((one) => one !== armed);
    return armed.mishap;
  }
}
