// How does an order go over the trade socket? One frame out, one answer back by its own id; a socket that is down sends nothing.
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import { parseJson } from '../../lib/parse-json.ts';
import type { Log } from '../../lib/log.ts';
import { type Fields, fieldsOf, textOf } from '../fields.ts';
import type { Allowance, Errand } from './allowance.ts';
import { type Asked, envelopeOf } from './asked.ts';
import { startDeadline } from '../deadline.ts';
import type { Stream } from './stream.ts';

/** This server ends: it takes nothing new, and what it was doing is open (W17). */
const RESTARTING: ReadonlySet<number> = new Set([10_016, 10_019]);
/** Of this user, this address, the whole service, or this session: all of them want a rest. */
const TOO_MANY: ReadonlySet<number> = new Set([10_006, 10_403, 10_429, 20_003]);
/** One answer may be lost; of a socket that answers pings alone every entry would be unknown. */
const UNANSWERED_MAX = 2;

export interface TradeSocketOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly allowance: Allowance;
  readonly serverNow: () => number;
}

export interface TradeAsk {
  readonly operation: 'create' | 'cancel';
  readonly params: Fields;
  readonly errand: Errand;
  readonly within: Ms;
  readonly recvWindowMs: number;
}

interface Waiting {
  readonly op: string;
  readonly done: (asked: Asked) => void;
  readonly deadline: Timer;
}

export class TradeSocket {
  readonly #options: TradeSocketOptions;
  readonly #waiting = new Map<string, Waiting>();
  /** No process uses the ids of another: the exchange may remember them (20006). */
  readonly #prefix: string;
  #stream: Stream | undefined;
  #count = 0;
  /** Requests in a row without an answer. */
  #unanswered = 0;

  constructor(options: TradeSocketOptions) {
    this.#options = options;
    this.#prefix = options.clock.wall().toString(36);
  }

  /** The stream is made after its listener. */
  attach(stream: Stream): void {
    this.#stream = stream;
  }

  ask({ operation, params, errand, within, recvWindowMs }: TradeAsk, done: (asked: Asked) => void): void {
    const { clock, allowance, serverNow } = this.#options;
    const refuse = (reason: string): void => void clock.after(0 as Ms, () => done({ kind: 'unsent', reason }));
    if (this.#stream?.isUp !== true) return refuse('trade socket down');
    if (!allowance.take(`/v5/order/${operation}`, errand, clock.monotonic())) return refuse('no token in this second');
    const reqId = `${this.#prefix}-${++this.#count}`;
    const op = `order.${operation}`;
    const header = { 'X-BAPI-TIMESTAMP': String(serverNow()), 'X-BAPI-RECV-WINDOW': String(recvWindowMs) };
    const deadline = startDeadline(clock, within, () => {
      this.#waiting.delete(reqId);
      done({ kind: 'lost', reason: `no answer within ${within} ms` });
      if (++this.#unanswered >= UNANSWERED_MAX) this.#stream?.restart('answers no orders');
    });
    this.#waiting.set(reqId, { op, done, deadline });
    if (this.#stream.send(JSON.stringify({ reqId, header, op, args: [params] }))) return;
    this.#waiting.delete(reqId);
    deadline.cancel();
    refuse('trade socket cannot be written to');
    // That it is down is told as well, and nothing is told from within a call.
    clock.after(0 as Ms, () => this.#stream?.restart('peer reads nothing'));
  }

  text(text: string): void {
    const fields = fieldsOf(parseJson(text));
    const { op } = fields;
    if (op === 'pong' || op === 'ping' || op === 'auth') return;
    const reqId = textOf(fields.reqId);
    const waiting = this.#waiting.get(reqId);
    const asked = envelopeOf(fields);
    if (asked !== undefined) this.#unanswered = 0;
    if (waiting === undefined || asked === undefined || waiting.op !== op) {
      this.#options.log.warn({ reqId, code: asked?.code, text: asked?.text }, 'gateway.late_answer');
      return;
    }
    this.#waiting.delete(reqId);
    waiting.deadline.cancel();
    this.#counted(`/v5/${op.replace('.', '/')}`, asked.code, fieldsOf(fields.header));
    waiting.done(asked);
    if (RESTARTING.has(asked.code)) this.#stream?.restart(`${asked.code} ${asked.text}`);
  }

  /** What waits for an answer will get none. */
  down(reason: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#unanswered = 0;
    for (const { deadline } of waiting) deadline.cancel();
    this.#options.clock.after(0 as Ms, () => {
      for (const { done } of waiting) done({ kind: 'lost', reason: `connection lost: ${reason}` });
    });
  }

  #counted(endpoint: string, code: number, header: Fields): void {
    const { allowance, clock } = this.#options;
    const now = clock.monotonic();
    const number = (name: string): number => Number(textOf(header[name]) || Number.NaN);
    const [limit, left] = [number('X-Bapi-Limit'), number('X-Bapi-Limit-Status')];
    const waitMs = number('X-Bapi-Limit-Reset-Timestamp') - number('Timenow');
    if (TOO_MANY.has(code)) allowance.refused(endpoint, waitMs, now);
    else if (Number.isSafeInteger(limit) && Number.isSafeInteger(left)) allowance.told(endpoint, limit, left, now);
  }
}
