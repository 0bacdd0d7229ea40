// Which topics does one connection really deliver? Believed only when their own data has come.
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { ControlMessage } from './control.ts';
import type { Report } from './ports.ts';

/** Trades send nothing until somebody trades: their acknowledgement must do. */
export type Proof = 'data' | 'ack';

/**
 * idle ──ask──▶ requested ──data──▶ confirmed
 *   ▲              │ refused, 5 s without proof      │ dropped, resync
 *   └── backoff ───┴────────── leaving ◀─────────────┘   (unsubscribe; its answer or 2 s end it)
 */
type TopicState = 'idle' | 'requested' | 'confirmed' | 'leaving';

interface Topic {
  readonly name: string;
  readonly proof: Proof;
  wanted: boolean;
  state: TopicState;
  /** Of the last request. */
  askedAt: number;
  notBefore: number;
  failures: number;
  /** Asked in a request of its own, because one bad topic spoils a whole request. */
  alone: boolean;
}

interface Request {
  readonly op: 'subscribe' | 'unsubscribe';
  readonly topics: readonly string[];
}

export interface SubscriptionOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly report: Report;
  /** False where the connection is down: everything is asked again at `opened`. */
  readonly send: (text: string) => boolean;
  /** The topic now waits for its data, or no longer does. */
  readonly waiting: (topic: string, isWaiting: boolean) => void;
  /** It is delivered from now on. */
  readonly confirmed: (topic: string) => void;
}

const TOPICS_MAX = 10;
const CHARACTERS_MAX = 10_000;
const CONFIRM_MS = 5_000;
const LEAVE_MS = 2_000;
const CHECK_MS = 500 as Ms;
const REQUESTS_KEPT_MAX = 1_000;

export class Subscriptions {
  readonly #options: SubscriptionOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #requests = new Map<string, Request>();
  #requestCount = 0;
  #isOpen = false;
  #checks: Timer | undefined;
  #flush: Timer | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  want(name: string, proof: Proof): void {
    const topic = this.#topics.get(name);
    if (topic === undefined) {
      const fresh = { name, proof, wanted: true, state: 'idle' as const, askedAt: 0, notBefore: 0, failures: 0 };
      this.#topics.set(name, { ...fresh, alone: false });
    } else if (topic.wanted) {
      return;
    } else {
      topic.wanted = true;
    }
    this.#flushSoon();
  }

  drop(name: string): void {
    const topic = this.#topics.get(name);
    if (topic === undefined || !topic.wanted) return;
    topic.wanted = false;
    this.#flushSoon();
  }

  /** Leaves and asks again, which makes the exchange send a new snapshot. */
  resync(name: string): void {
    const topic = this.#topics.get(name);
    if (topic === undefined || !topic.wanted || topic.state === 'idle' || topic.state === 'leaving') return;
    this.#leave([topic]);
  }

  isConfirmed(name: string): boolean {
    return this.#topics.get(name)?.state === 'confirmed';
  }

  /** A frame of this topic was accepted. */
  confirm(name: string): void {
    const topic = this.#topics.get(name);
    if (topic?.state !== 'requested') return;
    topic.state = 'confirmed';
    topic.failures = 0;
    topic.alone = false;
    this.#options.waiting(name, false);
    this.#options.confirmed(name);
  }

  opened(): void {
    this.#isOpen = true;
    this.#checks = this.#options.clock.every(CHECK_MS, () => this.#check());
    this.#ask();
  }

  /** The connection is gone and every subscription with it. */
  closed(): void {
    this.#isOpen = false;
    this.#checks?.cancel();
    this.#flush?.cancel();
    this.#flush = undefined;
    for (const topic of this.#topics.values()) {
      topic.state = 'idle';
      // What this connection did not bring the next one may, and is asked at once.
      topic.notBefore = 0;
      if (!topic.wanted) this.#topics.delete(topic.name);
    }
  }

  /** The answer to a request of ours; one for the whole request, naming at most one topic (W07). */
  answered(message: ControlMessage): void {
    const request = this.#requests.get(message.requestId);
    if (request === undefined) return;
    this.#requests.delete(message.requestId);
    if (request.op === 'unsubscribe') this.#left(request);
    else if (message.success) this.#accepted(request);
    else this.#refused(request, message.text);
    this.#ask();
  }

  #accepted(request: Request): void {
    for (const name of request.topics) if (this.#topics.get(name)?.proof === 'ack') this.confirm(name);
  }

  #refused(request: Request, text: string): void {
    const words = new Set(text.split(/[\s,;:"'[\]()]+/));
    const asked = request.topics.map((name) => this.#topics.get(name)).filter((topic) => topic?.state === 'requested');
    const topics = asked as Topic[];
    const named = topics.filter((topic) => words.has(topic.name));
    const guilty = named.length > 0 || topics.length > 1 ? named : topics;
    const isDuplicate = text.includes('already subscribed');
    for (const topic of topics) {
      if (guilty.includes(topic)) continue;
      topic.state = 'idle';
      // Nobody was named: each one has to show in a request of its own whether it is the bad one.
      if (guilty.length === 0) topic.alone = true;
    }
    for (const topic of guilty) {
      topic.alone = true;
      this.#delay(topic);
      this.#options.report('feed.topic_refused', 'warning', symbolOf(topic.name), {
        topic: topic.name,
        text: text.slice(0, 200),
        failures: topic.failures,
      });
    }
    // It is subscribed after all; its snapshot went by unseen, so it is left and asked for again.
    if (isDuplicate) this.#leave(guilty);
    else for (const topic of guilty) topic.state = 'idle';
  }

  #left(request: Request): void {
    for (const name of request.topics) {
      const topic = this.#topics.get(name);
      if (topic?.state === 'leaving') this.#settle(topic);
    }
  }

  #settle(topic: Topic): void {
    topic.state = 'idle';
    if (!topic.wanted) this.#topics.delete(topic.name);
  }

  #delay(topic: Topic): void {
    topic.failures++;
    topic.notBefore = this.#options.clock.monotonic() + backoffMs(topic.failures, this.#options.rng);
  }

  #check(): void {
    const now = this.#options.clock.monotonic();
    const unproven: Topic[] = [];
    for (const topic of this.#topics.values()) {
      if (topic.state === 'leaving' && now - topic.askedAt >= LEAVE_MS) this.#settle(topic);
      if (topic.state === 'requested' && now - topic.askedAt >= CONFIRM_MS) unproven.push(topic);
    }
    for (const topic of unproven) {
      topic.alone = true;
      this.#delay(topic);
      this.#options.report('feed.topic_unconfirmed', 'warning', symbolOf(topic.name), {
        topic: topic.name,
        failures: topic.failures,
      });
    }
    // The exchange may hold it as subscribed; asking twice would be refused.
    this.#leave(unproven);
    this.#ask();
  }

  #flushSoon(): void {
    if (!this.#isOpen || this.#flush !== undefined) return;
    // One turn later, so that a whole universe goes out in few requests.
    this.#flush = this.#options.clock.after(0 as Ms, () => {
      this.#flush = undefined;
      this.#ask();
    });
  }

  #leave(topics: readonly Topic[]): void {
    const now = this.#options.clock.monotonic();
    for (const topic of topics) {
      if (topic.state === 'requested') this.#options.waiting(topic.name, false);
      topic.state = 'leaving';
      topic.askedAt = now;
    }
    this.#request('unsubscribe', topics);
  }

  #ask(): void {
    if (!this.#isOpen) return;
    const now = this.#options.clock.monotonic();
    const unwanted: Topic[] = [];
    const due: Topic[] = [];
    for (const topic of this.#topics.values()) {
      if (!topic.wanted && topic.state === 'idle') this.#topics.delete(topic.name);
      else if (!topic.wanted && topic.state !== 'leaving') unwanted.push(topic);
      else if (topic.wanted && topic.state === 'idle' && topic.notBefore <= now) due.push(topic);
    }
    for (const topic of due) {
      topic.state = 'requested';
      topic.askedAt = now;
      this.#options.waiting(topic.name, true);
    }
    // Whatever is sent may end the connection, and with it every state.
    this.#leave(unwanted);
    this.#request(
      'subscribe',
      due.filter((topic) => !topic.alone),
    );
    for (const topic of due) if (topic.alone) this.#request('subscribe', [topic]);
  }

  #request(op: Request['op'], topics: readonly Topic[]): void {
    for (const names of chunks(topics.map((topic) => topic.name))) {
      const id = `${op === 'subscribe' ? 's' : 'u'}${++this.#requestCount}`;
      this.#requests.set(id, { op, topics: names });
      // Answers that never come must not be remembered for ever.
      if (this.#requests.size > REQUESTS_KEPT_MAX) this.#requests.delete(this.#requests.keys().next().value as string);
      if (!this.#options.send(JSON.stringify({ req_id: id, op, args: names }))) return;
    }
  }
}

/** At most 10 topics and 10,000 characters each; the exchange's limit is 21,000. */
export function chunks(names: readonly string[]): string[][] {
  const result: string[][] = [];
  let chunk: string[] = [];
  let characters = 2;
  for (const name of names) {
    const length = name.length + 3;
    if (chunk.length > 0 && (chunk.length === TOPICS_MAX || characters + length > CHARACTERS_MAX)) {
      result.push(chunk);
      chunk = [];
      characters = 2;
    }
    chunk.push(name);
    characters += length;
  }
  if (chunk.length > 0) result.push(chunk);
  return result;
}

/** `orderbook.50.SOLUSDT` → `SOLUSDT`. */
export function symbolOf(topic: string): string {
  return topic.slice(topic.lastIndexOf('.') + 1);
}
