// Who is called when something is wrong? Alerts go to a web hook as JSON, and with them a sign of life whose absence is the
// alert of last resort. Nothing waits for the hook and nothing fails with it.
import type { Ms } from '../lib/brand.ts';
import { backoffMs } from '../lib/backoff.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Rng } from '../lib/rng.ts';
import { Repeats } from './repeats.ts';
import { hiding } from './secrets.ts';

export type AlertLevel = 'warning' | 'error' | 'critical';

export interface AlertsOptions {
  /** It may be a secret: it is neither logged nor repeated anywhere. */
  readonly url: string;
  /** 0: no sign of life. */
  readonly heartbeatMs: Ms;
  /** Who speaks: the environment, the session, the machine. */
  readonly source: Readonly<Record<string, string>>;
  /** What a sign of life tells. */
  readonly condition: () => object;
  /** Values that must never leave, however they got into a text. */
  readonly secrets: readonly string[];
}

export interface AlertsPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: { warn(fields: object, event: string): void };
  readonly fetch?: typeof fetch;
}

export interface AlertCounts {
  readonly sent: number;
  readonly dropped: number;
  readonly waiting: number;
}

export interface Alerts {
  /** The first of a kind goes at once; more of the same symbol within 10 s become one with a count. */
  raise(level: AlertLevel, event: string, fields: object): void;
  counts(): AlertCounts;
  /** What waits is sent first, for as long as that. */
  close(deadline: Ms): Promise<void>;
}

const TIMEOUT = 5_000 as Ms;
const QUEUE_MAX = 100;
const ATTEMPTS_MAX = 4;
/** A hook that wants a longer rest is asked all the same: what it would hold up may be worth more by then. */
const REST_MS_MAX = 300_000;
/** Of the values in a text: the least that a common chat takes is 2,000 characters in all. */
const TOLD_MAX = 1_000;

interface Letter {
  readonly body: string;
  attempts: number;
}

/** A failed one may be tried again, but for so long the hook wants none. */
type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly restMs: number };

class WebhookAlerts implements Alerts {
  readonly #options: AlertsOptions;
  readonly #ports: AlertsPorts;
  readonly #hide: (text: string) => string;
  readonly #repeats: Repeats;
  readonly #beating: Timer | undefined;
  #letters: Letter[] = [];
  #sent = 0;
  #dropped = 0;
  #isSending = false;
  #waking: Timer | undefined;
  readonly #over = new AbortController();
  #emptied: () => void = () => undefined;

  constructor(options: AlertsOptions, ports: AlertsPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#hide = hiding([...options.secrets, options.url]);
    this.#repeats = new Repeats(ports.clock, 1);
    this.#beating = options.heartbeatMs > 0 ? ports.clock.every(options.heartbeatMs, () => this.#live()) : undefined;
    if (this.#beating !== undefined) this.#live();
  }

  raise(level: AlertLevel, event: string, fields: object): void {
    if (this.#over.signal.aborted) return;
    const symbol = 'symbol' in fields ? String(fields.symbol) : '';
    this.#repeats.say(`${event} ${symbol}`, (repeats) => {
      const told = valuesOf(fields);
      const text =
        `${level}: ${event}${symbol === '' ? '' : ` ${symbol}`}${this.#place}` +
        `${told === '' ? '' : `: ${told}`}${repeats === undefined ? '' : ` (${repeats} more)`}`;
      this.#queue({ level, event, text, content: text, fields, ...(repeats === undefined ? {} : { repeats }) });
    });
  }

  /** One that still waits says as much as a second would. */
  #live(): void {
    if (this.#letters.length > 0) return;
    const text = `alive${this.#place}`;
    this.#queue({ level: 'info', event: 'heartbeat', text, content: text, fields: this.#options.condition() });
  }

  /** Several engines may speak in one chat. */
  get #place(): string {
    const { environment } = this.#options.source;
    return environment === undefined ? '' : ` on ${environment}`;
  }

  /** `text` and `content` are what common chat hooks show. */
  #queue(words: object): void {
    const time = new Date(this.#ports.clock.wall()).toISOString();
    const whole = { time, ...words, source: this.#options.source, dropped: this.#dropped };
    const body = this.#hide(JSON.stringify(whole, (_key, value: unknown) => plain(value)));
    if (this.#letters.length >= QUEUE_MAX) {
      // The oldest may be under way.
      this.#letters.splice(this.#isSending ? 1 : 0, 1);
      this.#dropped++;
    }
    this.#letters.push({ body, attempts: 0 });
    if (this.#waking === undefined) void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let letter = this.#letters[0]; letter !== undefined; letter = this.#letters[0]) {
      letter.attempts++;
      const outcome = await this.#post(letter.body);
      if (this.#over.signal.aborted) break;
      const goesAgain = outcome.kind === 'failed' && letter.attempts < ATTEMPTS_MAX;
      if (outcome.kind === 'sent') this.#sent++;
      else if (!goesAgain) this.#dropped++;
      if (!goesAgain) this.#letters.shift();
      const restMs = outcome.kind === 'failed' ? outcome.restMs : 0;
      const waitMs = goesAgain ? Math.max(restMs, backoffMs(letter.attempts, this.#ports.rng)) : restMs;
      if (waitMs > 0) {
        this.#waking = this.#ports.clock.after(waitMs as Ms, () => {
          this.#waking = undefined;
          void this.#send();
        });
        break;
      }
    }
    this.#isSending = false;
    if (this.#letters.length === 0) this.#emptied();
  }

  async #post(body: string): Promise<Outcome> {
    const limit = new AbortController();
    const timer = this.#ports.clock.after(TIMEOUT, () => limit.abort());
    try {
      const answer = await (this.#ports.fetch ?? fetch)(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([limit.signal, this.#over.signal]),
      });
      await answer.body?.cancel();
      if (answer.ok) return { kind: 'sent' };
      this.#ports.log.warn({ status: answer.status }, 'alerts.refused');
      if (answer.status !== 429 && answer.status < 500) return { kind: 'refused' };
      return { kind: 'failed', restMs: restMs(answer.headers.get('retry-after') ?? '', this.#ports.clock.wall()) };
    } catch (error) {
      if (!this.#over.signal.aborted) this.#ports.log.warn({ reason: this.#hide(codeOf(error)) }, 'alerts.failed');
      return { kind: 'failed', restMs: 0 };
    } finally {
      timer.cancel();
    }
  }

  counts(): AlertCounts {
    return { sent: this.#sent, dropped: this.#dropped, waiting: this.#letters.length };
  }

  async close(deadline: Ms): Promise<void> {
    this.#beating?.cancel();
    this.#repeats.flush();
    if (this.#letters.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#emptied = resolve;
      const limit = this.#ports.clock.after(deadline, resolve);
      this.#waking?.cancel();
      void this.#send();
      await promise;
      limit.cancel();
    }
    this.#over.abort();
    this.#waking?.cancel();
  }
}

/** Of a `Retry-After`, which holds seconds or a date (RFC 9110, 10.2.3); 0 where it holds neither. */
function restMs(text: string, now: Ms): number {
  const asked = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return asked > 0 ? Math.min(asked, REST_MS_MAX) : 0;
}

/** Sums of money are bigints, which JSON refuses, and of an error it tells nothing. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === 'bigint' ? value.toString() : value;
}

/** What can be said in a line: `size -300, reason timeout`. */
function valuesOf(fields: object): string {
  const told = Object.entries(fields)
    .map(([name, value]) => [name, plain(value)] as const)
    .filter(([name, value]) => name !== 'symbol' && ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
  return told.length > TOLD_MAX ? `${told.slice(0, TOLD_MAX)}…` : told;
}

/** `ECONNREFUSED`, `bad port`, `AbortError`, …: a message of its own might repeat the address. */
function codeOf(error: unknown): string {
  const { cause, name } = error as Error & { readonly cause?: Partial<NodeJS.ErrnoException> };
  return cause?.code ?? cause?.message ?? name;
}

export function createAlerts(options: AlertsOptions, ports: AlertsPorts): Alerts {
  return new WebhookAlerts(options, ports);
}
