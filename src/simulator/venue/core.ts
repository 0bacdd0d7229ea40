// Where do all parts of the venue meet? The accounts, the contracts, the time, and the one place from which events are sent.
import { assert } from '../../lib/assert.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { Listing } from '../listing.ts';
import type { Matching } from '../matching.ts';
import { BandWatch } from './band.ts';
import { type Client, livePosition } from './client.ts';
import { House } from './house.ts';
import { isOpen, type LiveOrder, snapshot } from './live-order.ts';
import { positionOf, walletOf } from './standing.ts';
import { createTiers } from './tiers.ts';
import type { Variants } from './variants.ts';
import type { ContractStatus, RiskTier } from './venue.ts';
import type { Execution, Money, VenueEvent } from './model.ts';

/** What the venue needs of a contract. */
export interface VenueContract {
  readonly listing: Listing;
  readonly instrument: Instrument;
  readonly matching: Matching;
  readonly ticker: { readonly fundingRate: string; setFundingRate(rate: string): void };
  /** Its trades and books are published at the next millisecond. */
  poke(nowMs: number): void;
}

export interface VenueMarket {
  readonly nowMs: number;
  readonly listings: readonly Listing[];
  readonly contracts: readonly VenueContract[];
  contract(symbol: string): VenueContract | undefined;
}

export class VenueCore {
  readonly market: VenueMarket;
  readonly variants: Variants;
  readonly clients = new Map<number, Client>();
  readonly house = new House();
  readonly statuses = new Map<string, ContractStatus>();
  readonly band = new BandWatch();
  /** Orders that wait for a price, by symbol. */
  readonly armed = new Map<string, Set<LiveOrder>>();
  readonly #ids: Rng;
  readonly #tiers = new Map<string, readonly RiskTier[]>();
  readonly #listeners = new Set<(event: VenueEvent) => void>();
  #groups = 0;

  constructor(market: VenueMarket, variants: Variants, ids: Rng) {
    this.market = market;
    this.variants = variants;
    this.#ids = ids;
    market.listings.forEach((listing, index) => this.#tiers.set(listing.symbol, createTiers(listing, index)));
  }

  get nowMs(): number {
    return this.market.nowMs;
  }

  contract(symbol: string): VenueContract {
    const contract = this.market.contract(symbol);
    assert(contract !== undefined, `${symbol} is traded here`);
    return contract;
  }

  client(uid: number): Client {
    const client = this.clients.get(uid);
    assert(client !== undefined, `account ${uid} exists`);
    return client;
  }

  tiers(symbol: string): readonly RiskTier[] {
    return this.#tiers.get(symbol) ?? [];
  }

  markTick(symbol: string): number {
    const { matching } = this.contract(symbol);
    return matching.mark.tick(matching.lastTick, this.nowMs);
  }

  indexTick(symbol: string): number {
    const { matching } = this.contract(symbol);
    return matching.mark.indexTick(matching.lastTick, this.nowMs);
  }

  /** The shape of a UUID of the given version. */
  id(version: 4 | 5): string {
    const hex = (digits: number): string =>
      this.#ids
        .below(16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    return `${hex(8)}-${hex(4)}-${version}${hex(3)}-a${hex(3)}-${hex(6)}${hex(6)}`;
  }

  listen(listener: (event: VenueEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ties together what the exchange sends at once. */
  group(): number {
    return ++this.#groups;
  }

  emitOrder(client: Client, order: LiveOrder, group: number): void {
    order.updatedMs = this.nowMs;
    if (!isOpen(order)) client.orders.delete(order.id);
    const now = snapshot(order);
    client.history.orders.push(order.id, this.nowMs, now);
    this.#emit({ kind: 'order', group, order: now, ...this.#stamp(order.uid, order.instrument) });
  }

  /** Sends once more how an order ended, to whoever came too late to change it. */
  emitTooLate(order: LiveOrder): void {
    const ended = { ...snapshot(order), cancelType: 'CancelByUser', rejectReason: 'EC_OrigClOrdIDDoesNotExist' };
    this.#emit({ kind: 'order', group: this.group(), order: ended, ...this.#stamp(order.uid, order.instrument) });
  }

  emitExecution(client: Client, execution: Execution, group: number): void {
    client.history.executions.push(execution);
    this.#emit({ kind: 'execution', group, execution, ...this.#stamp(execution.uid, execution.instrument) });
  }

  emitPosition(client: Client, instrument: Instrument, group: number): void {
    const position = livePosition(client, instrument);
    position.updatedMs = this.nowMs;
    if (position.createdMs === 0) position.createdMs = this.nowMs;
    const now = positionOf(this, client, position);
    client.history.positions.push(instrument.symbol, this.nowMs, now);
    this.#emit({ kind: 'position', group, position: now, ...this.#stamp(now.uid, instrument) });
  }

  emitWallet(client: Client, instrument: Instrument | undefined, group: number): void {
    const wallet = walletOf(this, client);
    client.history.wallet.push(this.nowMs, wallet);
    this.#emit({ kind: 'wallet', group, wallet, ...this.#stamp(wallet.uid, instrument) });
  }

  /** Money from or to another account of the same owner. */
  noteTransfer(client: Client, amount: Money): void {
    client.history.transactions.push({
      id: this.id(4),
      uid: client.account.uid,
      instrument: undefined,
      type: amount < 0n ? 'TRANSFER_OUT' : 'TRANSFER_IN',
      side: 'None',
      lots: 0,
      tick: 0,
      cash: amount,
      funding: 0n,
      fee: 0n,
      feeRate: '0',
      change: amount,
      balance: client.balance,
      order: undefined,
      execId: '',
      timeMs: this.nowMs,
    });
    this.emitWallet(client, undefined, this.group());
  }

  #stamp(uid: number, instrument: Instrument | undefined): Pick<VenueEvent, 'uid' | 'seq' | 'timeMs'> {
    const contract = instrument === undefined ? undefined : this.market.contract(instrument.symbol);
    return { uid, seq: contract?.matching.seq ?? -1, timeMs: this.nowMs };
  }

  #emit(event: VenueEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
