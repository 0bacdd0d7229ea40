// `resume`: back to work, after whoever asks for it has seen why the work was stopped.
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { DeskView } from '../../ops/control-view.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { runningEngine, printAnswer, commandFailure } from './running-engine.ts';
import { deskRows } from './status.ts';

/** A person's yes or no; undefined where there is no terminal to ask at. */
export type Confirm = (question: string) => Promise<boolean | undefined>;

type Terminal<Stream> = Stream & { readonly isTTY?: boolean };

/** Whoever leaves the question, by Ctrl-C or Ctrl-D, has not said yes. */
export async function confirmAt(
  input: Terminal<NodeJS.ReadableStream>,
  output: Terminal<NodeJS.WritableStream>,
  question: string,
): Promise<boolean | undefined> {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  const asked = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await asked.question(`${question} [y/N] `)).trim());
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
    output.write('\n');
    return false;
  } finally {
    asked.close();
  }
}

export const confirmAtTerminal: Confirm = (question) => confirmAt(process.stdin, process.stderr, question);

export function addResumeCommand(program: Command, context: CliContext, confirm: Confirm): void {
  program
    .command('resume')
    .summary('entries again, after a pause, a halt or a kill')
    .description(
      'Clears HALTED, the kill latch and every block that waits for an operator, after it has shown their reasons.',
    )
    .option('--yes', 'do not ask: for scripts')
    .addHelpText(
      'after',
      `
A block that its own subsystem keeps (a clock that is off, a stream that is down) stays until that is well again.
Exit codes: 0 done, 1 refused or not wanted, 64 no terminal and no --yes, 69 no engine runs there`,
    )
    .action((flags: { readonly yes?: boolean }) => resume(context, confirm, flags.yes ?? false));
}

async function resume(context: CliContext, confirm: Confirm, isSure: boolean): Promise<void> {
  const engine = runningEngine(context);
  const failed = async (error: unknown): Promise<never> => {
    throw await commandFailure(context, 'resume', error, engine.stateDir);
  };
  let shown: string | undefined;
  let desk: DeskView | null;
  for (;;) {
    ({ desk } = await engine.status().catch(failed));
    if (desk === null)
      throw new CliError('this engine watches only (trading.mode: off): there is nothing to resume', EXIT.failure);
    const reasons = reasonsOf(desk);
    // What was agreed to is what is cleared: another reason meanwhile is asked about anew.
    if (reasons === '' || reasons === shown) break;
    if (!isSure || !context.json) context.stderr.write(`${reasons}\n`);
    if (isSure) break;
    const isWanted = await confirm('Clear this and let entries come again?');
    if (isWanted === undefined)
      throw new CliError('resume asks before it clears this: say --yes where there is no terminal', EXIT.usage);
    if (!isWanted) throw new CliError('nothing was changed', EXIT.failure);
    shown = reasons;
  }
  const { mode, latch, isKilled, killReason, blocks } = desk;
  const answer = await engine.command('resume').catch(failed);
  printAnswer(context, 'resume', answer, { before: { mode, latch, isKilled, killReason, blocks } });
}

/** Empty where nothing keeps it from entering. */
function reasonsOf(desk: DeskView): string {
  if (desk.mode === 'ACTIVE' && !desk.isKilled && desk.blocks.length === 0) return '';
  return deskRows(desk)
    .filter(([name]) => name === 'mode' || name === 'kill' || name === 'entries')
    .map(([name, text]) => `${name.padEnd(7)}  ${text}`)
    .join('\n');
}
