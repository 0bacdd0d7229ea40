// What becomes of entries, positions and stops when somebody says stop? Each way to say it, measured by the exchange's ledger.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runToEnd } from './daemon.ts';
import type { SafetyRoom } from './room.ts';

export const WAYS = ['command', 'file', 'signal'] as const;
export type Way = (typeof WAYS)[number];

export interface Killed {
  readonly way: string;
  readonly positions: number;
  /** From the order to kill until the last entry that reached the exchange; 0 for none. */
  readonly lastEntryMs: number;
  readonly flatMs: number;
  /** Positions without a stop for some time, by the truth. */
  readonly naked: number;
  /** Entries that were sent after the engine had said that it is killed. */
  readonly sentAfter: number;
}

/** Waits for positions, kills, waits until everything is flat; the latch stands then. */
export async function killBy(room: SafetyRoom, way: Way, positions: number): Promise<Killed> {
  await room.holds(positions);
  const nakedBefore = room.truth.naked.length;
  const logBefore = (await room.log()).length;
  const held = await room.open();
  const at = Date.now();
  if (way === 'command') await room.command('kill');
  else if (way === 'signal') room.daemon.send('SIGUSR2');
  else await writeFile(path.join(room.stateDir, 'KILL'), 'said by a test\n');
  await room.killedAndFlat();
  return judge(room, way, { held, at, nakedBefore, logBefore });
}

export async function judge(
  room: SafetyRoom,
  way: string,
  from: { readonly held: number; readonly at: number; readonly nakedBefore: number; readonly logBefore: number },
): Promise<Killed> {
  const log = (await room.log()).slice(from.logBefore);
  const ordered = log.findIndex(({ event }) => event === 'kill.ordered');
  if (ordered < 0) throw new Error(`${way}: the engine has not said that it is killed`);
  return {
    way,
    positions: from.held,
    lastEntryMs: Math.max(0, ...room.entriesSince(from.at).map((timeMs) => timeMs - from.at)),
    flatMs: Math.max(0, (room.flatAt ?? Infinity) - from.at),
    naked: room.truth.naked.length - from.nakedBefore,
    sentAfter: log.slice(ordered).filter(({ event }) => event === 'entry.sent').length,
  };
}

export async function resume(room: SafetyRoom): Promise<void> {
  await room.command('resume');
  await room.until(async () => (await room.desk())?.mode === 'ACTIVE');
}

/** The exchange cannot be reached over any way for so long. */
export async function cutOff(room: SafetyRoom, ms: number): Promise<void> {
  await room.fault({ kind: 'http-down', ms });
  await room.fault({ kind: 'refuse-connections', ms });
  await room.fault({ kind: 'cut' });
}

export interface Honest {
  /** What `flatten` says while nobody can know: it has not ended by then. */
  readonly saidFlatWhileBlind: boolean;
  /** Positions by the truth when the connection came back. */
  readonly openWhileBlind: number;
  readonly code: number | null;
  readonly killed: Killed;
}

/** `flatten` while the exchange cannot be reached, until after it can. */
export async function killWhileUnreachable(room: SafetyRoom, positions: number, blindMs: number): Promise<Honest> {
  await room.holds(positions);
  const nakedBefore = room.truth.naked.length;
  const logBefore = (await room.log()).length;
  const held = await room.open();
  const at = Date.now();
  await cutOff(room, blindMs);
  let isSaid = false;
  const flatten = runToEnd(['flatten', '--json', '--state-dir', room.stateDir]).then((ran) => {
    isSaid = true;
    return ran;
  });
  await room.until(async () => (await room.log()).slice(logBefore).some(({ event }) => event === 'kill.ordered'));
  const openWhileBlind = await room.open();
  const saidFlatWhileBlind = isSaid && openWhileBlind > 0;
  const { code } = await flatten;
  const isStillOpen = (await room.open()) > 0;
  await room.killedAndFlat();
  const killed = await judge(room, 'unreachable', { held, at, nakedBefore, logBefore });
  return { saidFlatWhileBlind: saidFlatWhileBlind || isStillOpen, openWhileBlind, code, killed };
}

export interface Restarted {
  /** Positions by the truth when the new engine was started. */
  readonly open: number;
  readonly entries: number;
  readonly mode: string | undefined;
  readonly isKilled: boolean;
}

/** Killed while it could close nothing, and dead itself; the next one finds the latch. */
export async function restartKilled(room: SafetyRoom, positions: number): Promise<Restarted> {
  await room.holds(positions);
  const blindMs = 6_000;
  await cutOff(room, blindMs);
  await room.command('kill');
  room.daemon.send('SIGKILL');
  await room.daemon.ended;
  const open = await room.open();
  const at = Date.now();
  room.start();
  await room.killedAndFlat();
  const desk = await room.desk();
  return { open, entries: room.entriesSince(at).length, mode: desk?.mode, isKilled: desk?.isKilled ?? false };
}
