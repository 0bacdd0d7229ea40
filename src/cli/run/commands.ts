// What is an operator answered? What the engine says, when it is on the disk; of a resume also that the kill there cannot be taken away.
import type { CommandAnswer, Trader } from '../../engine/trader.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Clock } from '../../lib/clock.ts';
import type { Command } from '../../position/desk-event.ts';
import type { KillLatch } from '../../state/kill-latch.ts';

/** Less than the page waits for. */
const DISK_MS_MAX = 3_000 as Ms;
const HANGING = 'the disk does not answer';

export async function carryOut(
  trader: Pick<Trader, 'command' | 'written'> | undefined,
  latch: Pick<KillLatch, 'cleared' | 'standing'>,
  command: Command,
  clock: Pick<Clock, 'after'> = systemClock,
): Promise<CommandAnswer> {
  if (trader === undefined) return { accepted: false, text: 'this engine watches and does not trade' };
  const answer = trader.command(command);
  if (command.kind === 'close' || !answer.accepted) return answer;
  const isResume = command.kind === 'resume';
  const { promise: tooLong, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.after(DISK_MS_MAX, () => resolve(true));
  const onDisk = isResume ? latch.cleared : trader.written();
  const isHanging = await Promise.race([onDisk.then(() => false), tooLong]);
  timer.cancel();
  if (isHanging) {
    const doubt = isResume ? 'if the file KILL cannot be removed, it is killed again' : 'a restart may not know of it';
    return { ...answer, text: `${answer.text}; ${HANGING}: ${doubt}` };
  }
  const { killed, reason } = latch.standing;
  const isRefused = isResume && killed === true;
  return isRefused ? { accepted: false, text: `the file KILL stands (${reason}): it is killed again` } : answer;
}
