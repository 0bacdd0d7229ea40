// What is an operator answered? What the engine says; of a resume also that the kill on disk cannot be taken away.
import type { CommandAnswer, Trader } from '../../engine/trader.ts';
import type { Command } from '../../position/desk-event.ts';
import type { KillLatch } from '../../state/kill-latch.ts';

export async function carryOut(
  trader: Pick<Trader, 'command'> | undefined,
  latch: Pick<KillLatch, 'cleared' | 'standing'>,
  command: Command,
): Promise<CommandAnswer> {
  if (trader === undefined) return { accepted: false, text: 'this engine watches and does not trade' };
  const answer = trader.command(command);
  if (command.kind !== 'resume' || !answer.accepted) return answer;
  await latch.cleared;
  const { killed, reason } = latch.standing;
  return killed === true ? { accepted: false, text: `the file KILL stands (${reason}): it is killed again` } : answer;
}
