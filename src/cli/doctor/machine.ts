// Is this machine fit: its Node, its environment, its configuration, its state directory?
import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { askEngine } from '../../ops/control-client.ts';
import { statusView } from '../../ops/control-view.ts';
import { DISK_FREE_MIN } from '../../risk/limits.ts';
import { settingFaults, startCheck } from '../../risk/start-check.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { type Check, fail, ok, settingCheck, skipped, warn } from './check.ts';
import { engineProcess } from '../running/engine-process.ts';
import { killReason } from '../running/running-engine.ts';

const NODE_MAJOR = 24;
const OTHERS = 0o077;
/** The spool and the log of a long outage of the database fit above it. */
const DISK_FREE_WISHED = 5 * DISK_FREE_MIN;
const GIB = 2 ** 30;
/** Node takes what follows a `#` for a comment, though nothing stands between; systemd and Docker take it for a part of the value. */
const CUT_VALUE = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*[^\s#'"`][^\n#]*(?<!\s)#/gm;

export function nodeCheck(version: string): Check {
  const major = Number(version.slice(1).split('.', 1)[0]);
  if (major === NODE_MAJOR) return ok('node', version);
  return warn(
    'node',
    `${version} is not the one that is tested`,
    `npm start and npx plotnost bring Node ${NODE_MAJOR}`,
  );
}

/** Variables that would print keys or let anybody read them, and a file of secrets that others can read (S11, S12) or that is misread. */
export async function environmentChecks({ env, cwd }: Pick<CliContext, 'env' | 'cwd'>): Promise<Check[]> {
  const found: Check[] = [];
  if (env['BYBITTRACE'] !== undefined)
    found.push(fail('environment', 'BYBITTRACE prints requests with their keys', 'unset it'));
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const text = 'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody read orders and keys';
    found.push(fail('environment', text, 'unset it'));
  }
  const file = path.join(cwd, '.env');
  const facts = await stat(file).catch(() => undefined);
  if (facts !== undefined && (facts.mode & OTHERS) !== 0)
    found.push(warn('environment', `${file} can be read by other accounts`, `chmod 600 ${file}`));
  const text = facts?.isFile() === true ? await readFile(file, 'utf8').catch(() => '') : '';
  for (const [, name] of text.matchAll(CUT_VALUE)) {
    const cut = `${file}: the value of ${name} ends before its #`;
    found.push(warn('environment', cut, 'put it into quotes if that belongs to it'));
  }
  return found.length === 0 ? [ok('environment', 'nothing in it gives secrets away')] : found;
}

/**
 * Its warnings.
 * @throws {CliError} 78 where it would give secrets away
 */
export async function safeEnvironment(context: Pick<CliContext, 'env' | 'cwd'>): Promise<Check[]> {
  const checks = await environmentChecks(context);
  const leak = checks.find(({ verdict }) => verdict === 'fail');
  if (leak !== undefined) throw new CliError(`${leak.text}: ${leak.remedy}`, EXIT.config);
  return checks.filter(({ verdict }) => verdict === 'warn');
}

export function configurationChecks(file: string, config: Config): Check[] {
  const { trading, safety, strategy, exchange, paper } = config;
  const fee = trading.mode === 'paper' ? paper.takerFeePercent : undefined;
  const faults = settingFaults({ ...trading, ...safety }, strategy, fee);
  const what = `${file}: environment ${exchange.environment}, trading ${trading.mode}`;
  return faults.length === 0 ? [ok('configuration', what)] : faults.map(settingCheck(fail, 'configuration'));
}

/** Of settings that are allowed. */
export function doubtChecks({ trading, safety }: Config): Check[] {
  return startCheck({ ...trading, ...safety }, [], undefined).warnings.map(settingCheck(warn, 'configuration'));
}

export const HIDDEN = 'only the account of the state directory can look into it: ask as that one (sudo -u)';

/** It is there, and what is in it is not told to this account. */
export const isHidden = (stateDir: string): Promise<boolean> =>
  stat(`${stateDir}/.`).then(
    () => false,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'EACCES',
  );

export async function stateChecks(stateDir: string): Promise<Check[]> {
  const facts = await stat(stateDir).catch(() => undefined);
  if (facts === undefined) return missing(stateDir);
  if (!facts.isDirectory()) return [fail('state', `${stateDir} is no directory`, 'name another with --state-dir')];
  const checks = [await writable(stateDir)];
  if ((facts.mode & OTHERS) !== 0)
    checks.push(warn('state', `${stateDir} is open to other accounts`, `chmod 700 ${stateDir}`));
  checks.push(await diskOf(stateDir));
  if (await isHidden(stateDir)) return [...checks, skipped('lock', HIDDEN)];
  const pid = await engineProcess(stateDir);
  checks.push(pid === undefined ? ok('lock', 'no engine runs here') : await engineCheck(stateDir, pid));
  const kill = await killReason(stateDir);
  if (kill !== undefined)
    checks.push(warn('kill switch', `is latched (${kill})`, 'nothing is entered until `npx plotnost resume`'));
  return checks;
}

/** It has the directory: does it also listen to its operator? */
async function engineCheck(stateDir: string, pid: number): Promise<Check> {
  const text = `the engine of process ${pid} runs here`;
  try {
    const { desk } = statusView.parse(await askEngine(stateDir, { ask: 'status' }, systemClock));
    return ok('lock', `${text}, ${desk === null ? 'watching only' : `mode ${desk.mode}`}`);
  } catch (error) {
    return warn(
      'lock',
      `${text}, and does not answer (${messageOf(error)})`,
      'wait while it starts or ends, else end it',
    );
  }
}

/** It is made by the first run: can it be? */
async function missing(stateDir: string): Promise<Check[]> {
  let parent = path.dirname(stateDir);
  while ((await stat(parent).catch(() => undefined)) === undefined && parent !== path.dirname(parent))
    parent = path.dirname(parent);
  const trial = await writable(parent);
  if (trial.verdict !== 'ok') return [trial];
  return [ok('state', `${stateDir} does not exist yet: the first run makes it`), await diskOf(parent)];
}

async function diskOf(directory: string): Promise<Check> {
  const { bavail, bsize } = await statfs(directory);
  return diskCheck(bavail * bsize);
}

async function writable(directory: string): Promise<Check> {
  const trial = path.join(directory, `.doctor-${randomUUID()}`);
  try {
    const file = await open(trial, 'wx', 0o600);
    try {
      await file.writeFile('written\n');
      await file.sync();
    } finally {
      await file.close();
      await rm(trial, { force: true });
    }
    return ok('state', `${directory} can be written`);
  } catch (error) {
    const remedy = 'make it writable for this account, or name another with --state-dir';
    return fail('state', `${directory} cannot be written (${messageOf(error)})`, remedy);
  }
}

/** `free`: bytes. */
export function diskCheck(free: number): Check {
  const text = `${(free / GIB).toFixed(1)} GiB are free`;
  const least = `below ${DISK_FREE_MIN / GIB} GiB nothing is entered`;
  if (free < DISK_FREE_MIN) return fail('disk', text, `make room: ${least}`);
  return free < DISK_FREE_WISHED ? warn('disk', text, `make room soon: ${least}`) : ok('disk', text);
}

export const noConfiguration = (): Check => skipped('everything else', 'the configuration has to be sound first');
