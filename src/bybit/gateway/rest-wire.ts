// How does bybit-api put one question? Signed with the exchange's time, once, to the address we named; secrets stay here.
import { RestClientV5 } from 'bybit-api';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import { fieldsOf } from '../fields.ts';
import { type Transport, transportTo } from '../transport.ts';
import { hide, type ApiKeys } from './keys.ts';
import { sign } from './stream-wire.ts';
import type { Question, Quota, Reply } from './wires.ts';

export interface RestPlace {
  readonly url: string;
  readonly keys: ApiKeys;
  readonly serverNow: () => number;
}

/** Longer than any deadline of ours: only that nothing hangs for ever. */
const TIMEOUT_MS = 20_000 as Ms;
/** No connection was ever made. */
const UNSENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

class TimedRest extends RestClientV5 {
  readonly #serverNow: () => number;

  constructor(place: RestPlace, recvWindowMs: number, options: object) {
    const { url, keys, serverNow } = place;
    super(
      {
        ...keys,
        baseUrl: url,
        recv_window: recvWindowMs,
        parseAPIRateLimits: true,
        customSignMessageFn: sign,
        // Asks `fetchTimeOffset` before it signs: below, that is our own clock's and no question to the exchange.
        syncTimeBeforePrivateRequests: true,
      },
      options,
    );
    this.#serverNow = serverNow;
  }

  override fetchTimeOffset(): Promise<number> {
    return Promise.resolve(this.#serverNow() - Date.now());
  }
}

export class RestWire {
  readonly #place: RestPlace;
  readonly #transport: Transport;
  /** The receive window belongs to a client; there are two or three of them. */
  readonly #clients = new Map<number, TimedRest>();

  constructor(place: RestPlace, clock: Clock = systemClock) {
    this.#place = place;
    this.#transport = transportTo(place.url, { clock, silenceMs: TIMEOUT_MS, answerMs: TIMEOUT_MS });
  }

  ask({ method, path, params, isSigned, recvWindowMs }: Question, replied: (reply: Reply) => void): void {
    const client = this.#client(recvWindowMs);
    const call = method === 'POST' ? 'postPrivate' : isSigned ? 'getPrivate' : 'get';
    client[call](path, { ...params }).then(
      (body: unknown) => replied(this.#body(body)),
      (thrown: unknown) => replied(failure(thrown)),
    );
  }

  close(): void {
    this.#transport.agent.destroy();
  }

  #client(recvWindowMs: number): TimedRest {
    let client = this.#clients.get(recvWindowMs);
    if (client === undefined) {
      client = new TimedRest(this.#place, recvWindowMs, this.#transport.options);
      this.#clients.set(recvWindowMs, client);
    }
    return client;
  }

  #body(body: unknown): Reply {
    const { rateLimitApi, ...fields } = fieldsOf(body);
    const retMsg = typeof fields.retMsg === 'string' ? hide(fields.retMsg, this.#place.keys) : fields.retMsg;
    return { kind: 'body', body: { ...fields, retMsg }, quota: quotaFrom(rateLimitApi) };
  }
}

function quotaFrom(told: unknown): Quota | undefined {
  const { maxRequests, remainingRequests, resetAtTimestamp } = fieldsOf(told);
  if (typeof maxRequests !== 'number' || typeof remainingRequests !== 'number') return undefined;
  return {
    limit: maxRequests,
    left: remainingRequests,
    resetMs: typeof resetAtTimestamp === 'number' ? resetAtTimestamp : 0,
  };
}

/** Only codes survive: what the client throws holds the key, the signature and even the secret. */
function failure(thrown: unknown): Reply {
  const { code } = fieldsOf(thrown);
  // The client tells the status with which an answer began that then broke off.
  if (code === 200) return { kind: 'failed', code: 'the answer broke off', isUnsent: false };
  if (typeof code === 'number') return { kind: 'status', status: code };
  if (typeof code === 'string') return { kind: 'failed', code, isUnsent: UNSENT.has(code) };
  return { kind: 'failed', code: 'no readable answer', isUnsent: false };
}
