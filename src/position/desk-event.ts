// What can happen to the desk? Everything it learns comes in as one of these events, with the moment at which it came.
import type { Ms } from '../lib/brand.ts';
import type { GatewayEvent } from '../order/gateway.ts';
import type { AnalysisEvent } from '../scan/event.ts';
import type { Slot } from '../market/units.ts';
import type { SystemFacts } from '../risk/situation.ts';
import type { Contract } from './trade/contract.ts';

/** Each once: a command whose id was seen before is answered and not repeated (Y09). */
export type Command = { readonly id: string } & (
  | { readonly kind: 'pause' }
  /** Also clears HALTED and the kill latch. */
  | { readonly kind: 'resume' }
  | { readonly kind: 'close'; readonly symbol: string }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'kill' }
);

/** Facts that only the engine knows. While one is unknown, there are no entries. */
export interface EngineFacts {
  readonly lockHeld: boolean;
  /** The kill latch on disk. Becoming true is a kill; undefined where the disk cannot be read. */
  readonly killedByFile: boolean | undefined;
  readonly isIsolated: boolean;
  /** The worst of the last 5 s. */
  readonly loopLagMs: number;
  readonly journalWritable: boolean;
  readonly diskFreeBytes: number;
  readonly maintenance: NonNullable<SystemFacts['maintenance']>;
}

export type DrainPolicy = 'leave_protected' | 'flatten';

export type DeskEvent =
  /** The journal has been replayed, contracts are known: begin to reconcile. Once. */
  | { readonly kind: 'start' }
  | { readonly kind: 'gateway'; readonly event: GatewayEvent }
  /** In order of priority; nothing is queued (strategy 9). */
  | { readonly kind: 'signal'; readonly symbol: string; readonly signal: AnalysisEvent }
  /** Book or tape of a slot have changed. Only slots of `desk.held()` need to be told. */
  | { readonly kind: 'market'; readonly slot: Slot }
  /** Time has passed: at least once a second, and at `desk.wakeAt()`. */
  | { readonly kind: 'time' }
  /** All records up to this seq are on disk. */
  | { readonly kind: 'synced'; readonly upTo: number }
  /** A field that is left out keeps its last value. */
  | { readonly kind: 'facts'; readonly facts: Partial<EngineFacts> }
  | { readonly kind: 'command'; readonly command: Command }
  /** A subsystem adds or removes its own reason to enter nothing. */
  | {
      readonly kind: 'block';
      readonly reason: string;
      readonly on: boolean;
      /** Stays over restarts until an operator's `resume`. */
      readonly sticky: boolean;
    }
  /** A contract is watched, or its specification was read again. `slot` undefined: known, not watched. */
  | { readonly kind: 'contract'; readonly slot: Slot | undefined; readonly contract: Contract }
  | { readonly kind: 'unwatched'; readonly slot: Slot }
  /** The journal has dropped lines: everything that is known must be written again. */
  | { readonly kind: 'checkpoint' }
  /** Our own event loop stood still, which is no silence of the exchange. Afterwards the sockets must be drained first. */
  | { readonly kind: 'stall'; readonly lastedMs: Ms }
  | { readonly kind: 'drain'; readonly policy: DrainPolicy };
