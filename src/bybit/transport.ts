// How do the REST clients of bybit-api reach their host? It alone, and neither for ever nor without end.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { startDeadline } from './deadline.ts';

/** Ten times the longest answer, a page of a thousand instruments: what is longer is an attack or a fault. */
const ANSWER_BYTES_MAX = 16 * 1_024 * 1_024;

export interface Transport {
  /** Its end breaks off what is under way; the next question opens a connection of its own. */
  readonly agent: HttpAgent | HttpsAgent;
  /** For the client, which hands them on to its own. */
  readonly options: object;
}

/**
 * Stands where axios takes an `AbortSignal`, and breaks off each question on its own when its time is over: its `timeout` is for
 * silence, and an answer that trickles in would hold its connection for ever.
 */
class AnswerLimit {
  readonly aborted = false;
  readonly #clock: Clock;
  readonly #within: Ms;
  readonly #timers = new Map<() => void, Timer>();

  constructor(clock: Clock, within: Ms) {
    this.#clock = clock;
    this.#within = within;
  }

  addEventListener(_abort: 'abort', breakOff: () => void): void {
    this.#timers.set(
      breakOff,
      startDeadline(this.#clock, this.#within, () => breakOff()),
    );
  }

  removeEventListener(_abort: 'abort', breakOff: () => void): void {
    this.#timers.get(breakOff)?.cancel();
    this.#timers.delete(breakOff);
  }
}

export interface TransportLimits {
  readonly clock: Clock;
  /** For how long a host may say nothing. */
  readonly silenceMs: number;
  /** By when its answer has to be whole. */
  readonly answerMs: Ms;
}

export function transportTo(url: string, { clock, silenceMs, answerMs }: TransportLimits): Transport {
  const agent = url.startsWith('https:') ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const limits = { timeout: silenceMs, signal: new AnswerLimit(clock, answerMs), maxContentLength: ANSWER_BYTES_MAX };
  // Redirects and proxies off: an answer comes from the address we named, or not at all.
  return { agent, options: { httpAgent: agent, httpsAgent: agent, ...limits, proxy: false, maxRedirects: 0 } };
}
