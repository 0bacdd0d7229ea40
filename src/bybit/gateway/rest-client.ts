// How is a request sent over REST? Within a deadline, the exchange's rate limits and our own budget; never twice (O32).
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Budget } from '../budget.ts';
import { ADDRESS_LIMIT_CODES, CLOCK_WRONG } from '../bybit-error.ts';
import type { Log } from '../../lib/log.ts';
import type { Fields } from '../fields.ts';
import type { Allowance, Errand } from './allowance.ts';
import { type Asked, envelopeOf } from './asked.ts';
import { startDeadline } from '../deadline.ts';
import type { Host, Question, Quota, Reply, Wires } from './wires.ts';

const RECV_WINDOW_MS = 5_000;
const TOO_MANY = 10_006;

export interface RestClientOptions {
  readonly wires: Wires;
  readonly clock: Clock;
  readonly log: Log;
  readonly allowance: Allowance;
  /** Calls in 5 s, shared by everything that sends requests from this address. */
  readonly budget: Budget;
  readonly serverNow: () => Ms;
  /** The exchange refused a request because of its time stamp. */
  readonly clockWrong: () => void;
  /** A host has answered, or has not. */
  readonly onLink: (host: Host, isAnswer: boolean, reason: string) => void;
}

export interface Ask {
  readonly host: Host;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params: Fields;
  readonly errand: Errand;
  readonly within: Ms;
  readonly recvWindowMs?: number;
  readonly isPublic?: boolean;
}

export class RestClient {
  readonly #options: RestClientOptions;
  /** Per host: when the newest answered request was sent. */
  readonly #answered = new Map<Host, Ms>();
  /** Deadlines of open requests, and timers of those that wait for the rate limit. */
  readonly #timers = new Set<Timer>();
  #isClosed = false;

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /** The exchange has banned our address for a while: nothing is sent. */
  get isSilenced(): boolean {
    const { budget, clock } = this.#options;
    return budget.silentMs(clock.monotonic()) > 0;
  }

  /** Calls `done` once, never from within this call, and never after `close`. */
  ask(ask: Ask, done: (asked: Asked) => void): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    let isOver = false;
    const finish = (asked: Asked): void => {
      if (isOver || this.#isClosed) return;
      isOver = true;
      deadline.cancel();
      this.#timers.delete(deadline);
      done(asked);
    };
    let leftAt: Ms | undefined;
    const deadline = startDeadline(clock, ask.within, () => {
      if (leftAt === undefined) return finish(unsent('no room within its deadline'));
      const reason = `no answer within ${ask.within} ms`;
      // A request from before the host's latest answer says nothing about the host now.
      if (leftAt >= (this.#answered.get(ask.host) ?? -Infinity)) this.#options.onLink(ask.host, false, reason);
      finish(lost(reason));
    });
    this.#timers.add(deadline);
    const leave = (): void => {
      if (isOver) return;
      const refused = this.#mayLeave(ask, leave);
      if (refused === 'waits') return;
      if (refused !== undefined) return void clock.after(0 as Ms, () => finish(unsent(refused)));
      const sentAt = clock.monotonic();
      leftAt = sentAt;
      const { method, path, params, recvWindowMs = RECV_WINDOW_MS, isPublic = false } = ask;
      const question: Question = { method, path, params, recvWindowMs, isSigned: !isPublic };
      this.#options.wires.ask(ask.host, question, (reply) => {
        // What is broken off behind its deadline says nothing that the deadline has not, and nothing of the host now.
        if (this.#isClosed || (isOver && reply.kind === 'failed')) return;
        const asked = this.#read(ask, reply);
        if (asked.kind === 'answered')
          this.#answered.set(ask.host, Math.max(sentAt, this.#answered.get(ask.host) ?? 0) as Ms);
        if (isOver) this.#options.log.warn({ host: ask.host, path, ...told(asked) }, 'gateway.late_answer');
        finish(asked);
      });
    };
    leave();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) timer.cancel();
  }

  /** A text says why not; `waits`: `again` is called when there is room. */
  #mayLeave({ path, errand }: Ask, again: () => void): string | undefined {
    const { clock, allowance, budget } = this.#options;
    const now = clock.monotonic();
    const silentMs = budget.silentMs(now);
    if (silentMs > 0) return `HTTP is silent for ${Math.ceil(silentMs / 1_000)} s more (403)`;
    const at = Math.max(
      allowance.freeAt(path, errand, now),
      // The budget is half of the exchange's limit: requests that only reduce risk may use the other half.
      errand === 'reduce' ? now : budget.freeAt(now),
    );
    if (at > now) {
      if (errand !== 'read') return 'no token in this second';
      const turn = clock.after((at - now) as Ms, () => {
        this.#timers.delete(turn);
        again();
      });
      this.#timers.add(turn);
      return 'waits';
    }
    allowance.take(path, errand, now);
    budget.reserve(now);
    return undefined;
  }

  #read({ host, path }: Ask, reply: Reply): Asked {
    const { onLink } = this.#options;
    if (reply.kind === 'failed') {
      onLink(host, false, reply.code);
      return reply.isUnsent ? unsent(reply.code) : lost(reply.code);
    }
    if (reply.kind === 'status') return this.#status(host, reply.status);
    const asked = envelopeOf(reply.body);
    if (asked === undefined) {
      onLink(host, false, 'unreadable answer');
      return lost('unreadable answer');
    }
    if (ADDRESS_LIMIT_CODES.has(asked.code)) this.#silence(asked.code);
    onLink(host, true, '');
    this.#counted(path, asked.code, reply.quota);
    return asked;
  }

  #status(host: Host, status: number): Asked {
    if (status === 403) this.#silence(status);
    this.#options.onLink(host, false, `HTTP ${status}`);
    if (status !== 400 && status !== 401 && status !== 404) return lost(`HTTP ${status}`);
    const code = status === 401 ? status : 10_001;
    return { kind: 'answered', code, text: `HTTP ${status}`, result: {}, timeMs: 0 };
  }

  #counted(path: string, code: number, quota: Quota | undefined): void {
    const { allowance, clock, serverNow } = this.#options;
    const now = clock.monotonic();
    if (code === CLOCK_WRONG) this.#options.clockWrong();
    if (code === TOO_MANY) allowance.refused(path, quota === undefined ? 0 : quota.resetMs - serverNow(), now);
    else if (quota !== undefined) allowance.told(path, quota.limit, quota.left, now);
  }

  #silence(code: number): void {
    const { budget, clock, log } = this.#options;
    const now = clock.monotonic();
    // Whatever else was under way gets the same answer: it is cried out once.
    const isKnown = budget.silentMs(now) > 0;
    budget.silence(now);
    if (!isKnown) log.error({ code, silentMs: Math.round(budget.silentMs(now)) }, 'gateway.http_silenced');
  }
}

const lost = (reason: string): Asked => ({ kind: 'lost', reason });
const unsent = (reason: string): Asked => ({ kind: 'unsent', reason });
const told = (asked: Asked): object =>
  asked.kind === 'answered' ? { code: asked.code, text: asked.text } : { reason: asked.reason };
