// A replay as the command line has it: arguments in, exit code and what was printed out.
import { CliError, createContext } from '../../../src/cli/context.ts';
import { createProgram } from '../../../src/cli/program.ts';
import type { ReplayReport } from '../../../src/cli/replay/replay.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runCli(
  args: readonly string[],
  isTTY = false,
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const context = createContext({
    env,
    cwd: process.cwd(),
    stdout: { write: (text) => (out += text) },
    stderr: Object.assign({ write: (text: string) => (err += text) }, { isTTY }),
  });
  try {
    const program = await createProgram(context, () => 'test', args);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { code: error.exitCode, out, err: `${err}${error.message}\n` };
  }
  return { code: 0, out, err };
}

export async function replayed(...args: string[]): Promise<ReplayReport> {
  const { out, code, err } = await runCli(['replay', '--json', ...args]);
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`);
  return JSON.parse(out) as ReplayReport;
}

/** What is in force where nothing is configured. */
export function defaultStrategy(): Config['strategy'] {
  const loaded = parseConfig('', 'test', { env: {} });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  return loaded.config.strategy;
}
