// What does a command say, and with which exit code does it end, where it is given what cannot be?
import { spawnSync, type StdioOptions } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { claimDirectory } from '../../src/store/server/claim.ts';
import { ownFolder } from '../own-folder.ts';
import { crowdedDisk } from '../state/small-disk.ts';
import { MAIN } from '../program.ts';

let room: string;

beforeEach(() => {
  room = ownFolder();
});

interface Said {
  /** Null where it had to be killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function plotnost(...words: readonly string[]): Said {
  return plotnostInto('pipe', ...words);
}

function plotnostInto(stdio: StdioOptions, ...words: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: room,
    encoding: 'utf8',
    stdio,
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

test.each([
  ['run --state-dir /proc/none/state', 'state.dir: /proc/none/state'],
  ['run --set logging.file=/proc/none/plotnost.log', 'logging.file: /proc/none'],
  ['run --set database.mode=off --set dashboard.token_file=/proc/none/token', 'dashboard.token_file: /proc/none/token'],
  ['migrate up --state-dir /proc/none/state', 'the state directory /proc/none/state'],
])('“%s”, where no folder can be made and nobody says why, ends with a line', (words, told) => {
  const { status, stderr } = plotnost(...words.split(' '));
  expect([status, stderr.startsWith(told), stderr.trim().split('\n').length]).toEqual([78, true, 1]);
});

test.for([
  ['--state-dir DISK/state', 'state.dir: DISK/state cannot be made'],
  ['--set logging.file=DISK/logs/plotnost.log', 'logging.file: DISK/logs cannot be written'],
  ['--state-dir DISK --set logging.file=null', 'cannot lock DISK'],
] as const)(
  'a run with %s on a disk that is full may go well later: its configuration is sound',
  ([words, told], { skip }) => {
    const { dir, isSmall } = crowdedDisk();
    skip(!isSmall, 'nobody may mount one here');
    const { status, stderr } = plotnost('run', ...words.replace('DISK', dir).split(' '));
    expect([status, stderr.trim()]).toEqual([75, expect.stringMatching(/ENOSPC.*\): make room on its disk$/)]);
    expect(stderr).toContain(told.replace('DISK', dir));
  },
);

test('R08: an upgrade that cannot read the database of before is refused, and no crash that would halt the next start', () => {
  const postgres = path.join(room, 'state', 'postgres');
  mkdirSync(postgres, { recursive: true });
  writeFileSync(path.join(postgres, 'PG_VERSION'), '9\n');
  const { status, stderr } = plotnost('run', '--set', 'dashboard.enabled=false');
  const { runs } = JSON.parse(readFileSync(path.join(room, 'state', 'runs.json'), 'utf8')) as { runs: object[] };
  expect(stderr).toContain('was made by PostgreSQL 9');
  expect([status, runs]).toMatchObject([78, [{ end: { reason: 'refused' } }]]);
});

const SCENARIOS = {
  'empty.yaml': '',
  'two.yaml': 'name: one\n---\nname: two\n',
  'twice.yaml': 'name: one\nname: two\n',
  'alias.yaml': 'name: *one\nlasts: 1s\n',
  'setting.yaml': 'name: one\nlasts: 1s\nsettings:\n  strategy.max_stop_percent: 99\n',
  'reason.yaml': 'name: one\nlasts: 1s\ntrades:\n  - symbol: SOLUSDT\n    reason: bogus\n',
};

test.each([
  ['help bogus', 64, "error: unknown command 'bogus'"],
  ['help params bogus', 64, "error: unknown command 'bogus'"],
  ['params help bogus', 64, "error: unknown command 'bogus'"],
  ['help status bogus', 64, "error: unknown command 'bogus'"],
  ['simulator --environment demo', 64, "error: unknown option '--environment'"],
  ['--environment demo simulator --virtual', 64, 'error: simulator does not read --environment'],
  [
    'run --set exchange.environment=testnet --environment mainnet',
    64,
    '--environment: is "mainnet", but --set exchange.environment is "testnet": leave one of the two out',
  ],
  [
    'run --environment testnet --environment mainnet',
    64,
    "argument 'mainnet' is invalid. It is testnet already: leave one of the two out",
  ],
  [
    '--environment testnet run --environment mainnet',
    64,
    'error: --environment is testnet, and mainnet as well: leave one of the two out',
  ],
  ['report --by symbol densities', 64, 'error: densities does not read --by'],
  ['--set market.slots=9 simulator --virtual', 64, 'error: simulator does not read --set'],
  ['simulator --virtual --scenario empty.yaml', 65, 'empty.yaml: says nothing: write a scenario like'],
  ['simulator --virtual --scenario two.yaml', 65, 'two.yaml:2 a second document begins here: one file is one scenario'],
  ['simulator --virtual --scenario twice.yaml', 65, 'twice.yaml:2 this key stands twice: remove one of the two'],
  [
    'run --scenario setting.yaml',
    64,
    'setting.yaml:4 settings.strategy.max_stop_percent: must be within 0.05 … 5 % of price, not 99',
  ],
  ['run --scenario reason.yaml', 65, 'reason.yaml:5 trades.0.reason: "bogus" is none of'],
  ['simulator --virtual --scenario alias.yaml', 65, 'alias.yaml: Unresolved alias'],
])('“%s” ends with %i and says why', (words, code, told) => {
  for (const [file, text] of Object.entries(SCENARIOS)) writeFileSync(path.join(room, file), text);
  const { status, stdout, stderr } = plotnost(...words.split(' '));
  expect([status, stdout]).toEqual([code, '']);
  expect(stderr).toContain(told);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
});

test.each(['why BTCUSDT', 'report densities', 'migrate status'])(
  'a program that asks “%s --json” where nothing is stored is told so as one JSON value, as a person is in words',
  (words) => {
    const { status, stdout, stderr } = plotnost(...words.split(' '), '--json');
    const reason = stderr.trim();
    expect(reason).toMatch(/^nothing is stored in .* yet: run the engine first/);
    expect([status, stdout]).toEqual([1, `${JSON.stringify({ answered: false, reason })}\n`]);
  },
);

test.each(['report', 'params get DOGEUSDT'])(
  '“%s”, where the state directory cannot be looked into, does not say that nothing is stored there',
  (words) => {
    const file = path.join(room, 'state');
    writeFileSync(file, '');
    const { status, stdout, stderr } = plotnost(...words.split(' '), '--state-dir', file);
    const remedy = 'ask as the account that its engine runs under, or name another with --state-dir';
    const told = `the state directory ${file} cannot be looked into (ENOTDIR): ${remedy}\n`;
    expect([status, stdout, stderr]).toEqual([78, '', told]);
  },
);

test('a recording to which nothing came says what it waited for', () => {
  const set = ['exchange.endpoints.rest=http://127.0.0.1:1', 'exchange.endpoints.public=ws://127.0.0.1:1'];
  const { status, stderr } = plotnost('record', '--duration', '1s', ...set.flatMap((one) => ['--set', one]));
  expect([status, stderr]).toEqual([69, 'no frame came (instruments-info: ECONNREFUSED): no file was kept\n']);
});

test('who asks while the engine’s database comes up is told to ask again, not to stop the engine', async () => {
  mkdirSync(path.join(room, 'postgres'));
  const held = await claimDirectory(room);
  const { status, stdout, stderr } = plotnost('why', 'BTCUSDT', '--state-dir', room);
  await held.release();
  expect([status, stdout]).toEqual([75, '']);
  expect(stderr).toMatch(/^the database in .* is held by an engine or another command .*: try again in a moment\n$/);
});

test.each(['why BTCUSDT', 'report', 'migrate up', 'params unset DOGEUSDT enabled'])(
  '“%s”, where the server of the configuration does not answer, says which it is and whose account',
  (words) => {
    const [host, user] = ['database.host=127.0.0.1', 'database.user_env=PATH'];
    const set = ['database.mode=external', host, 'database.port=1', user, 'database.password_env=PATH'];
    const { status, stderr } = plotnost(...words.split(' '), ...set.flatMap((one) => ['--set', one]));
    const remedy =
      'is a PostgreSQL at 127.0.0.1:1 with a database plotnost, for the account in PATH and PATH, that takes database.ssl: off?';
    expect([status, stderr]).toEqual([69, `cannot reach PostgreSQL: connect ECONNREFUSED 127.0.0.1:1: ${remedy}\n`]);
  },
);

test.each([
  ['status --json --bogus', 64, "unknown option '--bogus'"],
  ['--json stauts', 64, "unknown command 'stauts'\n(Did you mean status?)"],
  ['--json', 64, 'name a command'],
  ['why --json', 64, "missing required argument 'symbol'"],
  ['--json --set market.slots=9 simulator --virtual', 64, 'simulator does not read --set'],
  ['replay none.jsonl --json', 64, 'none.jsonl: there is no such file: check the path'],
  ['simulator --virtual --json --scenario alias.yaml', 65, 'alias.yaml: Unresolved alias'],
  ['run --json --config none.yaml', 78, 'none.yaml: there is no such file'],
  ['run --json --state-dir /proc/none/state', 78, 'state.dir: /proc/none/state cannot be made'],
])('“%s” ends with %i, and a program reads why as one JSON value', (words, exitCode, told) => {
  for (const [file, text] of Object.entries(SCENARIOS)) writeFileSync(path.join(room, file), text);
  const { status, stdout, stderr } = plotnost(...words.split(' '));
  const value: unknown = JSON.parse(stdout);
  expect([status, value]).toEqual([exitCode, { error: expect.stringContaining(told) as string, exitCode }]);
  expect(stderr).not.toBe('');
});

test('a program that has read an answer reads no second one, whatever the exit code', () => {
  const { status, stdout } = plotnost('status', '--json', '--state-dir', 'none');
  expect([status, JSON.parse(stdout)]).toMatchObject([69, { running: false }]);
});

test.each(['--json --help', 'status --json --help', '--json --version'])('“%s” is no mistake', (words) => {
  const { status, stdout } = plotnost(...words.split(' '));
  expect([status, stdout.includes('exitCode')]).toEqual([0, false]);
});

test.each([
  [['check-config', '--config', ''], "option '--config <file>'"],
  [['check-config', ''], "argument 'file'"],
  [['run', '--scenario', ''], "option '--scenario <file>'"],
  [['run', '--ledger', ''], "option '--ledger <file>'"],
  [['simulator', '--truth', ''], "option '--truth <file>'"],
  [['record', '--out', ''], "option '--out <file>'"],
  [['report', '--html', ''], "option '--html <file>'"],
  [['replay', 'there.jsonl', ''], "argument 'file'"],
  [['replay', 'there.jsonl', '--instruments', ''], "option '--instruments <file>'"],
])('%j names no file: that is said, and by which word', (words, named) => {
  const { status, stdout, stderr } = plotnost(...words);
  expect([status, stdout]).toEqual([64, '']);
  expect(stderr).toContain(named);
  expect(stderr).toContain('Name a file.');
});

test('what leads to a full device is told on one line', () => {
  const full = openSync('/dev/full', 'w');
  try {
    expect(plotnostInto(['ignore', full, 'pipe'], '--version')).toMatchObject({
      status: 1,
      stderr: 'stdout: cannot be written (ENOSPC): make room where it leads, or lead it elsewhere\n',
    });
    expect(plotnostInto(['ignore', 'pipe', full], 'status').status).toBe(69);
  } finally {
    closeSync(full);
  }
});

test('a folder that is not there any more is told on one line', () => {
  const away = "process.chdir(process.argv[1]); require('node:fs').rmdirSync(process.argv[1]); ";
  const start = `process.argv = [process.execPath, process.argv[2], '--version']; import(process.argv[1]);`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', away + start, room, MAIN], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([78, 'the current folder is not there any more: go to one that is (cd)\n']);
});
