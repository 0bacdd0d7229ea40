// What is in force? The file, the flags over it, checked as one, all faults at once, then frozen.
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { camelKeys, deepFreeze } from './camel.ts';
import type { Place } from './document.ts';
import { readYaml } from './document.ts';
import { explain } from './explain.ts';
import { applyOverride, flagFor, parseOverrides } from './override.ts';
import type { Override, Overrides } from './override.ts';
import { configSchema, contradictions, slotCount } from './schema.ts';
import type { Config, ConfigFile, LogLevel } from './schema.ts';

export type Effective = Omit<ConfigFile, 'exchange'> & { readonly exchange: Omit<ConfigFile['exchange'], 'testnet'> };

export type LoadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      /** The same as it would be written in a file: snake_case, every default filled in. */
      readonly effective: Effective;
      /** SHA-256 of the effective configuration, in hex; the same for the same values however they are written. */
      readonly digest: string;
      readonly warnings: readonly string[];
    }
  | {
      readonly ok: false;
      readonly errors: readonly string[];
      /** `flags` when the file is sound and only the command line is not. */
      readonly fault: 'file' | 'flags';
    };

interface LoadOptions {
  /** What errors call the file; its path unless given. */
  readonly name?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly overrides?: Overrides;
}

const refuse = (errors: readonly string[], fault: 'file' | 'flags'): LoadResult => ({ ok: false, errors, fault });

const dotted = (path: readonly PropertyKey[]): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .slice(1);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the file whole, as UTF-8. */
export function loadConfig(path: string, options: LoadOptions): LoadResult {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return unreadable(options.name ?? path, error);
  }
  return decodeConfig(bytes, options.name ?? path, options);
}

/** The same for a run that has something else to do while its disk hangs. */
export async function reloadConfig(path: string, options: LoadOptions): Promise<LoadResult> {
  const name = options.name ?? path;
  return readFile(path).then(
    (bytes) => decodeConfig(bytes, name, options),
    (error: unknown) => unreadable(name, error),
  );
}

function unreadable(name: string, error: unknown): LoadResult {
  const { code, message } = error as NodeJS.ErrnoException;
  const remedy = 'name another with --config FILE, or take config.yaml from the repository';
  if (code === 'ENOENT') return refuse([`${name}: there is no such file: ${remedy}`], 'file');
  return refuse([`${name}: cannot be read (${code ?? message}): ${remedy}`], 'file');
}

function decodeConfig(bytes: Buffer, name: string, options: LoadOptions): LoadResult {
  if (!isUtf8(bytes)) return refuse([`${name}: is not UTF-8 text: save it as UTF-8`], 'file');
  return parseConfig(new TextDecoder().decode(bytes), name, options);
}

/** `name` is what errors call the file. */
export function parseConfig(source: string, name: string, { env, overrides = {} }: LoadOptions): LoadResult {
  const at = ({ line, column }: Place): string => `${name}:${line}:${column}`;
  const document = readYaml(source);
  const flags = parseOverrides(overrides);
  if (document.faults.length > 0) {
    return refuse([...document.faults.map(({ place, message }) => `${at(place)} ${message}`), ...flags.errors], 'file');
  }
  if (document.value !== null && document.value !== undefined && !isRecord(document.value)) {
    return refuse(
      [`${name}:1:1 must be sections of keys, like "exchange:" and under it "  environment: simulator"`],
      'file',
    );
  }
  const raw = document.value ?? {};
  // A section whose keys are all commented out reads as null; it says nothing, so it is all defaults.
  for (const [key, value] of Object.entries(raw)) if (value === null) raw[key] = {};
  const alone = structuredClone(raw);
  for (const override of flags.overrides) applyOverride(raw, override);
  const old = oldName(raw, flags.overrides);

  const errors: string[] = [...flags.errors];
  let fileErrors = 0;
  const blame = (path: readonly PropertyKey[], aim: 'key' | 'value', message: string, isFiles = true): void => {
    const flag = flagFor(flags.overrides, path);
    if (flag === undefined && isFiles) fileErrors++;
    errors.push(
      flag === undefined ? `${at(document.placeOf(path, aim))} ${dotted(path)}: ${message}` : `${flag}: ${message}`,
    );
  };
  if (old.error !== undefined) blame(['exchange', 'testnet'], 'value', old.error);
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      for (const { path, aim, message } of explain(raw, issue)) blame(path, aim, message);
    }
  } else {
    const found = contradictions(parsed.data, env);
    const own = found.length > 0 ? contradictedKeys(alone, env) : undefined;
    for (const { path, message } of found) blame(path, 'value', message, own?.has(dotted(path)));
  }
  if (errors.length > 0 || !parsed.success) return refuse(errors, fileErrors > 0 ? 'file' : 'flags');
  const { testnet: _old, ...exchange } = parsed.data.exchange;
  const effective = { ...parsed.data, exchange };
  const config = finish(effective);
  const warnings = [old.warning, unusedServer(raw)].filter((one) => one !== undefined).map((one) => `${name}: ${one}`);
  return { ok: true, config, effective, digest: digestOf(config), warnings };
}

/** Where a file contradicts itself without any flag; undefined of one that cannot be read so. */
function contradictedKeys(raw: Record<string, unknown>, env: LoadOptions['env']): ReadonlySet<string> | undefined {
  oldName(raw, []);
  const { success, data } = configSchema.safeParse(raw);
  return success ? new Set(contradictions(data, env).map(({ path }) => dotted(path))) : undefined;
}

/** `exchange.testnet` of old files: turned into `environment`; a flag that names the environment goes before both of the file. */
function oldName(raw: Record<string, unknown>, flags: readonly Override[]): { error?: string; warning?: string } {
  const exchange = raw['exchange'];
  if (!isRecord(exchange) || typeof exchange['testnet'] !== 'boolean') return {};
  const means = exchange['testnet'] ? 'testnet' : 'mainnet';
  const environment = exchange['environment'];
  const isFlag = (key: string): boolean => flags.some(({ path }) => path.join('.') === `exchange.${key}`);
  if (isFlag('environment') && !isFlag('testnet')) return {};
  if (environment !== undefined && typeof environment !== 'string') return {};
  if (environment === undefined) {
    exchange['environment'] = means;
    return { warning: `exchange.testnet is an old name: write "environment: ${means}" instead` };
  }
  if ((environment === 'testnet') === exchange['testnet']) return {};
  return { error: `means ${means}, but exchange.environment is ${environment}: remove exchange.testnet` };
}

/** The original design knew no server but one of the user's: whoever describes it as there, and asks for none, gets ours. */
function unusedServer({ database }: Record<string, unknown>): string | undefined {
  if (!isRecord(database) || database['host'] === undefined || database['mode'] !== undefined) return undefined;
  return 'database.host names a server that is not used: write "mode: external" to use it, "mode: embedded" for our own';
}

/** What a database may hold of it: the address of alerts may be a secret. */
export function storable(effective: Effective): Effective {
  return { ...effective, alerts: { ...effective.alerts, webhook_url: undefined } };
}

/** The first design's words, in Python's, where they are others than the log's. */
const LEVEL_WORDS: Readonly<Record<string, LogLevel>> = { warning: 'warn', critical: 'fatal' };

function finish(file: Effective): Config {
  const level = file.logging.level.toLowerCase();
  return deepFreeze(
    camelKeys({
      ...file,
      market: { ...file.market, slots: slotCount(file) },
      logging: { ...file.logging, level: LEVEL_WORDS[level] ?? (level as LogLevel) },
    }),
  ) as Config;
}

function digestOf(config: Config): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}
