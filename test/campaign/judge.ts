// Is it still true? Every invariant that the outside can see, judged after every event against the exchange's own books.
import { sameGrid, tickFromDecimal } from '../../src/market/instrument.ts';
import { ASK, BID } from '../../src/market/side.ts';
import { moneyFromDecimal, ONE_USDT } from '../../src/market/money.ts';
import { parseLinkId } from '../../src/order/link-id.ts';
import type { JournalRecord } from '../../src/order/journal.ts';
import type { DeskStatus } from '../../src/position/desk-status.ts';
import { RUNAWAY } from '../../src/risk/mode.ts';
import type { Row } from '../../src/store/rows/rows.ts';
import type { Slot } from '../../src/market/units.ts';
import { isOrdered, oddSize, Versions } from './book-check.ts';
import { Grace } from './grace.ts';
import type { Life } from './life.ts';
import type { Place, Truth } from './truth.ts';
import type { Channel, World } from './world.ts';

export const INVARIANTS = {
  'I-01': 'a book of the engine is never crossed, and its sizes are positive',
  'I-02': 'a book of the engine is on the grid of its exchange, in whole steps',
  'I-03': 'versions of a published book are even, and only grow',
  'I-04': 'nothing is entered from a book that is not live',
  'I-05': 'one live entry a symbol, one entry a signal',
  'I-06': 'no entry leaves before its intent is on the disk',
  'I-07': 'a position of ours has a stop, or gets one in time',
  GRACE: 'a position whose stop is not set again is closed when its grace is over',
  'I-08': 'a first stop is on the loss side, and then only tightens',
  'I-09': 'executions add up to the position',
  'I-10': 'positions and exposure stay below their limits',
  'I-11': 'what is no entry is reduce-only',
  'I-12': 'no order fills beyond its size, no execution is stored with two contents',
  'I-13': 'what is held is looked at every two seconds',
  'I-14': 'outbound numbers are plain and on the grid',
  'I-15': 'orders keep to their lanes, and a runaway enters nothing',
  'I-16': 'nothing is entered before the account was read since the last private reconnection',
  'I-17': 'no request waits beyond its deadline',
  'I-18': 'the wallet is what executions and transfers explain',
  'I-19': 'no secret is said',
  'I-20': 'a trade keeps the rules that it began with',
  P7: 'what is a person’s is not touched',
} as const;
export type Invariant = keyof typeof INVARIANTS | 'REST' | 'BUG';

export interface Violation {
  readonly invariant: Invariant;
  readonly atMs: number;
  readonly text: string;
}

interface OutboundOrder {
  readonly symbol: string;
  readonly side: string;
  readonly qty: string;
  readonly price?: string;
  readonly stopLoss?: string;
  readonly orderLinkId: string;
  readonly reduceOnly?: boolean;
}

const PLAIN = /^(0|[1-9]\d*)(\.\d+)?$/;
const STRIPPED_MS = 1_500;
const LOOK_MS = 2_000;
/** It is not understood, or goes whatever the market says. */
const UNLOOKED: ReadonlySet<string> = new Set(['quarantined', 'emergency-closing']);
/** A timer of the engine and the road of its order. */
const SLACK_MS = 150;
const LANE_MS = 1_000;
/** What stands in a contract that no list names is asked for by name; by then it is found. */
const UNLISTED_MS = 5_000;
/** Who sees the account knows within this time that what stands there is a person's. */
const FOREIGN_MS = 15_000;

/** `77.220` and `77.22` are the same price: a grid may have changed between two tellings. */
const plain = (text: string): string => String(moneyFromDecimal(text) ?? text);

export class Judge {
  readonly world: World;
  readonly truth: Truth;
  readonly judged: Record<string, number> = {};
  readonly violations: Violation[] = [];
  readonly rows = {
    trades: new Map<string, Extract<Row, { table: 'trades' }>>(),
    executions: new Map<string, string>(),
  };
  /** Longest without a stop: where the exchange kept the attached one; from first evidence to a reaction; while dead or blind. */
  longestHonouredMs = 0;
  longestReactionMs = 0;
  longestBlindMs = 0;
  longestNakedMs = 0;
  life: Life | undefined;
  /** Positions that the limits allow, and USDT. */
  limits = { positions: Infinity, exposurePercent: Infinity };
  graceMs = 3_000;
  readonly grace = new Grace();
  readonly #versions = new Versions();
  readonly #intents = new Map<string, { readonly seq: number; readonly signalId: string; readonly cap: string }>();
  readonly #bySignal = new Map<string, string>();
  readonly #sent: { readonly at: number; readonly isEntry: boolean }[] = [];
  readonly #looked = new Map<string, number>();
  #status: DeskStatus | undefined;
  /** Symbols in which the entry of an heir came on top of one that the exchange had hidden: with it came its stop. */
  readonly #stacked = new Set<string>();
  readonly #evidence = new Map<string, number>();
  /** Symbols whose contract the engine has said that it does not know. */
  readonly #unlistedAt = new Map<string, number>();
  readonly #reacted = new Set<string>();
  #privateReadyAt = Infinity;
  #accountReadAt = -Infinity;
  /** When the account last told anything, over whichever of its ways. */
  #accountSeenAt = -Infinity;
  #stalledTo = 0;
  #isRunaway = false;

  constructor(world: World, truth: Truth) {
    this.world = world;
    this.truth = truth;
    truth.onFill = ({ execution, isOurs }, before) => {
      const { order } = execution;
      if (!isOurs || order === undefined || before === undefined || order.reduceOnly) return;
      const [first, second] = [parseLinkId(before.linkId), parseLinkId(order.linkId)];
      // Of an entry that the exchange hides, and whose journal was lost, the heir can know nothing (O04, R07).
      const isSecond = before.linkId !== order.linkId && second?.role === 'E' && first?.instance === second.instance;
      if (first?.instance !== second?.instance) this.#stacked.add(execution.instrument.symbol);
      this.check('I-05', !isSecond, () => `${order.linkId} fills on top of ${before.linkId}`);
    };
    truth.onChange = (place, before, atMs) => this.#changed(place, before, atMs);
  }

  check(invariant: Invariant, isTrue: boolean, text: () => string): void {
    this.judged[invariant] = (this.judged[invariant] ?? 0) + 1;
    if (isTrue) return;
    if (this.violations.length < 20) this.violations.push({ invariant, atMs: this.world.atMs, text: text() });
    this.world.remark(`${invariant} BROKEN: ${text()}`);
  }

  born(life: Life): void {
    this.life = life;
    this.#privateReadyAt = Infinity;
    this.#accountReadAt = -Infinity;
    this.#looked.clear();
    this.#evidence.clear();
    this.#reacted.clear();
    this.grace.forget();
    this.#unlistedAt.clear();
    this.#versions.forget();
    this.#sent.length = 0;
    this.#isRunaway = false;
  }

  died(): void {
    this.life = undefined;
    this.#evidence.clear();
    this.grace.forget();
  }

  stalled(ms: number): void {
    this.#stalledTo = Math.max(this.#stalledTo, this.world.nowMs + ms + 3_000);
  }

  appended(record: JournalRecord): void {
    if (record.kind !== 'INTENT') return;
    const signalId = JSON.stringify(record.body.plan?.['signalId']);
    const cap = record.body.plan?.['cap'];
    this.#intents.set(record.body.linkId, { seq: record.seq, signalId, cap: typeof cap === 'string' ? cap : '' });
  }

  logged(event: string, fields: Readonly<Record<string, unknown>>): void {
    // A reading is of many pages, each with a deadline of its own; what is sent has one.
    if (event === 'request.overdue' && !String(fields['question']).startsWith('read'))
      this.check('I-17', this.world.nowMs < this.#stalledTo, () => JSON.stringify(fields));
    if (event === RUNAWAY) this.#isRunaway = true;
    if (event === 'contract.unknown') this.#unlistedAt.set(String(fields['symbol']), this.world.nowMs);
    // From here on it can be looked at.
    if (event === 'position.opened') this.#looked.set(String(fields['symbol']), this.world.nowMs);
    this.#secret(event, fields);
  }

  resumed(): void {
    this.#isRunaway = false;
  }

  #secret(event: string, fields: Readonly<Record<string, unknown>>): void {
    const { secret } = this.world.keys;
    let isClean = true;
    for (const name in fields) {
      const value = fields[name];
      if (typeof value === 'string' && value.includes(secret)) isClean = false;
    }
    this.check('I-19', isClean, () => event);
  }

  stored(row: Row): void {
    if (row.table === 'trades') {
      const before = this.rows.trades.get(row.tradeId);
      // Who has lost the journal knows no more by which configuration it began (R07).
      const isLost = this.truth.instances.size > 1;
      this.check('I-20', isLost || before === undefined || before.configHash === row.configHash, () => row.tradeId);
      if (before === undefined || row.revision > before.revision) this.rows.trades.set(row.tradeId, row);
    } else if (row.table === 'executions') {
      const { price, size, fee, side } = row;
      const text = `${side} ${plain(size)} ${plain(price)} ${plain(fee)}`;
      const before = this.rows.executions.get(row.execId);
      this.check('I-12', before === undefined || before === text, () => `${row.execId}: ${before} and ${text}`);
      this.rows.executions.set(row.execId, text);
    }
  }

  looked(slot: Slot): void {
    const symbol = this.life?.present.get(slot)?.symbol;
    if (symbol !== undefined) this.#looked.set(symbol, this.world.nowMs);
  }

  // What leaves the engine

  said(channel: Channel, text: string): void {
    if (channel === 'public' || channel === 'private') return;
    const isCreate =
      channel === 'trade' ? text.includes('"op":"order.create"') : text.startsWith('POST /v5/order/create');
    if (isCreate) return this.#created(this.#orderOf(channel, text));
    if (text.startsWith('POST /v5/position/trading-stop')) {
      const { symbol, stopLoss } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as {
        symbol: string;
        stopLoss: string;
      };
      this.#reacts(symbol);
      this.check(
        'I-14',
        PLAIN.test(stopLoss) && this.#isOnGrid(symbol, stopLoss),
        () => `stop ${stopLoss} of ${symbol}`,
      );
    }
    if (text.startsWith('POST /v5/order/cancel-all')) this.check('I-11', false, () => 'cancel-all strips stops');
  }

  /** A close was tried over a path that is dead: nothing of it has left. */
  tried(text: string): void {
    const { orderLinkId: linkId = '', symbol } = JSON.parse(text) as Partial<OutboundOrder>;
    const role = parseLinkId(linkId)?.role;
    if (symbol !== undefined && role !== undefined && role !== 'E') this.grace.tried(symbol, this.world.nowMs);
  }

  #orderOf(channel: Channel, text: string): OutboundOrder {
    if (channel === 'rest') return JSON.parse(text.slice(text.indexOf('\n') + 1)) as OutboundOrder;
    return (JSON.parse(text) as { args: readonly OutboundOrder[] }).args[0] as OutboundOrder;
  }

  #created(order: OutboundOrder): void {
    const { symbol, qty, price, stopLoss, orderLinkId: linkId } = order;
    const now = this.world.nowMs;
    const isEntry = parseLinkId(linkId)?.role === 'E';
    for (const number of [qty, price, stopLoss])
      if (number !== undefined) this.check('I-14', PLAIN.test(number), () => `${number} in ${linkId}`);
    for (const number of [price, stopLoss])
      if (number !== undefined)
        this.check('I-14', this.#isOnGrid(symbol, number), () => `${number} of ${symbol} off its grid`);
    this.#lane(now, isEntry);
    if (!isEntry) {
      this.#reacts(symbol);
      this.grace.tried(symbol, now);
      this.check('I-11', order.reduceOnly === true, () => `${linkId} is not reduce-only`);
      const { foreignSince, lots, openedBy } = this.truth.place(symbol);
      // One on the side on which they hold reduces nothing.
      const isAgainst = (order.side === 'Sell') === lots > 0;
      // Without the journal a twin's position looks as one of ours of before, and that must not be left alone (R07).
      const isLost = this.truth.instances.size > 1 && parseLinkId(openedBy) !== undefined;
      // Blind for 30 s, whatever may be left of ours is closed: what became of it meanwhile nobody could be told (B03).
      const isKnown = foreignSince !== undefined && Math.min(now, this.#accountSeenAt) - foreignSince > FOREIGN_MS;
      const isTheirs = isAgainst && !isLost && isKnown;
      this.check('P7', !isTheirs, () => `${linkId} closes what is a person’s: ${lots} ${symbol}`);
      return;
    }
    this.#entered(order);
  }

  #entered({ symbol, stopLoss, orderLinkId: linkId }: OutboundOrder): void {
    const { life } = this;
    const intent = this.#intents.get(linkId);
    this.check(
      'I-06',
      intent !== undefined && life?.disk.isDurable(intent.seq) === true,
      () => `${linkId} has no durable intent`,
    );
    const known = intent === undefined ? undefined : this.#bySignal.get(intent.signalId);
    this.check('I-05', known === undefined || known === linkId, () => `${linkId} and ${known} of one signal`);
    if (intent !== undefined) this.#bySignal.set(intent.signalId, linkId);
    this.check('I-07', stopLoss !== undefined, () => `${linkId} carries no stop`);
    const slot = life?.ingest.slotOf(symbol);
    this.check(
      'I-04',
      slot !== undefined && life?.ingest.trust(slot) === 'live',
      () => `${linkId} from a book that is not live`,
    );
    this.check('I-16', this.#accountReadAt >= this.#privateReadyAt, () => `${linkId} before the account was read`);
    this.check('I-15', !this.#isRunaway, () => `${linkId} after a runaway`);
  }

  #lane(now: number, isEntry: boolean): void {
    while (this.#sent[0] !== undefined && now - this.#sent[0].at >= LANE_MS) this.#sent.shift();
    this.#sent.push({ at: now, isEntry });
    const entries = this.#sent.filter((one) => one.isEntry).length;
    this.check('I-15', !isEntry || entries <= 5, () => `${entries} entries in a second`);
  }

  #isOnGrid(symbol: string, price: string): boolean {
    const listing = this.world.exchange.market.contract(symbol)?.listing;
    const [a, b] = [moneyFromDecimal(price), moneyFromDecimal(listing?.tickSize ?? '')];
    // Right after a change of grid the engine cannot know it yet.
    return a !== undefined && b !== undefined && (a % b === 0n || this.isGridNew);
  }

  isGridNew = false;

  // What reaches the engine

  heard(channel: Channel, text: string | Uint8Array, path: string): void {
    if (channel === 'public') return this.#book();
    if (channel === 'private') this.#accountSeenAt = this.world.nowMs;
    if (channel === 'private' && String(text).includes('"op":"subscribe"')) {
      this.#privateReadyAt = this.world.nowMs;
      this.#accountReadAt = -Infinity;
    }
    if (channel === 'rest' && path === '/v5/position/list' && String(text).includes('"retCode":0')) {
      this.#accountReadAt = this.world.nowMs;
      this.#accountSeenAt = this.world.nowMs;
    }
    for (const place of this.truth.places.values())
      if (place.nakedSince !== undefined && !this.#evidence.has(place.symbol)) this.#look(place, channel, String(text));
  }

  /** Does this text say that the position has no stop? */
  #look(place: Place, channel: Channel, text: string): void {
    const isTopic = channel === 'private' && text.includes('"topic":"position');
    if (!isTopic && !(channel === 'rest' && text.includes('"positionIdx"'))) return;
    for (const part of text.split('{').filter((row) => row.includes(`"symbol":"${place.symbol}"`)))
      // Orders have a stop as well, and no size.
      if (/"stopLoss":"0?"/.test(part) && /"size":"(?!0")/.test(part)) this.#noteEvidence(place.symbol);
  }

  #noteEvidence(symbol: string): void {
    const now = this.world.nowMs;
    this.#evidence.set(symbol, now);
    this.grace.evidence(symbol, now);
  }

  #reacts(symbol: string): void {
    const at = this.#evidence.get(symbol);
    if (at === undefined || this.#reacted.has(symbol)) return;
    this.#reacted.add(symbol);
    this.longestReactionMs = Math.max(this.longestReactionMs, this.world.nowMs - at);
  }

  /** The book that the last frame has changed. */
  #book(): void {
    const { life } = this;
    if (life === undefined || this.world.events % 16 !== 0) return;
    for (const [slot, instrument] of life.present) {
      const wrong = this.#versions.look(life.memory.books, slot);
      this.check('I-03', wrong === undefined, () => `${instrument.symbol}: ${wrong}`);
      if (life.ingest.trust(slot) !== 'live' || life.look(instrument.symbol) === undefined) continue;
      const { view } = life;
      const touch = (): string => `${instrument.symbol} ${view.ticks[BID][0]} ${view.ticks[ASK][0]}`;
      this.check('I-01', isOrdered(view), touch);
      const odd = oddSize(view);
      this.check('I-02', odd === undefined, () => `${instrument.symbol} has a level of ${odd} steps`);
      const grid = this.world.exchange.market.contract(instrument.symbol)?.instrument;
      const isSame = this.isGridNew || (grid !== undefined && sameGrid(grid, instrument));
      this.check('I-02', isSame, () => `${instrument.symbol} is read by a grid that is not its exchange's`);
    }
  }

  // What the exchange holds

  #changed(place: Place, before: { lots: number; stopTick: number | undefined }, atMs: number): void {
    const { symbol, lots, stopTick, ours, position } = place;
    if (place.nakedSince === undefined) {
      this.#evidence.delete(symbol);
      this.#reacted.delete(symbol);
      this.grace.ended(symbol, this.world.nowMs, lots === 0);
    }
    if (before.lots === 0) this.#looked.delete(symbol);
    const sign = Math.sign(lots);
    const isOpening = before.lots === 0 && lots !== 0 && ours !== 0;
    if (isOpening && position !== undefined) {
      const order = place.opening?.order;
      this.check('I-07', order?.stopLoss !== undefined, () => `${symbol} was opened by an order without a stop`);
      const entry = place.opening?.tick ?? 0;
      // Against the worst price that it was meant for: the market may have come nearer, or gone through the stop, while it
      // was on its way.
      const grid = this.world.exchange.market.contract(symbol)?.instrument;
      const { cap = '' } = this.#intents.get(order?.linkId ?? '') ?? {};
      const worst = (this.isGridNew || grid === undefined ? undefined : tickFromDecimal(cap, grid)) ?? order?.tick ?? 0;
      if (stopTick !== undefined)
        this.check('I-08', (worst - stopTick) * sign > 0, () => `${symbol} stop ${stopTick}, worst entry ${worst}`);
      const { liquidationPrice } = position;
      if (stopTick !== undefined && liquidationPrice !== undefined) {
        const price = Number(position.entryPrice);
        const way = Math.abs(price - Number(liquidationPrice));
        const distance = Math.abs(1 - stopTick / (worst === 0 ? entry : worst)) * price;
        this.check(
          'I-08',
          distance <= way * 0.85,
          () => `${symbol} stop ${stopTick} beyond four fifths of the way to liquidation`,
        );
      }
    }
    const isHeldOn =
      before.lots !== 0 && lots !== 0 && Math.sign(before.lots) === sign && ours !== 0 && !place.isMeddled;
    if (lots === 0) this.#stacked.delete(symbol);
    const isJudged = isHeldOn && !this.#stacked.has(symbol) && !this.isGridNew;
    if (isJudged && before.stopTick !== undefined && stopTick !== undefined)
      this.check(
        'I-08',
        (stopTick - before.stopTick) * sign >= 0,
        () => `${symbol} stop from ${before.stopTick} to ${stopTick}`,
      );
    void atMs;
  }

  /** After every event of either side. */
  after(): void {
    const { truth } = this;
    this.#status = undefined;
    let live = 0;
    for (const place of truth.places.values()) {
      live = Math.max(live, place.live.size);
      if (place.nakedSince !== undefined) this.#naked(place, place.nakedSince);
      if (place.ours !== 0) this.#watched(place);
    }
    this.check('I-05', live <= 1, () => `${live} live entries in a symbol`);
    this.check('I-10', truth.held <= this.limits.positions, () => `${truth.held} positions`);
  }

  #naked(place: Place, since: number): void {
    const { world } = this;
    const now = world.nowMs;
    const naked = now - since;
    this.longestNakedMs = Math.max(this.longestNakedMs, naked);
    const isOurDoing = place.nakedBy === 'us';
    if (isOurDoing) this.longestHonouredMs = Math.max(this.longestHonouredMs, naked);
    this.check(
      'I-07',
      !isOurDoing || naked === 0,
      () => `${place.symbol} stands without a stop, and nobody but us took it`,
    );
    const evidence = this.#evidence.get(place.symbol);
    if (evidence === undefined || this.life === undefined || world.clock.isStalled) {
      this.longestBlindMs = Math.max(this.longestBlindMs, naked);
      return;
    }
    const { reconciledAt, positions } = this.#statusOf(this.life);
    const isUnlisted = now - (this.#unlistedAt.get(place.symbol) ?? -Infinity) < UNLISTED_MS;
    const isUnknown = isUnlisted && !positions.some(({ symbol }) => symbol === place.symbol);
    const isUnready = reconciledAt === undefined || isUnknown || now < this.#stalledTo;
    const late = this.grace.late(place.symbol, now, this.graceMs, isUnready);
    this.check('GRACE', late === 0, () => `${place.symbol}: ${late} ms after its grace no close leaves`);
    if (this.#reacted.has(place.symbol)) return;
    if (isUnready) return void this.#evidence.set(place.symbol, now);
    const waited = now - evidence;
    this.check(
      'I-07',
      waited <= STRIPPED_MS,
      () => `${place.symbol}: no stop and no close ${waited} ms after the first evidence`,
    );
  }

  #watched({ symbol, isMeddled }: Place): void {
    const { life, world } = this;
    if (life === undefined || isMeddled || world.nowMs < this.#stalledTo) return;
    const at = this.#looked.get(symbol);
    if (at === undefined) return void this.#looked.set(symbol, world.nowMs);
    const age = world.nowMs - at;
    if (age > SLACK_MS && !this.#isKnown(life, symbol)) return void this.#looked.set(symbol, world.nowMs);
    this.check('I-13', age <= LOOK_MS + SLACK_MS, () => `${symbol} was last looked at ${age} ms ago`);
  }

  /** What no text has told the engine yet it cannot look at, nor what has no book as long as no list of contracts is answered. */
  #isKnown(life: Life, symbol: string): boolean {
    const { reconciledAt, positions } = this.#statusOf(life);
    return (
      reconciledAt !== undefined &&
      life.ingest.slotOf(symbol) !== undefined &&
      positions.some((position) => position.symbol === symbol && position.ours !== 0 && !UNLOOKED.has(position.state))
    );
  }

  /** As it is after this event, for all who ask: it looks at every position. */
  #statusOf({ trader }: Life): DeskStatus {
    return (this.#status ??= trader.status());
  }

  /** When something was carried out: what only changes with it. */
  settled(): void {
    const { truth } = this;
    this.check(
      'I-18',
      truth.balance === truth.explained,
      () => `wallet ${truth.balance}, explained ${truth.explained}`,
    );
    const equity = Number(truth.balance / ONE_USDT);
    const exposure = Number(truth.exposure / ONE_USDT);
    const isWithin =
      [...truth.places.values()].some(({ isMeddled }) => isMeddled) ||
      exposure <= 1 ||
      exposure <= (equity * this.limits.exposurePercent) / 100 + 1;
    this.check('I-10', isWithin, () => `exposure ${exposure} of ${equity}`);
  }
}
