// Who is logged in? A cookie says who, a proof that only our own page can read says that it was our page.
import type { Clock } from '../../lib/clock.ts';
import { Bucket } from './rate.ts';
import { createSecret, digestOf, sameSecret } from './token.ts';

export interface Session {
  readonly proof: string;
  readonly requests: Bucket;
  readonly expires: number;
  sockets: number;
}

const SESSIONS_MAX = 32;
export const SESSION_MS = 24 * 3_600_000;
const REQUESTS_PER_SECOND = 20;
const REQUESTS_BURST = 60;

export class Sessions {
  readonly #clock: Clock;
  /** By a digest of the cookie's value: how long a look-up takes says nothing of it. Oldest first. */
  readonly #sessions = new Map<string, Session>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Logins that have not ended. */
  get size(): number {
    const now = this.#clock.monotonic();
    return [...this.#sessions.values()].filter(({ expires }) => expires > now).length;
  }

  /** The oldest makes room where there is none. */
  open(): { readonly cookie: string; readonly session: Session } {
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size < SESSIONS_MAX) break;
      this.#sessions.delete(oldest);
    }
    const cookie = createSecret();
    const session: Session = {
      proof: createSecret(),
      requests: new Bucket(this.#clock, REQUESTS_PER_SECOND, REQUESTS_BURST),
      expires: this.#clock.monotonic() + SESSION_MS,
      sockets: 0,
    };
    this.#sessions.set(keyOf(cookie), session);
    return { cookie, session };
  }

  find(cookie: string | undefined): Session | undefined {
    if (cookie === undefined) return undefined;
    const session = this.#sessions.get(keyOf(cookie));
    return session === undefined || session.expires <= this.#clock.monotonic() ? undefined : session;
  }

  isOpen(session: Session): boolean {
    return session.expires > this.#clock.monotonic() && [...this.#sessions.values()].includes(session);
  }

  close(cookie: string): void {
    this.#sessions.delete(keyOf(cookie));
  }
}

export function isProven(session: Session, proof: string | undefined): boolean {
  return proof !== undefined && sameSecret(proof, session.proof);
}

function keyOf(cookie: string): string {
  return digestOf(cookie).toString('base64');
}
