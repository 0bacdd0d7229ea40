// What can happen to the desk? Everything that it ever learns comes in as one of these, with the moment at which it came.
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

/** Unknown until told: an unknown fact lets nothing be entered. */
export interface EngineFacts {
  readonly lockHeld: boolean;
  /** The latch on disk. Becoming true is a kill; undefined: the disk does not say. */
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
  /** What only the engine can know; each field stays as it was last told. */
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
  /** The journal has let lines go: all that is known has to be written once more. */
  | { readonly kind: 'checkpoint' }
  /** Our own loop stood still: that is no silence of the exchange. Once over, the sockets have to be drained. */
  | { readonly kind: 'stall'; readonly lastedMs: Ms }
  | { readonly kind: 'drain'; readonly policy: DrainPolicy };
