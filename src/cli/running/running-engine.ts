// How does a command talk to the engine that runs on its state directory?
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { systemClock } from '../../lib/clock.ts';
import { askEngine } from '../../ops/control-client.ts';
import { ControlError } from '../../ops/control-error.ts';
import { positionView, statusView, type PositionView, type StatusView } from '../../ops/control-view.ts';
import { commandAnswer, type Ask, type CommandAnswer } from '../../ops/control-words.ts';
import type { Command } from '../../position/desk-event.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { engineProcess } from './engine-process.ts';

export interface RunningEngine {
  readonly stateDir: string;
  status(): Promise<StatusView>;
  positions(): Promise<readonly PositionView[]>;
  command(kind: Exclude<Command['kind'], 'close'>): Promise<CommandAnswer>;
  close(symbol: string): Promise<CommandAnswer>;
}

const WATCHING = { set: ['trading.mode=off'] };
const SHIPPED = fileURLToPath(new URL('../../../config.yaml', import.meta.url));

/** A mistake in the configuration must not keep an operator from the engine: only the state directory is needed of it. */
export function stateDirOf(context: CliContext): string {
  // Only for the directory: that keys are missing here, which the engine has, is no mistake.
  const { file, result } = context.tryConfig(undefined, WATCHING);
  if (result.ok) return path.resolve(context.cwd, result.config.state.dir);
  const shipped = context.tryConfig(SHIPPED, WATCHING, {}).result;
  if (!shipped.ok) throw new CliError(shipped.errors.join('\n'), EXIT.usage);
  const stateDir = path.resolve(context.cwd, shipped.config.state.dir);
  context.stderr.write(`${file} has mistakes (see check-config): taking ${stateDir}, or what --state-dir names\n`);
  return stateDir;
}

export function runningEngine(context: CliContext): RunningEngine {
  const stateDir = stateDirOf(context);
  const ask = async <Value>(question: Ask, schema: z.ZodType<Value>): Promise<Value> => {
    const value = await askEngine(stateDir, question, systemClock);
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new ControlError('silent', `the engine on ${stateDir} is of another version: use its own command`);
  };
  const status = async (): Promise<StatusView> => {
    const found = await ask({ ask: 'status' }, statusView);
    const { environment } = context;
    if (environment === undefined || environment === found.engine.environment) return found;
    const other = `the engine on ${stateDir} is on ${found.engine.environment}, not on ${environment}`;
    throw new CliError(`${other}: name the directory of the one that is with --state-dir`, EXIT.usage);
  };
  /** Whoever names an environment means no engine of another. One that does not answer this may hear what follows: a kill, say. */
  const check = async (): Promise<void> => {
    if (context.environment === undefined) return;
    await status().catch((error: unknown) => {
      if (!(error instanceof ControlError)) throw error;
    });
  };
  const order = async (command: Command): Promise<CommandAnswer> => {
    await check();
    return ask({ ask: 'command', command }, commandAnswer);
  };
  return {
    stateDir,
    status,
    positions: async () => {
      await check();
      return ask({ ask: 'positions' }, z.array(positionView));
    },
    command: (kind) => order({ id: randomUUID(), kind }),
    close: (symbol) => order({ id: randomUUID(), kind: 'close', symbol }),
  };
}

/** The content of the file KILL; undefined where there is none. */
export async function killReason(stateDir: string): Promise<string | undefined> {
  const file = path.join(stateDir, 'KILL');
  return readFile(file, 'utf8').then(
    (text) => text.trim() || 'the file KILL',
    async () =>
      stat(file).then(
        () => 'the file KILL, which cannot be read',
        () => undefined,
      ),
  );
}

/** Why the engine could not be reached or refused, with the remedy; an error without a stack. */
async function controlFailure(error: ControlError, stateDir: string): Promise<CliError> {
  if (error.code !== 'absent') return new CliError(error.message, error.exitCode);
  const pid = await engineProcess(stateDir);
  const text =
    pid === undefined
      ? `${error.message}: start it (npm start), or name its directory with --state-dir`
      : `the engine on ${stateDir}, process ${pid}, does not listen: it is starting or ending, try again`;
  return new CliError(text, EXIT.unavailable);
}

/** Why a query got no answer, and whether the next start will find a kill. */
export async function queryFailure(context: CliContext, error: unknown, stateDir: string): Promise<unknown> {
  if (!(error instanceof ControlError)) return error;
  const failure = await controlFailure(error, stateDir);
  const kill = await killReason(stateDir);
  // Where another account keeps the file to itself nobody can say that there is none.
  const none = error.code === 'forbidden' ? undefined : null;
  if (context.json) context.printJson({ running: false, stateDir, kill: kill ?? none, reason: failure.message });
  if (kill === undefined) return failure;
  return new CliError(`${failure.message}\nits kill latch is set (${kill}): it will start halted`, failure.exitCode);
}

/** Why a command was not carried out; with --json it looks like a refusal of the engine itself. */
export async function commandFailure(
  context: CliContext,
  command: string,
  error: unknown,
  stateDir: string,
): Promise<unknown> {
  if (!(error instanceof ControlError)) return error;
  const failure = await controlFailure(error, stateDir);
  if (context.json) context.printJson({ command, accepted: false, text: failure.message });
  return failure;
}

/** A refusal goes to stderr, except with --json. */
export function printAnswer(context: CliContext, command: string, answer: CommandAnswer, more: object = {}): void {
  if (context.json) context.printJson({ command, ...answer, ...more });
  else if (answer.accepted) context.print(answer.text);
  else context.stderr.write(`${answer.text}\n`);
  if (!answer.accepted) process.exitCode = EXIT.failure;
}
