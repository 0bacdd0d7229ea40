// `flatten`: the kill switch. It is over when the exchange says that everything of ours is closed, and not before.
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { Ms } from '../../lib/brand.ts';
import { pause, systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { ControlError } from '../../ops/control-error.ts';
import { isFlat, type DeskView } from '../../ops/control-view.ts';
import { isFolderOf } from '../../state/account-folder.ts';
import { writeDurably } from '../../state/durable-file.ts';
import { CliError, EXIT, type CliContext, type ExitCode } from '../context.ts';
import { engineProcess } from './engine-process.ts';
import { createProgress } from '../progress.ts';
import { killReason, runningEngine, type RunningEngine } from './running-engine.ts';

const LOOK = 250 as Ms;
/** An engine that is busy closing may miss a question. */
const SILENCES_MAX = 5;

export function addFlattenCommand(program: Command, context: CliContext): void {
  program
    .command('flatten')
    .summary('the kill switch: stop entries and close every position of ours')
    .description(
      'Stops entries at once and closes every position of ours, over every path, until the exchange confirms that all are closed. ' +
        'The kill is latched: over restarts, until `resume`.',
    )
    .option('--no-wait', 'do not wait until everything is closed')
    .addHelpText(
      'after',
      `
Without an engine nothing can be closed: the kill is written to the state directory for the engine's next start. \
The stops of open positions stand at the exchange all the while.
Exit codes: 0 flat (with --no-wait: ordered), 1 refused, 69 no engine has closed anything`,
    )
    .action(async (flags: { readonly wait: boolean }) => {
      const engine = runningEngine(context);
      let answer: Awaited<ReturnType<RunningEngine['command']>>;
      try {
        answer = await engine.command('kill');
      } catch (error) {
        if (!(error instanceof ControlError)) throw error;
        return unheard(context, engine.stateDir, error);
      }
      if (!answer.accepted) throw undone(context, answer.text, EXIT.failure);
      // What ends us meanwhile, a pipe that is closed for instance, has not seen it flat.
      if (flags.wait) process.exitCode = EXIT.unavailable;
      if (!context.json) context.print(answer.text);
      const desk = flags.wait ? await untilFlat(context, engine) : undefined;
      process.exitCode = EXIT.ok;
      const flat = desk === undefined ? null : true;
      if (context.json) context.printJson({ command: 'flatten', ...answer, flat });
      else if (desk !== undefined)
        context.print('flat: no position of ours is open any more; `npx plotnost resume` ends the halt');
    });
}

/** To a program it is told on stdout as well. */
function undone(context: CliContext, text: string, code: ExitCode, message = text): CliError {
  if (context.json) context.printJson({ command: 'flatten', accepted: false, text, flat: false });
  return new CliError(message, code);
}

/** Undefined for an engine that does not trade. */
async function untilFlat(context: CliContext, engine: RunningEngine): Promise<DeskView | undefined> {
  let progress: ReturnType<typeof createProgress> | undefined;
  let most = 0;
  let said = '';
  let silences = 0;
  try {
    for (;;) {
      const desk = await engine.status().then(
        (status) => {
          silences = 0;
          return status.desk;
        },
        (error: unknown) => {
          if (!(error instanceof ControlError)) throw error;
          if (error.code === 'silent' && ++silences < SILENCES_MAX) return undefined;
          const rest =
            'whether everything is closed is not known; the kill switch stays latched, and stops rest at the exchange';
          throw new CliError(`${error.message}: ${rest}`, EXIT.unavailable);
        },
      );
      if (desk === null) return undefined;
      if (desk !== undefined) {
        if (isFlat(desk)) return desk;
        const left = desk.positions + desk.entries;
        most = Math.max(most, left, 1);
        progress ??= createProgress(context.stderr, most, systemClock);
        const text = `${desk.mode}: ${left} still open or not known to be closed`;
        progress.show(most - left, text);
        if (text !== said && !context.json && !('isTTY' in context.stderr && context.stderr.isTTY === true))
          context.stderr.write(`${text}\n`);
        said = text;
      }
      await pause(systemClock, LOOK);
    }
  } finally {
    progress?.end();
  }
}

/** Nobody has heard it: the file is the other way to the same latch. */
async function unheard(context: CliContext, stateDir: string, why: ControlError): Promise<never> {
  const file = path.join(stateDir, 'KILL');
  const isThere = await stat(stateDir).then(
    () => true,
    () => why.code === 'forbidden', // it lies in a folder that may not be looked into
  );
  if (!isThere) {
    const text = `there is no state directory ${stateDir}: nothing was closed, name it with --state-dir`;
    throw undone(context, text, EXIT.unavailable);
  }
  const { environment } = context;
  const names = await readdir(stateDir).catch(() => undefined);
  if (environment !== undefined && names?.some((name) => isFolderOf(name, environment)) === false) {
    const text = `nothing in ${stateDir} is of ${environment}: NOTHING WAS CLOSED, name the right directory with --state-dir`;
    throw undone(context, text, EXIT.usage);
  }
  const before = await killReason(stateDir);
  if (before === undefined) {
    await writeDurably(file, `flatten at ${new Date(systemClock.wall()).toISOString()}\n`).catch(
      async (error: unknown) => {
        if ((await killReason(stateDir)) !== undefined) return; // somebody else has written it at the same time
        const reason = messageOf(error);
        const text = `${why.message}, and ${file} cannot be written (${reason}): NOTHING WAS CLOSED`;
        throw undone(context, text, EXIT.unavailable);
      },
    );
  }
  const pid = await engineProcess(stateDir);
  const latched =
    before === undefined ? `the kill was written to ${file}` : `the kill stood in ${file} before (${before})`;
  const next =
    pid === undefined
      ? 'NOTHING WAS CLOSED: the next start finds it and closes what is open then'
      : `process ${pid} has the directory and finds it as soon as it looks; whether it closes anything is NOT KNOWN`;
  const message = `${why.message}; ${latched}\n${next}. Stops of open positions rest at the exchange.`;
  throw undone(context, `${latched}; ${next}`, EXIT.unavailable, message);
}
