// What lies below the gateway? Two streams of texts and a way to put a question, so that a wire can be real or a test's.
import type { Path } from '../../order/words.ts';
import type { Fields } from '../fields.ts';

export type StreamName = 'private' | 'trade';
export type Host = Exclude<Path, 'trade-socket'>;
export const HOSTS: readonly Host[] = ['rest-1', 'rest-2'];

export interface StreamEnd {
  readonly reason: string;
  /** The login was refused: dialling again at once would be refused again (W06). */
  readonly isRefused: boolean;
}

export interface StreamEvents {
  /** Logged in, and on the private stream subscribed to everything. */
  ready(): void;
  /** Whatever the peer says, as it came. */
  text(text: string): void;
  /** Once, also for a dial that failed, never from within `open`; nothing follows. */
  closed(end: StreamEnd): void;
}

export interface StreamWire {
  /** False where the text cannot leave: the stream is not open, or the peer reads nothing (W16). Nothing is queued. */
  send(text: string): boolean;
  /** At once; `closed` is not called. */
  end(): void;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly params: Fields;
  readonly isSigned: boolean;
  readonly recvWindowMs: number;
}

/** What the exchange says of the rate limit of one endpoint. */
export interface Quota {
  readonly limit: number;
  readonly left: number;
  /** Server time at which one more fits, where none does. */
  readonly resetMs: number;
}

export type Reply =
  /** HTTP 200; undefined where the body is no JSON. */
  | { readonly kind: 'body'; readonly body: unknown; readonly quota: Quota | undefined }
  | { readonly kind: 'status'; readonly status: number }
  /** `isUnsent`: no byte of it can have left. */
  | { readonly kind: 'failed'; readonly code: string; readonly isUnsent: boolean };

export interface Wires {
  /** Which paths there are at all; the demo environment has no trade socket. */
  readonly hasTrade: boolean;
  open(stream: StreamName, events: StreamEvents): StreamWire;
  /** `replied` is called once, never from within, or not at all: whoever asks brings a deadline of his own. */
  ask(host: Host, question: Question, replied: (reply: Reply) => void): void;
  close(): void;
}
