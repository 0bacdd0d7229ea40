// May we enter, trade, go on at all? Mode and blocks, losses, rates and the kill latch. What outlives a restart is in the journal.
import type { Ms } from '../lib/brand.ts';
import type { JsonObject, RecordBody } from '../order/journal.ts';
import {
  initialLosses,
  lossesFromRecord,
  lossesToRecord,
  stepLosses,
  type LossEvent,
  type LossRecord,
  type LossState,
} from '../risk/losses.ts';
import {
  INITIAL_MODE,
  modeFromRecord,
  modeToRecord,
  permissionsOf,
  stepMode,
  type ModeEvent,
  type ModeRecord,
  type ModeState,
  type Permissions,
} from '../risk/mode.ts';
import {
  INITIAL_RATES,
  ratesFromRecord,
  ratesToRecord,
  stepRates,
  type RateEvent,
  type RateRecord,
  type RateState,
} from '../risk/rates.ts';
import type { Core } from './core.ts';

export const DAILY_LOSS = 'risk.daily_loss';
const LOSSES_IN_ROW = 'risk.losses_in_row';

/** Records that may change the profit. */
type BookingRecord = Extract<RecordBody, { kind: 'EXEC' | 'PAST' | 'POSITION' }>;

/** `atMs`: exchange time at which it was written. */
type KeptRates = RateRecord & { readonly atMs: number };

/** Whence it has time and settings, and where its records and words go. */
type Host = Pick<Core, 'options' | 'journal' | 'now' | 'serverMs' | 'isBegun' | 'record' | 'emit' | 'tell'>;

export class Guard {
  mode: ModeState = INITIAL_MODE;
  /** The day is the exchange's, not our calendar's. */
  losses: LossState = initialLosses(0 as Ms);
  rates: RateState = INITIAL_RATES;
  isKilled = false;
  readonly #host: Host;
  /** Of the run before. */
  readonly #ratesBefore: KeptRates | undefined;
  readonly #blockedUntil = new Map<string, Ms>();

  constructor(host: Host) {
    this.#host = host;
    const { mode, counters } = host.journal;
    if (mode !== null) {
      const { killed, ...record } = mode as unknown as ModeRecord & { killed: boolean };
      this.mode = modeFromRecord(record, host.now.mono);
      this.isKilled = killed;
    }
    const losses = counters['losses'] as unknown as LossRecord | undefined;
    if (losses !== undefined) this.losses = lossesFromRecord(losses) ?? this.losses;
    const rates = this.#ratesKept;
    this.#ratesBefore = rates;
    // How long the engine was away is not known yet; what is written down meanwhile, as by a `resume`, forgets no entry (Y06).
    if (rates !== undefined) this.rates = ratesFromRecord(rates, host.now.mono, 0);
  }

  get permissions(): Permissions {
    return permissionsOf(this.mode);
  }

  /** The exchange's time is known, or nobody tells it: what is remembered with times has an age now. */
  begin(): void {
    const before = this.#ratesBefore;
    if (before !== undefined) {
      const { sent } = ratesFromRecord(before, this.#host.now.mono, this.#host.serverMs - before.atMs);
      this.rates = { ...this.rates, sent };
    }
    // Its intention is on disk before it is sent, that it was sent only afterwards: each that may have been counts (Y06).
    for (const { order, state } of Object.values(this.#host.journal.orders))
      if (order.role === 'E' && state === 'draft') this.stepRates({ kind: 'sent' });
  }

  /** As they stood when an entry was last sent, or refused, or an operator said `resume`. */
  get #ratesKept(): KeptRates | undefined {
    return this.#host.journal.counters['rates'] as unknown as KeptRates | undefined;
  }

  /** Exchange time of what the journal knows of the rates; 0 where it knows nothing. */
  get ratesKeptMs(): number {
    return this.#ratesKept?.atMs ?? 0;
  }

  stepMode(event: ModeEvent): void {
    const { state, facts } = stepMode(this.mode, event, this.#host.now.mono);
    const isLatched = state.latch !== this.mode.latch;
    this.mode = state;
    for (const fact of facts) {
      if (fact.kind === 'mode') {
        const isGrave = fact.to === 'HALTED' || fact.to === 'EMERGENCY';
        this.#host.tell(isGrave ? 'warning' : 'info', 'mode.changed', undefined, { ...fact });
      } else {
        const { on, reason, sticky } = fact;
        this.#host.tell(on ? 'warning' : 'info', on ? 'block.added' : 'block.removed', undefined, { reason, sticky });
      }
    }
    const isMode = facts.some(({ kind }) => kind === 'mode');
    const isSticky = facts.some((fact) => fact.kind === 'block' && fact.sticky);
    // What is to outlive a restart must be on disk before it is reported.
    const isKept = isLatched || isSticky || event.kind === 'resume';
    if (isMode || isLatched) this.#host.record({ kind: 'MODE', body: this.#modeBody() }, isKept);
    else if (isSticky) this.#host.record({ kind: 'BLOCK', body: this.#modeBody() }, isKept);
  }

  block(reason: string, on: boolean, sticky = false): void {
    if (on) this.stepMode({ kind: 'block', reason, sticky });
    else if (this.mode.blocks.has(reason)) this.stepMode({ kind: 'unblock', reason });
  }

  /** Blocks entries for a while. */
  blockFor(reason: string, lastsMs: number): void {
    this.#blockedUntil.set(reason, (this.#host.now.mono + lastsMs) as Ms);
    this.block(reason, true);
  }

  unblockExpired(): void {
    for (const [reason, until] of this.#blockedUntil) {
      if (this.#host.now.mono < until) continue;
      this.#blockedUntil.delete(reason);
      this.block(reason, false);
    }
  }

  get isKilledInJournal(): boolean {
    return this.#host.journal.mode?.['killed'] === true;
  }

  /** The kill latch: in memory, in the journal and on disk. */
  latchKill(killed: boolean): void {
    if (this.isKilled === killed) return;
    this.isKilled = killed;
    this.#host.record({ kind: 'MODE', body: this.#modeBody() }, killed);
    this.#host.emit({ kind: 'latch', killed });
  }

  #modeBody(): JsonObject {
    return { ...(modeToRecord(this.mode) as unknown as JsonObject), killed: this.isKilled };
  }

  stepLosses(event: LossEvent): void {
    if (!this.#stepLosses(event)) return;
    // What an operator was answered must survive a crash.
    const isOrdered = event.kind === 'resumed';
    this.#host.record({ kind: 'COUNTERS', body: { name: 'losses', state: this.#lossesBody } }, isOrdered);
  }

  /** With the record that says whence it came, in one. */
  book(record: BookingRecord, events: readonly LossEvent[]): void {
    const isChanged = events.map((event) => this.#stepLosses(event)).includes(true);
    if (!isChanged) this.#host.record(record);
    else this.#host.record({ ...record, body: { ...record.body, losses: this.#lossesBody } } as BookingRecord);
  }

  get #lossesBody(): JsonObject {
    return lossesToRecord(this.losses) as unknown as JsonObject;
  }

  /** Does it change what has to be remembered? */
  #stepLosses(event: LossEvent): boolean {
    const before = this.losses;
    this.losses = stepLosses(before, event);
    if (this.losses.tripped && !this.mode.blocks.has(DAILY_LOSS)) {
      this.#host.tell('error', DAILY_LOSS, undefined, { day: this.losses.day });
      this.block(DAILY_LOSS, true, true);
    } else if (!this.losses.tripped) this.block(DAILY_LOSS, false);
    this.#judgeLossesInRow();
    const isValuation =
      event.kind === 'valued' &&
      before.startEquity === this.losses.startEquity &&
      before.tripped === this.losses.tripped;
    return this.losses !== before && !isValuation;
  }

  /** The same rule as gate G22, which reports it only when there is a signal. */
  #judgeLossesInRow(): void {
    const { inRow } = this.losses;
    const isOver = inRow >= this.#host.options.settings().maxConsecutiveLosses;
    if (isOver && !this.mode.blocks.has(LOSSES_IN_ROW)) {
      this.#host.tell('error', LOSSES_IN_ROW, undefined, { losses: inRow });
    }
    this.block(LOSSES_IN_ROW, isOver, true);
  }

  stepRates(event: RateEvent): void {
    const { now, serverMs, isBegun } = this.#host;
    const before = this.rates;
    this.rates = stepRates(before, event, now.mono);
    if (this.rates === before) return;
    // A calendar that nobody has compared yet may be a day behind: that makes no entry older (B19).
    const atMs = isBegun ? serverMs : Math.max(serverMs, this.ratesKeptMs);
    const state = { ...ratesToRecord(this.rates, now.mono), atMs } as unknown as JsonObject;
    this.#host.record({ kind: 'COUNTERS', body: { name: 'rates', state } });
  }
}
