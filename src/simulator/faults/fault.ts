// What is a fault that can be ordered? What it does, and which parameters it takes.
import { z } from 'zod';
import type { Agenda } from '../agenda.ts';
import type { Troubles } from '../channel.ts';
import type { Connection } from '../connection.ts';
import type { Contract } from '../contract.ts';
import type { Market } from '../market.ts';
import type { PublicSession } from '../public-session.ts';
import type { Venue } from '../venue/venue.ts';
import type { Doors } from './doors.ts';
import type { FrameFaults } from './frame-faults.ts';
import type { Mishaps } from './mishaps.ts';

/** Everything that faults and scenarios act on. */
export interface Stage {
  readonly market: Market;
  readonly venue: Venue;
  /** Exchange time. */
  readonly agenda: Agenda;
  readonly frames: FrameFaults;
  readonly troubles: Troubles;
  readonly mishaps: Mishaps;
  readonly doors: Doors;
  /** Topics that the exchange refuses, and until when. */
  readonly rejected: Map<string, number>;
  /** Contracts that nobody trades, and until when. */
  readonly frozen: Map<string, number>;
  readonly sessions: ReadonlySet<PublicSession>;
  readonly connections: ReadonlySet<Connection>;
}

/** What it came to, as fields of the answer; a text says why it cannot be done and what to do instead. */
export type Outcome = Readonly<Record<string, unknown>> | string;

export interface Fault {
  readonly does: string;
  readonly parameters: z.ZodObject;
  act(stage: Stage, given: unknown): Outcome;
}

export function fault<Shape extends z.ZodRawShape>(
  does: string,
  shape: Shape,
  act: (stage: Stage, given: z.infer<z.ZodObject<Shape>>) => Outcome | void,
): Fault {
  const parameters = z.strictObject(shape);
  return {
    does,
    parameters,
    act: (stage, given) => act(stage, parameters.parse(given) as z.infer<z.ZodObject<Shape>>) ?? {},
  };
}

export const MS = z.int().min(1).max(86_400_000);
export const COUNT = z.int().min(1).max(1_000_000).default(1);
export const SYMBOL = z.string();
export const UID = z.int().optional();

/** A fault of one account: the named one, or the first. */
export function accountFault<Shape extends z.ZodRawShape>(
  does: string,
  shape: Shape,
  act: (stage: Stage, uid: number, given: z.infer<z.ZodObject<Shape>>) => Outcome | void,
): Fault {
  return fault(does, { uid: UID, ...shape }, (stage, given) => {
    const uid = accountOf(stage, (given as { readonly uid?: number }).uid);
    if (uid === undefined) return NO_ACCOUNT;
    return act(stage, uid, given as z.infer<z.ZodObject<Shape>>) ?? { uid };
  });
}

/** The named account, or the first; undefined where there is none. */
export function accountOf(stage: Stage, uid: number | undefined): number | undefined {
  const { accounts } = stage.venue;
  return (uid === undefined ? accounts[0] : accounts.find((account) => account.uid === uid))?.uid;
}

export const NO_ACCOUNT = 'uid: no such account; GET /control/state lists them';

/** Only called with a symbol that has been checked. */
export function contractOf(stage: Stage, symbol: string): Contract {
  const contract = stage.market.contract(symbol);
  if (contract === undefined) throw new Error(`broken invariant: ${symbol} was checked before`);
  return contract;
}
