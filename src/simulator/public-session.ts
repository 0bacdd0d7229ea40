// What does one public connection get? Its subscriptions, the answers to its requests, and the frames of its topics.
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Connection, Session } from './connection.ts';
import { readObject } from './gateway/json.ts';
import type { Market } from './market.ts';

const ARGS_CHARS_MAX = 21_000;

export interface SessionHost {
  readonly market: Market;
  readonly clock: Clock;
  /** How long this request's burst and acknowledgement take. */
  settleMs(): Ms;
  /** Topics that the exchange refuses, and until when. */
  readonly rejected: ReadonlyMap<string, number>;
  joined(topic: string, session: PublicSession): void;
  left(topic: string, session: PublicSession): void;
}

interface Request {
  readonly req_id?: unknown;
  readonly op?: unknown;
  readonly args?: unknown;
}

/** The frames of freshly subscribed topics, kept back until they are sent as one burst before the acknowledgement. */
interface Hold {
  readonly topics: Set<string>;
  readonly frames: Buffer[];
  timer: Timer | undefined;
}

export class PublicSession implements Session {
  readonly connection: Connection;
  readonly #host: SessionHost;
  readonly #id: string;
  readonly #topics = new Set<string>();
  /** Until when. */
  readonly #silent = new Map<string, number>();
  readonly #holds = new Map<string, Hold>();

  constructor(connection: Connection, host: SessionHost, id: string) {
    this.connection = connection;
    this.#host = host;
    this.#id = id;
  }

  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  deliver(topic: string, bytes: Buffer): void {
    if (this.#silent.size > 0 && this.#host.clock.monotonic() < (this.#silent.get(topic) ?? 0)) return;
    const hold = this.#holds.get(topic);
    if (hold !== undefined) hold.frames.push(bytes);
    else this.connection.send(bytes);
  }

  /** A topic that falls silent until it is subscribed again, or for `ms`. */
  silence(topic: string, ms: Ms | undefined): void {
    if (!this.#topics.has(topic)) return;
    this.#silent.set(topic, this.#host.clock.monotonic() + (ms ?? Infinity));
  }

  receive(text: string): void {
    const request: Request | undefined = readObject(text);
    if (request === undefined) return this.#answer({}, false, 'error:request is not a JSON object', '');
    if (request.op === 'ping') return this.#answer(request, true, 'pong', 'ping');
    if (request.op !== 'subscribe' && request.op !== 'unsubscribe')
      return this.#answer(request, false, `error:unknown op`, String(request.op));
    const args = request.args;
    if (!Array.isArray(args) || args.length === 0 || !args.every((arg) => typeof arg === 'string')) {
      return this.#answer(request, false, 'error:args must be a list of topics', request.op);
    }
    if (request.op === 'subscribe') this.#subscribe(request, args);
    else this.#unsubscribe(request, args);
  }

  /** One topic that cannot be had, and none of the request's topics is subscribed. */
  #subscribe(request: Request, args: readonly string[]): void {
    const refusal = this.#refusal(args);
    if (refusal !== undefined) return this.#answer(request, false, refusal, 'subscribe');
    const hold: Hold = { topics: new Set(args), frames: [], timer: undefined };
    for (const topic of args) {
      this.#silent.delete(topic);
      this.#topics.add(topic);
      this.#holds.set(topic, hold);
      for (const frame of this.#host.market.subscribe(topic) ?? []) hold.frames.push(frame.bytes);
      this.#host.joined(topic, this);
    }
    hold.timer = this.#host.clock.after(this.#host.settleMs(), () => this.#release(request, hold));
  }

  #refusal(args: readonly string[]): string | undefined {
    const seen = new Set(this.#topics);
    const nowMs = this.#host.clock.monotonic();
    for (const topic of args) {
      if (!this.#host.market.knows(topic) || nowMs < (this.#host.rejected.get(topic) ?? 0))
        return `error:handler not found,topic:${topic}`;
      if (seen.has(topic)) return `error:already subscribed,topic:${topic}`;
      seen.add(topic);
    }
    const chars = [...seen].reduce((sum, topic) => sum + topic.length + 3, 0);
    return chars > ARGS_CHARS_MAX ? `error:args size exceeds ${ARGS_CHARS_MAX}` : undefined;
  }

  #release(request: Request, hold: Hold): void {
    for (const topic of hold.topics) if (this.#holds.get(topic) === hold) this.#holds.delete(topic);
    this.connection.cork();
    for (const bytes of hold.frames) this.connection.send(bytes);
    this.#answer(request, true, '', 'subscribe');
    this.connection.uncork();
  }

  #unsubscribe(request: Request, args: readonly string[]): void {
    for (const topic of args) if (this.#topics.has(topic)) this.#drop(topic);
    this.#answer(request, true, '', 'unsubscribe');
  }

  #drop(topic: string): void {
    this.#topics.delete(topic);
    this.#silent.delete(topic);
    const hold = this.#holds.get(topic);
    if (hold !== undefined) {
      this.#holds.delete(topic);
      const marker = `"topic":"${topic}"`;
      const others = hold.frames.filter((bytes) => !bytes.includes(marker));
      hold.frames.splice(0, hold.frames.length, ...others);
    }
    this.#host.market.unsubscribe(topic);
    this.#host.left(topic, this);
  }

  close(): void {
    for (const hold of this.#holds.values()) hold.timer?.cancel();
    for (const topic of this.#topics) this.#drop(topic);
  }

  #answer(request: Request, success: boolean, message: string, op: string): void {
    const id = typeof request.req_id === 'string' ? request.req_id : '';
    this.connection.send(JSON.stringify({ success, ret_msg: message, conn_id: this.#id, req_id: id, op }));
  }
}
