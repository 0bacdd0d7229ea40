// When does who pay whom for holding a position? At each contract's hours, at the mark, by the rate that was announced.
import { getOrInsert } from '../../lib/get-or-insert.ts';
import { noteTransaction } from './clearing.ts';
import type { Client } from './client.ts';
import type { VenueCore, VenueContract } from './core.ts';
import { type LivePosition, sideOf } from './live-position.ts';
import { part, rateOf, valueOf } from './money.ts';
import { freeMargin } from './standing.ts';
import type { Execution } from './model.ts';

const MINUTE_MS = 60_000;
const PAST = 20;

export interface FundingRow {
  readonly rate: string;
  readonly timeMs: number;
}

export class Funding {
  readonly #core: VenueCore;
  readonly #paid = new Map<string, FundingRow[]>();
  #dueMs = 0;

  constructor(core: VenueCore) {
    this.#core = core;
  }

  step(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    let next = Infinity;
    for (const contract of this.#core.market.contracts) {
      const interval = contract.listing.fundingMinutes * MINUTE_MS;
      if (nowMs % interval === 0 && this.#dueMs > 0) this.#pay(contract, nowMs);
      next = Math.min(next, (Math.floor(nowMs / interval) + 1) * interval);
    }
    this.#dueMs = next;
  }

  /** Newest first; before the market opened the rate was what it was then. */
  history(contract: VenueContract, nowMs: number): FundingRow[] {
    const interval = contract.listing.fundingMinutes * MINUTE_MS;
    const paid = this.#paid.get(contract.listing.symbol) ?? [];
    const first = paid[0]?.timeMs ?? (Math.floor(nowMs / interval) + 1) * interval;
    const rate = paid[0]?.rate ?? contract.ticker.fundingRate;
    const past = Array.from({ length: PAST }, (_, i) => ({ rate, timeMs: first - (i + 1) * interval }));
    return [...paid.toReversed(), ...past];
  }

  #pay(contract: VenueContract, nowMs: number): void {
    const { symbol } = contract.listing;
    const rate = contract.ticker.fundingRate;
    getOrInsert(this.#paid, symbol, () => []).push({ rate, timeMs: nowMs });
    for (const client of this.#core.clients.values()) {
      const position = client.positions.get(symbol);
      if (position !== undefined && position.lots !== 0) this.#charge(contract, client, position, rate);
    }
  }

  #charge(contract: VenueContract, client: Client, position: LivePosition, rate: string): void {
    const core = this.#core;
    const { instrument } = position;
    const lots = Math.abs(position.lots);
    const tick = core.markTick(instrument.symbol);
    const value = valueOf(tick * lots, instrument);
    const fee = part(value, rateOf(rate)) * (position.lots > 0 ? 1n : -1n);
    client.balance -= fee;
    client.allRealised -= fee;
    position.currentRealised -= fee;
    position.allRealised -= fee;
    core.house.market.cash += fee;
    const execution: Execution = {
      id: core.id(5),
      uid: client.account.uid,
      instrument,
      order: undefined,
      type: 'Funding',
      side: sideOf(position.lots),
      tick,
      lots,
      closedLots: 0,
      value,
      fee,
      feeRate: rate,
      pnl: 0n,
      isMaker: false,
      createType: '',
      leavesLots: 0,
      markTick: tick,
      seq: contract.matching.seq,
      timeMs: core.nowMs,
    };
    noteTransaction(core, client, execution, 0n, -fee, 0n);
    // What the free money cannot pay is taken from the position's own margin.
    const short = freeMargin(core, client);
    if (short < 0n && fee > 0n) position.extraMargin += -short < fee ? short : -fee;
    const group = core.group();
    core.emitExecution(client, execution, group);
    if (core.variants.positionToldOnFunding) core.emitPosition(client, instrument, group);
    core.emitWallet(client, instrument, group);
  }
}
