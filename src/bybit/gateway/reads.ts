// What does the account hold? Complete lists, to the last page; half a reading counts as none.
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import type { AccountReading, LookUp, Reading } from '../../order/gateway.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Fill, OrderReport, PositionReport } from '../../order/words.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../fields.ts';
import { failureOf, isKeyRefused } from './asked.ts';
import { fillFrom, isNamed } from './fill-row.ts';
import { type Grids, symbolsOf } from './grids.ts';
import { orderReportFrom } from './order-row.ts';
import { positionReportFrom } from './position-row.ts';
import type { RestClient } from './rest-client.ts';
import { type OnOdd, timeOf } from './row.ts';
import type { StopTriggers } from './stop-triggers.ts';
import { walletReportFrom } from './wallet-row.ts';
import type { Host } from './wires.ts';

const WITHIN_MS = 5_000;
/** A deep reading may go through weeks of executions; none of its pages may take longer than any other. */
const DEEP_WITHIN_MS = 15_000;
/** Grids of strangers' symbols may be asked for last: what was read is not lost for want of them. */
const GRIDS_WITHIN_MS_MIN = 1_000;
const PAGES_MAX = 200;
/** By then a new contract is listed: what is of none is of one that has gone. */
const LISTED_MS = 60_000;
/** Histories may be asked for by seven days at most; by less they are read side by side, for pages of one come one after another. */
const WINDOW_MS_MAX = 7 * 86_400_000;
const WINDOW_MS_MIN = 86_400_000;
const WINDOWS_WISHED = 7;
/** Of an id that is not known, or not yet, the exchange may say so in place of a list without rows. */
const NOT_KNOWN = 110_001;
const ORDERS = { path: '/v5/order/realtime', limit: 50 } as const;
const HISTORY = { path: '/v5/order/history', limit: 50 } as const;
const FILLS = { path: '/v5/execution/list', limit: 100 } as const;
const POSITIONS = { path: '/v5/position/list', limit: 200 } as const;
/** A symbol has two rows at most: the cursor that comes with them leads nowhere. */
const POSITION = { path: '/v5/position/list', limit: 200, isOnePage: true } as const;
const WALLET = { path: '/v5/account/wallet-balance', limit: undefined } as const;

interface Listing {
  readonly path: string;
  readonly limit: number | undefined;
  readonly isOnePage?: boolean;
}

interface List {
  readonly listing: Listing;
  readonly params: Fields;
}

type Rows = readonly unknown[];

interface Pages {
  readonly rows: Rows;
  /** Server time of the last one. */
  readonly timeMs: Ms;
}

type Done<T> = (reading: Reading<T>) => void;

export interface ReadsOptions {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly grids: Grids;
  readonly triggers: StopTriggers;
  readonly odd: OnOdd;
}

export class Reads {
  readonly #options: ReadsOptions;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  lookUp(host: Host, symbol: string, linkId: string, done: Done<LookUp>): void {
    const params = { category: 'linear', symbol, orderLinkId: linkId };
    const lists = [ORDERS, HISTORY, FILLS].map((listing) => ({ listing, params }));
    this.#lists(host, lists, WITHIN_MS, done, ([now, past, fills], lost) => ({
      orders: newest(
        [now, past].flatMap((pages) => this.#orders(pages, lost)).filter((order) => order.linkId === linkId),
      ),
      fills: this.#fills(fills, lost).filter((fill) => fill.linkId === linkId),
    }));
  }

  position(host: Host, symbol: string, done: Done<PositionReport>): void {
    const lists = [{ listing: POSITION, params: { category: 'linear', symbol } }];
    this.#lists(host, lists, WITHIN_MS, done, ([pages], lost) => {
      // In hedge mode there are two rows: the one with a size tells more.
      const reports = this.#positions(pages?.rows, lost).filter((report) => report.symbol === symbol);
      const report = reports.find(({ lots }) => lots !== 0) ?? reports[0];
      if (report === undefined) lost.push(`no row for ${symbol}`);
      return report;
    });
  }

  /** `sinceMs`: also wallet and executions since then. */
  account(
    host: Host,
    sinceMs: Ms | undefined,
    nowMs: number,
    done: Done<AccountReading>,
    onPositions: (positions: readonly PositionReport[]) => void,
  ): void {
    const linear = { category: 'linear', settleCoin: 'USDT' };
    const lists: List[] = [
      { listing: POSITIONS, params: linear },
      // The stream tells of them as well: what somebody holds there is exposure like any other (P7).
      { listing: POSITIONS, params: { ...linear, settleCoin: 'USDC' } },
      { listing: ORDERS, params: { ...linear, openOnly: 0 } },
    ];
    if (sinceMs !== undefined) {
      lists.push({ listing: WALLET, params: { accountType: 'UNIFIED', coin: 'USDT' } });
      for (const window of windows(sinceMs, nowMs))
        lists.push({ listing: FILLS, params: { category: 'linear', ...window } });
    }
    const within = sinceMs === undefined ? WITHIN_MS : DEEP_WITHIN_MS;
    const seen = (rows: Rows): void => onPositions(this.#positions(rows, []));
    const translate = ([inUsdt, inUsdc, open, wallet, ...fills]: readonly Pages[], lost: string[]): AccountReading => {
      // Orders first: they tell what sets off the stops of the positions.
      const openOrders = this.#orders(open, lost);
      const isDeep = sinceMs !== undefined;
      // As old as its own answer: of what happens while the other lists are still read the stream tells.
      const walletReport = wallet && walletReportFrom(wallet.rows[0], wallet.timeMs);
      if (isDeep && walletReport === undefined) lost.push('the wallet holds no row for USDT');
      return {
        positions: [inUsdt, inUsdc].flatMap((pages) => this.#positions(pages?.rows, lost)),
        openOrders,
        fills: isDeep ? fills.flatMap((pages) => this.#fills(pages, lost)) : undefined,
        wallet: walletReport,
      };
    };
    this.#lists(host, lists, within, done, translate, seen);
  }

  /** All lists side by side, then every row of them translated, or none. */
  #lists<T>(
    host: Host,
    lists: readonly List[],
    within: number,
    done: Done<T>,
    translate: (lists: readonly Pages[], lost: string[]) => T | undefined,
    /** Hears each page of the first list as soon as it is there. */
    first: (rows: Rows) => void = () => undefined,
  ): void {
    const { clock, grids } = this.#options;
    const until = clock.monotonic() + within;
    const found: Pages[] = [];
    let left = lists.length;
    let isOver = false;
    const finish = (reading: Reading<T>): void => {
      if (!isOver) done(reading);
      isOver = true;
    };
    const complete = (): void => {
      const named = found.flatMap(({ rows }, i) => (lists[i]?.listing === WALLET ? [] : [...symbolsOf(rows)]));
      const rest = Math.min(WITHIN_MS, Math.max(GRIDS_WITHIN_MS_MIN, until - clock.monotonic())) as Ms;
      grids.fetch(host, new Set(named), rest, (failure) => {
        const lost = failure === undefined ? [] : [failure];
        const value = translate(found, lost);
        if (value === undefined || lost.length > 0) finish({ ok: false, reason: lost[0] ?? 'nothing to read' });
        else finish({ ok: true, value });
      });
    };
    lists.forEach(({ listing, params }, i) => {
      const onPage = (rows: Rows): void => {
        if (i === 0) first(rows);
      };
      this.#pages(host, listing, params, until, onPage, (reading) => {
        if (!reading.ok) return finish({ ...reading, reason: `${listing.path}: ${reading.reason}` });
        found[i] = reading.value;
        if (--left === 0) complete();
      });
    });
  }

  #pages(
    host: Host,
    { path, limit, isOnePage = false }: Listing,
    params: Fields,
    until: number,
    onPage: (rows: Rows) => void,
    done: Done<Pages>,
  ): void {
    const { rest, clock } = this.#options;
    const rows: unknown[] = [];
    const cursors = new Set<string>();
    const next = (cursor: string): void => {
      const within = Math.min(WITHIN_MS, until - clock.monotonic()) as Ms;
      if (within <= 0) return done({ ok: false, reason: 'too many pages for its deadline' });
      const paged = { ...params, ...(limit === undefined ? {} : { limit }), ...(cursor === '' ? {} : { cursor }) };
      rest.ask({ host, method: 'GET', path, params: paged, errand: 'read', within }, (asked) => {
        if (asked.kind === 'answered' && asked.code === NOT_KNOWN)
          return done({ ok: true, value: { rows, timeMs: asked.timeMs as Ms } });
        if (asked.kind !== 'answered' || asked.code !== 0)
          return done({ ok: false, reason: failureOf(asked) ?? '', isKeyRefused: isKeyRefused(asked) });
        if (!Array.isArray(asked.result.list)) return done({ ok: false, reason: 'the answer holds no list' });
        const page = listOf(asked.result.list);
        rows.push(...page);
        onPage(page);
        const following = textOf(asked.result.nextPageCursor);
        // The last page may hand out a cursor too, with nothing behind it.
        if (isOnePage || following === '' || page.length === 0)
          return done({ ok: true, value: { rows, timeMs: asked.timeMs as Ms } });
        if (cursors.has(following) || cursors.size >= PAGES_MAX)
          return done({ ok: false, reason: 'pages without an end' });
        cursors.add(following);
        next(following);
      });
    };
    next('');
  }

  #orders(pages: Pages | undefined, lost: string[]): OrderReport[] {
    const { triggers, odd } = this.#options;
    const reports = this.#each(pages?.rows ?? [], lost, (row, instrument) => orderReportFrom(row, instrument, odd));
    for (const report of reports) triggers.told(report);
    return reports;
  }

  #fills(pages: Pages | undefined, lost: string[]): Fill[] {
    const { rows, timeMs } = pages ?? { rows: [], timeMs: 0 };
    const known = rows.filter((row) => !isPast(row, timeMs) || !this.#isOfGone(row));
    const named = known.filter((row) => !this.#isStrange(row));
    return this.#each(named, lost, (row, instrument) => fillFrom(row, instrument, this.#options.odd));
  }

  /** Of a kind without a name and in a shape of its own (X07): its money is in the wallet, its size in the position. */
  #isStrange(row: unknown): boolean {
    const { grids, odd } = this.#options;
    const instrument = grids.of(textOf(fieldsOf(row).symbol));
    return instrument !== undefined && !isNamed(row) && fillFrom(row, instrument, odd) === undefined;
  }

  /** Nothing can be held in it any more, or it names no contract at all. */
  #isOfGone(row: unknown): boolean {
    const symbol = textOf(fieldsOf(row).symbol);
    const isGone = symbol === '' || this.#options.grids.isGone(symbol);
    if (isGone) this.#options.odd('symbol', symbol);
    return isGone;
  }

  #positions(rows: Rows = [], lost: string[]): PositionReport[] {
    const { triggers, odd } = this.#options;
    return this.#each(rows, lost, (row, instrument) =>
      positionReportFrom(row, instrument, (tick) => triggers.of(instrument.symbol, tick), odd),
    );
  }

  #each<T>(rows: Rows, lost: string[], translate: (row: unknown, instrument: Instrument) => T | undefined): T[] {
    const found: T[] = [];
    for (const row of rows) {
      const symbol = textOf(fieldsOf(row).symbol);
      const instrument = this.#options.grids.of(symbol);
      const translated = instrument === undefined ? undefined : translate(row, instrument);
      if (translated === undefined) lost.push(`a row of '${symbol}' cannot be read`);
      else found.push(translated);
    }
    return found;
  }
}

/** What is of a contract that has gone may not cost the reading of the account for days. */
function isPast(row: unknown, readMs: number): boolean {
  return timeOf(fieldsOf(row).execTime) < readMs - LISTED_MS;
}

/** An order that is in several lists, as it was last. */
function newest(orders: readonly OrderReport[]): OrderReport[] {
  const byId = new Map<string, OrderReport>();
  for (const order of orders) {
    if (order.updatedMs >= (byId.get(order.orderId)?.updatedMs ?? 0)) byId.set(order.orderId, order);
  }
  return [...byId.values()];
}

/** Whole ms: server time is an estimate with a fraction. The last window has no end: what happens meanwhile belongs to it. */
function windows(sinceMs: number, nowMs: number): Fields[] {
  const found: Fields[] = [];
  let startTime = Math.floor(sinceMs);
  const wished = Math.ceil((nowMs - startTime) / WINDOWS_WISHED);
  const windowMs = Math.min(WINDOW_MS_MAX, Math.max(WINDOW_MS_MIN, wished));
  for (; nowMs - startTime >= windowMs; startTime += windowMs) {
    found.push({ startTime, endTime: startTime + windowMs - 1 });
  }
  found.push({ startTime });
  return found;
}
