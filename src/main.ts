#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4 --no-parallel-scavenge --no-allocation-site-pretenuring --heap-growing-percent=20
// The process: its environment, its exit code. Everything else is loaded only once what was compiled is at hand.
import { readFileSync } from 'node:fs';
import { catchEarlySignals } from './cli/run/early-signals.ts';

if (process.argv.includes('run')) catchEarlySignals();
const { keepCompiled } = await import('./lib/compiled.ts');
keepCompiled();
const { inlineConstants } = await import('./lib/literals.ts');
inlineConstants();
const { CliError, createContext, EXIT } = await import('./cli/context.ts');
const { messageOf } = await import('./lib/error-message.ts');
const { waitForFarAddresses } = await import('./lib/address-patience.ts');
waitForFarAddresses();

/** What is said of our end may repeat what a server was sent: not before the secrets are out of it. */
let hide = (text: string): string => text;

const words = process.argv.slice(2);
const { stdout } = process;
/** Told by the stream itself: not every command prints through its context. */
let hasPrinted = false;
const print = stdout.write.bind(stdout) as (...args: readonly unknown[]) => boolean;
stdout.write = (...args: readonly unknown[]) => {
  hasPrinted = true;
  return print(...args);
};

/** A program that asked for JSON reads one value also where there is no answer, but none behind one. */
function answer(error: unknown, exitCode: number): void {
  if (exitCode === EXIT.ok || hasPrinted || !words.includes('--json')) return;
  const message = messageOf(error);
  const reason = message === '(outputHelp)' ? 'name a command' : message.replace(/^error: /, '');
  stdout.write(`${JSON.stringify({ error: hide(reason), exitCode })}\n`);
}

function report(error: unknown): number {
  const exitCode = tell(error);
  answer(error, exitCode);
  return exitCode;
}

/** Bad input is one message without a stack; anything else is a bug and shows where. */
function tell(error: unknown): number {
  if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') {
    // Commander has already said it, in its own words; its every code but 0 is wrong usage.
    if ('code' in error && String(error.code).startsWith('commander.'))
      return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`${hide(error.message)}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${hide(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
  return EXIT.internal;
}

/** What the environment already has goes before `.env`. */
function readEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new CliError(`.env: cannot be read (${code ?? message}): mend or remove it`, EXIT.config);
  }
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new CliError('the current folder is not there any more: go to one that is (cd)', EXIT.config);
  }
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return `plotnost ${(JSON.parse(manifest) as { version: string }).version} (Node ${process.version})`;
}

process.on('uncaughtException', (error) => {
  process.exit(report(error));
});
// `plotnost … | head` closes the pipe: nobody listens any more, so there is nothing left to say but what is known so far.
stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit();
  const place = `stdout: cannot be written (${code ?? message})`;
  process.exit(report(new CliError(`${place}: make room where it leads, or lead it elsewhere`, EXIT.failure)));
});
// Nobody can be told of it: the exit code says what became of the command.
process.stderr.on('error', () => undefined);

try {
  readEnvFile();
  const { createProgram, obey } = await import('./cli/program.ts');
  const { env, stderr } = process;
  const context = createContext({ env, cwd: currentFolder(), stdout, stderr });
  hide = (text) => context.hide(text);
  await obey(await createProgram(context, version, words), context, words);
} catch (error) {
  process.exitCode = report(error);
}
