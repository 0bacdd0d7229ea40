// What does the exchange answer without a key? Instruments, 24 h changes, candles, books, its time.
import { type GetInstrumentsInfoParamsV5, RestClientV5 } from 'bybit-api';
import { backoffMs } from '../../lib/backoff.ts';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { DayChange, ListedInstrument } from '../../universe/listing.ts';
import { agreedTime, type TimeReading } from './agreed-time.ts';
import { Budget } from '../budget.ts';
import { ADDRESS_LIMIT_CODES, BybitError, failed, refused } from '../bybit-error.ts';
import type { Endpoints } from '../endpoints.ts';
import { countOf, type Fields, fieldsOf, listOf, timeFrom } from '../fields.ts';
import { type Transport, transportTo } from '../transport.ts';
import { bookFrom, dayFrom, klineFrom, listedFrom, STATUSES } from './rest-rows.ts';
import type { Kline, RestBook } from './rest-rows.ts';

export interface ClockOffset {
  /** Exchange time minus ours. */
  readonly offset: Ms;
  readonly roundTrip: Ms;
}

export interface Minutes {
  /** One-minute candles, oldest first, the open one included. */
  readonly klines: readonly Kline[];
  /** How many were left out because they begin after their answer was given. */
  readonly ahead: number;
}

export interface PublicRest {
  /** Why the newest attempt to ask has failed; undefined where it has not. */
  readonly failure: string | undefined;
  /** All that trade. */
  instruments(): Promise<ListedInstrument[]>;
  /** Also one that does not; undefined where the exchange knows none of that name. */
  instrument(symbol: string): Promise<ListedInstrument | undefined>;
  days(): Promise<DayChange[]>;
  klines(instrument: Instrument, hours: number): Promise<Minutes>;
  book(instrument: Instrument, limit: number): Promise<RestBook | 'off-grid'>;
  clockOffset(): Promise<ClockOffset>;
  close(): void;
}

export interface RestOptions {
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly timeoutMs?: Ms;
  readonly retriesMax?: number;
  readonly budget?: Budget | undefined;
}

/** All that is read after an answer waits for it. */
const ANSWER_MS_MAX = 60_000 as Ms;
const CALLS_MAX = 300;
const CALLS_PERIOD = 5_000 as Ms;
const PAGES_MAX = 50;
const PAGE_ROWS = 1_000;
const OFFSET_SAMPLES = 5;
const MINUTE_MS = 60_000;

/** What one address may ask. */
export function callBudget(): Budget {
  return new Budget(CALLS_MAX, CALLS_PERIOD);
}

type Call = (client: RestClientV5) => Promise<unknown>;

interface Answer {
  readonly result: Fields;
  /** When it was given, by the exchange's clock. */
  readonly time: number;
}

/** Of the host, not of the exchange behind it: the other one may do better. */
const isHosts = ({ code }: BybitError): boolean =>
  typeof code === 'string' || (code >= 300 && code < 400) || (code >= 500 && code < 600);

interface HostClient {
  readonly client: RestClientV5;
  readonly agent: Transport['agent'];
}

function clientOf(url: string, clock: Clock, silenceMs: number): HostClient {
  const { agent, options } = transportTo(url, { clock, silenceMs, answerMs: ANSWER_MS_MAX });
  return { client: new RestClientV5({ baseUrl: url }, options), agent };
}

/** One caller's view of the service: budget, breaker, retries, second host. */
class Service {
  readonly #clients: readonly HostClient[];
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #retriesMax: number;
  readonly #budget: Budget;
  readonly #waiting = new Map<Timer, (error: BybitError) => void>();
  #current = 0;
  #closed = false;
  /** Of the newest attempt. */
  failure: string | undefined;

  constructor(options: RestOptions) {
    const timeoutMs = options.timeoutMs ?? 5_000;
    const { rest, restSecond } = options.endpoints;
    const urls = restSecond === undefined ? [rest] : [rest, restSecond];
    this.#clients = urls.map((url) => clientOf(url, options.clock, timeoutMs));
    this.#clock = options.clock;
    this.#rng = options.rng;
    this.#retriesMax = options.retriesMax ?? 5;
    this.#budget = options.budget ?? callBudget();
  }

  /** The `result` of a successful answer. */
  async read(path: string, call: Call): Promise<Fields> {
    return (await this.ask(path, call)).result;
  }

  /** Until it succeeds. Reads only: a retry is harmless. */
  async ask(path: string, call: Call): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attempt(path, call);
      if (!(outcome instanceof BybitError)) return outcome;
      if (!outcome.retry || attempt > this.#retriesMax || this.#closed) throw outcome;
      await this.#pause(backoffMs(attempt, this.#rng));
    }
  }

  async #attempt(path: string, call: Call): Promise<Answer | BybitError> {
    const now = this.#clock.monotonic();
    const refusal = this.#refusal(path);
    if (refusal !== undefined) return refusal;
    const at = this.#budget.reserve(now);
    if (at > now) {
      await this.#pause((at - now) as Ms);
      const since = this.#refusal(path);
      if (since !== undefined) return since;
    }
    const asked = this.#current;
    const { client } = this.#clients[asked] as HostClient;
    try {
      const answer = fieldsOf(await call(client));
      const { retCode } = answer;
      if (retCode === 0) this.failure = undefined;
      if (retCode === 0) return { result: fieldsOf(answer.result), time: countOf(answer.time) ?? Infinity };
      if (typeof retCode === 'number') return this.#noted(refused(path, retCode, String(answer.retMsg)), asked);
      return this.#noted(new BybitError('unreadable', `${path}: the answer is no V5 JSON`, true), asked);
    } catch (thrown) {
      return this.#noted(failed(path, thrown), asked);
    }
  }

  #refusal(path: string): BybitError | undefined {
    if (this.#closed) return new BybitError('closed', `${path}: the client is closed`, false);
    const left = this.#budget.silentMs(this.#clock.monotonic());
    if (left === 0) return undefined;
    const seconds = Math.ceil(left / 1_000);
    return new BybitError(403, `${path}: not sent, the exchange asked for silence for ${seconds} s more`, false);
  }

  #noted(error: BybitError, asked: number): BybitError {
    if (!this.#closed) this.failure = error.message;
    if (ADDRESS_LIMIT_CODES.has(error.code)) this.#budget.silence(this.#clock.monotonic());
    // Of several that were under way there the first has left it.
    if (isHosts(error) && asked === this.#current) this.#current = (asked + 1) % this.#clients.length;
    return error;
  }

  #pause(delay: Ms): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(delay, () => {
        this.#waiting.delete(timer);
        resolve();
      });
      this.#waiting.set(timer, reject);
    });
  }

  close(): void {
    this.#closed = true;
    for (const [timer, reject] of this.#waiting) {
      timer.cancel();
      reject(new BybitError('closed', 'the client is closed', false));
    }
    this.#waiting.clear();
    for (const { agent } of this.#clients) agent.destroy();
  }
}

const WRONG_PARAMETER = 10_001;

type Kind = Pick<GetInstrumentsInfoParamsV5, 'symbol' | 'status'>;

async function oneOf(service: Service, symbol: string): Promise<ListedInstrument | undefined> {
  for (const status of STATUSES) {
    const rows = await knownPages(service, { symbol, ...(status === undefined ? {} : { status }) });
    const found = rows.find(({ instrument }) => instrument.symbol === symbol);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of a name that it does not know the exchange may say so by code, in place of a list without rows. */
async function knownPages(service: Service, kind: Kind): Promise<ListedInstrument[]> {
  try {
    return await everyPage(service, kind);
  } catch (error) {
    if (error instanceof BybitError && error.code === WRONG_PARAMETER && /symbol/i.test(error.message)) return [];
    throw error;
  }
}

async function everyPage(service: Service, kind: Kind): Promise<ListedInstrument[]> {
  const found: ListedInstrument[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const from = cursor;
    const result = await service.read('instruments-info', (client) =>
      client.getInstrumentsInfo({
        category: 'linear',
        limit: PAGE_ROWS,
        ...kind,
        ...(from === undefined ? {} : { cursor: from }),
      }),
    );
    for (const row of listOf(result.list)) {
      const listed = listedFrom(row);
      if (listed !== undefined) found.push(listed);
    }
    const next = result.nextPageCursor;
    if (typeof next !== 'string' || next === '' || next === cursor) return found;
    cursor = next;
  }
  throw new BybitError('paging', `instruments-info: more than ${PAGES_MAX} pages`, false);
}

async function minutes(service: Service, instrument: Instrument, hours: number): Promise<Minutes> {
  const byStart = new Map<number, Kline>();
  const wanted = Math.ceil(hours * 60);
  let ahead = 0;
  let end: number | undefined;
  for (let page = 0; byStart.size < wanted && page < PAGES_MAX; page++) {
    const until = end;
    const limit = Math.min(PAGE_ROWS, wanted - byStart.size);
    const { result, time } = await service.ask('kline', (client) =>
      client.getKline({
        category: 'linear',
        symbol: instrument.symbol,
        interval: '1',
        limit,
        ...(until === undefined ? {} : { end: until }),
      }),
    );
    const klines = listOf(result.list).flatMap((row) => klineFrom(row, instrument) ?? []);
    const before = byStart.size;
    for (const kline of klines) {
      // With a minute that has yet to come the tape would close none of those until then.
      if (kline.start > time) ahead++;
      else byStart.set(kline.start, kline);
    }
    if (byStart.size === before) break;
    end = Math.min(...byStart.keys()) - 1;
  }
  const newest = Math.max(...byStart.keys());
  const klines = [...byStart.values()]
    .filter((kline) => kline.start > newest - wanted * MINUTE_MS)
    .sort((a, b) => a.start - b.start);
  return { klines, ahead };
}

/** By the one of several readings that knows best. */
async function offset(service: Service, clock: Clock): Promise<ClockOffset> {
  const readings: TimeReading[] = [];
  while (readings.length < OFFSET_SAMPLES) {
    const sent = clock.monotonic();
    const result = await service.read('time', (client) => client.getServerTime());
    const errorMs = (clock.monotonic() - sent) / 2;
    const time = timeFrom(result);
    if (time === undefined) throw new BybitError('unreadable', 'time: the answer holds no time', true);
    readings.push({ shiftMs: time + errorMs - clock.wall(), errorMs });
  }
  const agreed = agreedTime(readings);
  if (agreed === undefined) throw new BybitError('unreadable', 'time: the answers do not agree', true);
  return { offset: agreed.shiftMs as Ms, roundTrip: (2 * agreed.errorMs) as Ms };
}

export function createRest(options: RestOptions): PublicRest {
  if (process.env.BYBITTRACE !== undefined) {
    throw new Error('BYBITTRACE prints requests with their keys: unset it and start again');
  }
  const service = new Service(options);
  const { clock } = options;
  return {
    get failure() {
      return service.failure;
    },
    instruments: () => everyPage(service, {}),
    instrument: (symbol) => oneOf(service, symbol),
    async days() {
      const result = await service.read('tickers', (client) => client.getTickers({ category: 'linear' }));
      return listOf(result.list)
        .map(dayFrom)
        .filter((day) => day !== undefined);
    },
    klines: (instrument, hours) => minutes(service, instrument, hours),
    async book(instrument, limit) {
      const result = await service.read('orderbook', (client) =>
        client.getOrderbook({ category: 'linear', symbol: instrument.symbol, limit }),
      );
      const book = bookFrom(result, instrument);
      if (book === undefined) throw new BybitError('unreadable', 'orderbook: the answer is no book', true);
      return book;
    },
    clockOffset: () => offset(service, clock),
    close: () => service.close(),
  };
}
