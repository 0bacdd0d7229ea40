// `pause` and `close SYMBOL`: an operator's word to the running engine; `resume` and `flatten` have files of their own.
import type { Command } from 'commander';
import type { CommandAnswer } from '../../ops/control-words.ts';
import type { CliContext } from '../context.ts';
import { addFlattenCommand } from './flatten.ts';
import { addResumeCommand, type Confirm } from './resume.ts';
import { commandFailure, runningEngine, printAnswer, type RunningEngine } from './running-engine.ts';
import { symbolArgument } from '../arguments.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 the engine refused, 64 wrong usage, 69 no engine runs there or it does not answer`;

export function addOrderCommands(program: Command, context: CliContext, confirm: Confirm): void {
  program
    .command('pause')
    .summary('no more entries, over restarts, until resume')
    .description(
      'No more entries, over restarts too, until `resume`. Positions are managed and closed by their own rules.',
    )
    .addHelpText('after', EXIT_CODES)
    .action(() => order(context, 'pause', (engine) => engine.command('pause')));
  program
    .command('close')
    .summary('close the position of a symbol')
    .description('Closes our position of a symbol at the market. A part of it that is not ours stays open.')
    .argument('<symbol>', 'for instance BTCUSDT', symbolArgument)
    .addHelpText('after', `\nIt is done when \`positions\` does not show it any more.${EXIT_CODES}`)
    .action((symbol: string) => order(context, 'close', (engine) => engine.close(symbol)));
  addResumeCommand(program, context, confirm);
  addFlattenCommand(program, context);
}

async function order(
  context: CliContext,
  command: string,
  send: (engine: RunningEngine) => Promise<CommandAnswer>,
): Promise<void> {
  const engine = runningEngine(context);
  const answer = await send(engine).catch(async (error: unknown) => {
    throw await commandFailure(context, command, error, engine.stateDir);
  });
  printAnswer(context, command, answer);
}
