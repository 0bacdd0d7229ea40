// What is a row of the failure catalogue in the campaign? How it is made to happen; what it needs from the start.
import type { Drawn } from './settings.ts';
import type { SeedRoom } from './seed-room.ts';

export interface RowOf {
  /** The trigger, in the catalogue's words. */
  readonly what: string;
  /** Sees to it that it happens, and says so with `room.hit`. */
  readonly make: (room: SeedRoom, id: string) => void;
  /** Before the engine is started. */
  readonly before?: (room: SeedRoom, id: string) => void;
  readonly drawn?: Partial<Drawn>;
  /** The exchange opens so long before a funding, and there is one each minute. */
  readonly beforeFundingMs?: number;
  /** At least so many contracts. */
  readonly symbols?: number;
  /** Nobody moves the market or closes anything meanwhile. */
  readonly isQuiet?: boolean;
  /** At least so long under faults. */
  readonly lastsMs?: number;
}
