// What do all commands share? The exit codes, the configuration under the global options, and the way to print.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig, reloadConfig } from '../config/load.ts';
import type { LoadResult } from '../config/load.ts';
import type { Overrides } from '../config/override.ts';
import type { Config } from '../config/schema.ts';
import { hiding } from '../ops/secrets.ts';

/** As in sysexits.h. A supervisor must not restart on `usage` and `config`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 64,
  data: 65,
  unavailable: 69,
  internal: 70,
  later: 75,
  config: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Bad input, or something that cannot be reached: shown without a stack. The message names the place and the remedy. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** Options that may stand before or after the command. */
export interface GlobalOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly set?: readonly string[];
  readonly environment?: string;
  readonly json?: boolean;
}

export type LoadedConfig = Extract<LoadResult, { ok: true }> & {
  /** Where the configuration came from. */
  readonly file: string;
  /** `state.dir` as an absolute path. */
  readonly stateDir: string;
};

export interface CliPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: {
    write(text: string): unknown;
    readonly isTTY?: boolean | undefined;
    /** Height of the terminal. */
    readonly rows?: number | undefined;
    readonly columns?: number | undefined;
  };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
}

export interface CliContext extends CliPorts {
  readonly json: boolean;
  /** `--environment` of the command line; undefined where it is not given. */
  readonly environment: string | undefined;
  /** Called before a command acts. */
  use(options: GlobalOptions): void;
  /** Reads and checks the file under the global options and a command's own; all faults in one `CliError`. */
  loadConfig(overrides?: Overrides): LoadedConfig;
  /** The same without throwing; `file` goes before `--config`. */
  tryConfig(
    file?: string,
    overrides?: Overrides,
    env?: CliPorts['env'],
  ): { readonly file: string; readonly result: LoadResult };
  /** Reads the configuration of a run again, without blocking. */
  reloadConfig(file: string, overrides: Overrides): Promise<LoadResult>;
  /** The environment's values of the variables that the configuration names for secrets: they must never be shown. */
  secretsOf(config: Config): readonly string[];
  /** The text without the secrets of the configuration that was loaded. */
  hide(text: string): string;
  /** One line of JSON on stdout: data goes there, the log goes to stderr or its file. */
  printJson(value: unknown): void;
  print(text: string): void;
}

const SHIPPED = fileURLToPath(new URL('../../config.yaml', import.meta.url));

export function createContext(ports: CliPorts): CliContext {
  let options: GlobalOptions = {};
  let hide = (text: string): string => text;
  const secretsOf: CliContext['secretsOf'] = ({ exchange, database, alerts }) => {
    const names = [exchange.apiKeyEnv, exchange.apiSecretEnv, database.passwordEnv, alerts.webhookUrlEnv];
    return names.map((name) => ports.env[name] ?? '');
  };

  /** Without `--config`: config.yaml of the working directory, else the shipped one. */
  const fileInForce = (named: string | undefined): string => {
    const file = named ?? options.config;
    if (file !== undefined) return file;
    return existsSync(path.join(ports.cwd, 'config.yaml')) ? 'config.yaml' : SHIPPED;
  };
  const under = (file: string, overrides: Overrides, env = ports.env) => ({
    env,
    name: file,
    overrides: {
      environment: options.environment,
      stateDir: options.stateDir,
      ...overrides,
      set: [...(options.set ?? []), ...(overrides.set ?? [])],
    },
  });
  const kept = (result: LoadResult): LoadResult => {
    if (result.ok) hide = hiding(secretsOf(result.config));
    return result;
  };
  const tryConfig: CliContext['tryConfig'] = (named, overrides = {}, env) => {
    const file = fileInForce(named);
    return { file, result: kept(loadConfig(path.resolve(ports.cwd, file), under(file, overrides, env))) };
  };
  return {
    ...ports,
    secretsOf,
    hide: (text) => hide(text),
    get json() {
      return options.json ?? false;
    },
    get environment() {
      return options.environment;
    },
    use: (given) => {
      options = given;
    },
    tryConfig,
    reloadConfig: async (file, overrides) =>
      kept(await reloadConfig(path.resolve(ports.cwd, file), under(file, overrides))),
    loadConfig: (overrides) => {
      const { file, result } = tryConfig(undefined, overrides);
      if (!result.ok) {
        throw new CliError(result.errors.join('\n'), result.fault === 'flags' ? EXIT.usage : EXIT.config);
      }
      for (const warning of result.warnings) ports.stderr.write(`${warning}\n`);
      return { ...result, file, stateDir: path.resolve(ports.cwd, result.config.state.dir) };
    },
    printJson: (value) => {
      ports.stdout.write(`${JSON.stringify(value)}\n`);
    },
    print: (text) => {
      ports.stdout.write(`${text}\n`);
    },
  };
}
