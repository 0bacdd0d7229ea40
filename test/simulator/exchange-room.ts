// A simulated exchange on real sockets, and the plainest subscriber that can talk to it.
import { WebSocket } from 'ws';
import { systemClock } from '../../src/lib/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';
import { type BookMessage, PlainBook } from './plain-book.ts';

const silent = { info: () => {}, debug: () => {}, warn: () => {}, error: () => {} };

export function openExchange(options: SimulatorOptions = {}, clock = systemClock): Promise<Simulator> {
  return startSimulator({ seed: 3, symbols: 6, settleMsMax: 20, ...options }, clock, silent);
}

/** An answer to a request, a frame of a topic, or `text` alone where it is no JSON. */
export interface Heard extends Partial<BookMessage> {
  readonly text: string;
  readonly success?: boolean;
  readonly ret_msg?: string;
  readonly conn_id?: string;
  readonly req_id?: string;
  readonly op?: string;
}

function hear(text: string): Heard {
  try {
    return { ...(JSON.parse(text) as object), text };
  } catch {
    return { text };
  }
}

export class Subscriber {
  /** Everything heard so far, in order of arrival. */
  readonly heard: Heard[] = [];
  readonly closed: Promise<number>;
  readonly socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      this.heard.push(hear((data as Buffer).toString()));
    });
    this.closed = new Promise((resolve) => void socket.once('close', resolve));
  }

  /** Rejects where the exchange refuses. */
  static async connect(url: string): Promise<Subscriber> {
    const subscriber = new Subscriber(new WebSocket(url, { perMessageDeflate: false }));
    await new Promise((resolve, reject) => void subscriber.socket.once('open', resolve).once('error', reject));
    return subscriber;
  }

  say(request: object | string): void {
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request));
  }

  /** The first that fits among those heard from place `from` on; waits for it. */
  async next(fits: (heard: Heard) => boolean, from = this.heard.length): Promise<Heard> {
    for (let at = from; ; at++) {
      while (at >= this.heard.length) await new Promise((resolve) => void this.socket.once('message', resolve));
      const heard = this.heard[at] as Heard;
      if (fits(heard)) return heard;
    }
  }

  /** Sends a request and waits for its answer. */
  ask(request: { readonly op: string; readonly req_id?: string; readonly args?: readonly unknown[] }): Promise<Heard> {
    const answer = this.next(({ op, req_id: id }) => op === request.op && id === (request.req_id ?? ''));
    this.say(request);
    return answer;
  }

  subscribe(...args: string[]): Promise<Heard> {
    return this.ask({ op: 'subscribe', args });
  }

  unsubscribe(...args: string[]): Promise<Heard> {
    return this.ask({ op: 'unsubscribe', args });
  }

  of(topic: string): BookMessage[] {
    return this.heard.filter((heard): heard is Heard & BookMessage => heard.topic === topic);
  }

  /** The book as a plain map makes it from the last snapshot before update `u`, up to it. */
  book(topic: string, u: number): PlainBook {
    const heard = this.of(topic);
    const messages = heard.slice(0, heard.findLastIndex(({ data }) => data.u === u) + 1);
    const book = new PlainBook();
    for (const message of messages.slice(messages.findLastIndex(({ type }) => type === 'snapshot')))
      book.apply(message);
    return book;
  }
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly retCode?: number; readonly error?: string };
}

async function read(response: Response): Promise<Answer> {
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

export async function get(base: string, path: string): Promise<Answer> {
  return read(await fetch(`${base}${path}`));
}

export async function post(base: string, path: string, body: object | string = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return read(await fetch(`${base}${path}`, { method: 'POST', body: text }));
}

/** What a GET of market data has to say; fails where the exchange refuses. */
export async function resultOf<T>(base: string, path: string): Promise<T> {
  const { status, body } = await get(base, path);
  if (status !== 200 || body.retCode !== 0) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body['result'] as T;
}
