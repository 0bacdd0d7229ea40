// What do all symbols of the desk share? Effects, journal, requests, the exchange's time, what is known of the account.
import { createView, type BookView } from '../book/read.ts';
import type { Ms } from '../lib/brand.ts';
import type { Slot } from '../market/units.ts';
import { AppliedFills } from '../order/fills.ts';
import type { Answer, GatewayRequest } from '../order/gateway.ts';
import {
  applyRecord,
  copyOf,
  pruned,
  JOURNAL_VERSION,
  type JournalRecord,
  type JournalState,
  type RecordBody,
} from '../order/journal.ts';
import { EMPTY_LANES, take, tokensOf, type Lane, type Lanes } from '../order/lanes.ts';
import { linkIdOf, ownerOf, parseLinkId } from '../order/link-id.ts';
import type { Moment, Path, Role, WalletReport } from '../order/words.ts';
import type { Exposed } from '../risk/exposure.ts';
import { Equity } from './account/equity.ts';
import type { Contract } from './trade/contract.ts';
import type { DeskEffect, Level } from './desk-effect.ts';
import type { EngineFacts } from './desk-event.ts';
import { Guard } from './guard.ts';
import type { DeskOptions } from './options.ts';
import { Paths } from './paths.ts';
import type { TradeRow } from './trade/result.ts';
import type { SymbolRules } from './watch/rules.ts';

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type Question = DistributedOmit<GatewayRequest, 'requestId' | 'path'>;

/** A request without an answer yet, and whom its answer concerns. */
export interface Asked {
  readonly symbol: string | undefined;
  readonly linkId: string | undefined;
  readonly question: Question['kind'];
  /** Of a reading of the account. */
  readonly depth: 'light' | 'deep' | undefined;
  readonly path: Path;
  readonly at: Ms;
  /** Our estimate of the exchange's time at the request: the answer may not be newer than this. */
  readonly serverMs: Ms;
}

/** The gateway must answer within 2 or 5 s; after this an answer counts as missing (I-17). */
const OWED_MS = 7_000;
const ORDER_OWED_MS = 3_000;
/** A deep reading may take many pages, each with a deadline of its own. */
const DEEP_OWED_MS = 18_000;

const CHECKPOINT_RECORDS = 10_000;
const CHECKPOINT_MS = 3_600_000;
/** For how long finished orders and executions are remembered. */
const KEPT_MS = 2 * 86_400_000;

export class Core {
  readonly options: DeskOptions;
  readonly applied: AppliedFills;
  readonly equity = new Equity();
  readonly paths = new Paths();
  readonly guard: Guard;
  readonly view: BookView = createView();
  readonly contracts = new Map<string, Contract>();
  readonly slots = new Map<string, Slot>();
  readonly facts: Partial<EngineFacts> = {};
  now: Moment = { mono: 0 as Ms, wall: 0 as Ms };
  /** Monotonic: until then, what arrived while we stood still is being read. */
  drainedAt = 0 as Ms;
  /** What others have in the account by the newest reading: positions in contracts that no list names, and orders that rest. */
  beside: readonly Exposed[] = [];
  wallet: { readonly report: WalletReport; readonly readAt: Ms } | undefined;
  clock: { readonly offsetMs: number; readonly measuredAt: Ms } | undefined;
  /** Exchange time of the start; undefined while the journal is not restored and nothing has been requested. */
  begunServerMs: Ms | undefined;
  isPrivateUp = false;
  isTwinSeen = false;
  ordersSent = 0;
  /** Answers to orders that were not `accepted`, by class. */
  readonly orderRefusals: Record<string, number> = {};
  /** That the exchange has refused to open to us, one after the other, since it last took an entry. */
  readonly closedInRow = new Set<string>();
  /** Other instance ids whose orders count as ours: they are from before the state directory was lost. */
  readonly adopted = new Set<string>();
  /** A whole reading is wanted that is asked for then or later. */
  wantedFrom = -Infinity as Ms;
  /** When the newest complete reading was requested. */
  wholeReadingAt = -Infinity as Ms;
  /** Monotonic: since when two readings are sought that agree, or were. */
  soughtAt = 0 as Ms;
  /** Monotonic: of the last whole reading that agreed. */
  reconciledAt: Ms | undefined;
  readonly journal: JournalState;
  /** Exchange time of the last trading that the journal knows or an operator has confirmed; 0 where there is none. */
  readonly #knownMs: number;
  /** Of the orders in the journal: days of them are not looked through while a signal waits. */
  #signals: Set<unknown>;
  readonly #asked = new Map<number, Asked>();
  #effects: DeskEffect[] = [];
  #lanes: Lanes = EMPTY_LANES;
  #requestId = 0;
  #checkpointAt: Ms;
  #checkpointSeq = 0;
  #shiftMs: number;

  constructor(options: DeskOptions, now: Moment) {
    this.options = options;
    this.now = now;
    this.#shiftMs = now.wall - now.mono;
    this.#checkpointAt = now.mono;
    this.journal = copyOf(options.recovered);
    this.guard = new Guard(this);
    const { applied, fills, trades, finished, orders } = this.journal;
    this.#signals = signalsOf(this.journal);
    // A trade that was taken over from a lost journal bears the id of its instance: it is ours also after the next start.
    for (const { id } of [...Object.values(trades), ...Object.values(finished).map(({ trade }) => trade)]) {
      const parts = typeof id === 'string' ? parseLinkId(id) : undefined;
      if (parts !== undefined && parts.instance !== options.instance) this.adopted.add(parts.instance);
    }
    const times = [...Object.values(orders).map(({ at }) => at), ...Object.values(finished).map(({ atMs }) => atMs)];
    this.#knownMs = Math.max(this.guard.ratesKeptMs, ...times, ...Object.values(applied));
    // Where nothing but executions is remembered of a symbol, a crash came before it was known whose they were: they are heard anew.
    const known = new Set([...Object.keys(trades), ...Object.keys(finished)]);
    for (const { order } of Object.values(orders)) known.add(order.symbol);
    this.applied = new AppliedFills([
      ...Object.keys(applied),
      ...Object.entries(fills).flatMap(([symbol, of]) => (known.has(symbol) ? Object.keys(of) : [])),
    ]);
  }

  // Effects

  emit(effect: DeskEffect): void {
    this.#effects.push(effect);
  }

  takeEffects(): DeskEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  tell(
    level: Level,
    name: string,
    symbol: string | undefined,
    fields: Readonly<Record<string, string | number | boolean>> = {},
  ): void {
    this.emit({ kind: 'told', level, name, symbol, fields });
  }

  /** What is told later has the higher revision, also where the exchange's clock went back between two starts (O17). */
  tellTrade(row: TradeRow): void {
    const before = Number(this.journal.counters['tellings'] ?? 0);
    const revision = Math.max(before + 1, Math.round(this.serverMs));
    this.record({ kind: 'COUNTERS', body: { name: 'tellings', state: revision } }, true);
    this.emit({ kind: 'trade', row, revision });
  }

  /** Writes a record and applies it at once, so that our memory is always what a replay would give. */
  record(body: RecordBody, sync = false): number {
    const seq = this.journal.seq + 1;
    const record: JournalRecord = { v: JOURNAL_VERSION, seq, tWall: this.serverMs, tMono: this.now.mono, ...body };
    applyRecord(this.journal, record);
    if (record.kind === 'INTENT') this.#signals.add(record.body.plan?.['signalId']);
    this.emit({ kind: 'record', record, sync });
    return seq;
  }

  /** The seq of the next record. An order's id contains that of the record that intends it. */
  nextLinkId(role: Role): string {
    const { instance, epoch } = this.options;
    return linkIdOf({ instance, epoch, seq: this.journal.seq + 1, role });
  }

  /** Writes everything that is known as one record: a restart needs nothing from before it. */
  checkpoint(): void {
    this.#checkpointAt = this.now.mono;
    const state = pruned(this.journal, this.serverMs - KEPT_MS);
    this.#checkpointSeq = this.record({ kind: 'CHECKPOINT', body: state });
    this.#signals = signalsOf(this.journal);
  }

  get isCheckpointDue(): boolean {
    const isFull = this.journal.seq - this.#checkpointSeq >= CHECKPOINT_RECORDS;
    return isFull || this.now.mono - this.#checkpointAt >= CHECKPOINT_MS;
  }

  hearWallet(report: WalletReport): void {
    if (this.wallet !== undefined && report.updatedMs < this.wallet.report.updatedMs) return;
    this.wallet = { report, readAt: this.now.mono };
  }

  /** Is it of an order of ours in one of these roles that the journal should know, and does not? */
  isUnrecorded(linkId: string, roles: readonly Role[], timeMs: Ms): boolean {
    const role = ownerOf(linkId, this.options) === 'ours' ? parseLinkId(linkId)?.role : undefined;
    const isKept = role !== undefined && roles.includes(role);
    return isKept && !(linkId in this.journal.orders) && timeMs > this.#knownMs;
  }

  // Requests

  ask(question: Question, path: Path, symbol: string | undefined, linkId?: string): number {
    const requestId = ++this.#requestId;
    const { mono: at } = this.now;
    const depth = question.kind === 'read-account' ? question.depth : undefined;
    const asked: Asked = { symbol, linkId, question: question.kind, depth, path, at, serverMs: this.serverMs };
    this.#asked.set(requestId, asked);
    if (question.kind === 'create') this.ordersSent++;
    this.emit({ kind: 'request', request: { ...question, requestId, path } as GatewayRequest });
    return requestId;
  }

  /** Something is missing that only a whole reading can explain, one that is asked for from then on. */
  wantWholeReading(from: Ms = this.now.mono): void {
    this.wantedFrom = Math.max(this.wantedFrom, from) as Ms;
  }

  /** Where the next reading goes. */
  get restPath(): Path {
    return this.paths.takeRest(this.now.mono);
  }

  noteOrderAnswer(answer: Answer): void {
    if (answer.outcome === 'accepted') return;
    const group = answer.outcome === 'refused' ? answer.class : answer.outcome;
    this.countRefusal(group);
    if (group === 'limits' || group === 'price' || group === 'param') this.doubtList();
  }

  doubtList(): void {
    this.emit({ kind: 'list-doubted' });
  }

  countRefusal(group: string): void {
    this.orderRefusals[group] = (this.orderRefusals[group] ?? 0) + 1;
  }

  /** Undefined for an answer that comes too late to count. */
  answeredTo(requestId: number): Asked | undefined {
    const asked = this.#asked.get(requestId);
    this.#asked.delete(requestId);
    return asked;
  }

  /** Requests whose answer is overdue. */
  overdue(): readonly (readonly [number, Asked])[] {
    return [...this.#asked].filter(([, asked]) => this.now.mono - asked.at >= owedMs(asked));
  }

  get openRequests(): number {
    return this.#asked.size;
  }

  tokens(lane: Lane): number {
    return tokensOf(this.#lanes, lane, this.now.mono);
  }

  leaves(lane: Lane): void {
    this.#lanes = take(this.#lanes, lane, this.now.mono);
  }

  // Time, links and facts

  get isDraining(): boolean {
    return this.now.mono < this.drainedAt;
  }

  get isBegun(): boolean {
    return this.begunServerMs !== undefined;
  }

  /** The exchange's time is known, or nobody tells it: what is remembered with times has an age now. */
  begin(): void {
    this.begunServerMs = this.serverMs;
    this.guard.begin();
  }

  hearClock(offsetMs: number): void {
    this.clock = { offsetMs, measuredAt: this.now.mono };
    this.#shiftMs = this.now.wall + offsetMs - this.now.mono;
  }

  /** Of the exchange, as well as we know it. Our calendar counts only where time was compared: it may jump (B19). */
  get serverMs(): Ms {
    return Math.floor(this.now.mono + this.#shiftMs) as Ms;
  }

  /** For a position in a symbol that is not watched. */
  get anyRules(): SymbolRules | undefined {
    for (const symbol of this.slots.keys()) {
      const rules = this.options.rules(symbol);
      if (rules !== undefined) return rules;
    }
    return undefined;
  }

  /** Once ever, as far as the journal reaches (I-05). */
  isSignalUsed(signalId: string): boolean {
    return this.#signals.has(signalId);
  }
}

function signalsOf({ orders }: JournalState): Set<unknown> {
  return new Set(Object.values(orders).map(({ order }) => order.plan?.['signalId']));
}

function owedMs({ question, depth }: Asked): number {
  if (question === 'create') return ORDER_OWED_MS;
  return depth === 'deep' ? DEEP_OWED_MS : OWED_MS;
}
