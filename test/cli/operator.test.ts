// Does an operator's command say what the engine says, do what was asked once, and tell the truth when nobody answers?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Command } from 'commander';
import { type CliPorts, createContext } from '../../src/cli/context.ts';
import { addOrderCommands } from '../../src/cli/running/order-commands.ts';
import { confirmAt, type Confirm } from '../../src/cli/running/resume.ts';
import { positionsText } from '../../src/cli/running/positions.ts';
import { createProgram } from '../../src/cli/program.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type DeskView, type PositionView, type StatusView, viewOfUnread } from '../../src/ops/control-view.ts';
import type { CommandAnswer } from '../../src/ops/control-words.ts';
import { accountFolder } from '../../src/state/account-folder.ts';
import { lockState } from '../../src/state/lock.ts';
import { asNobody } from '../as-nobody.ts';
import { ControlRoom, HELD, WATCHING } from '../ops/control-room.ts';
import { MAIN } from '../program.ts';

let room: ControlRoom;
let cwd: string;

beforeEach(async () => {
  room = await ControlRoom.make();
  cwd = await mkdtemp(path.join(tmpdir(), 'plotnost-operator-'));
});
afterEach(async () => {
  await room.close();
  await rm(cwd, { recursive: true, force: true });
});

interface Said {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

async function run(args: readonly string[], confirm?: Confirm, env: CliPorts['env'] = {}): Promise<Said> {
  let [out, err] = ['', ''];
  const context = createContext({
    env,
    cwd,
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  });
  let program = await createProgram(context, () => 'plotnost', args);
  if (confirm !== undefined) {
    context.use({ stateDir: room.stateDir });
    program = new Command('plotnost').exitOverride();
    addOrderCommands(program, context, confirm);
  }
  const before = process.exitCode;
  process.exitCode = 0;
  const flags = confirm === undefined ? ['--state-dir', room.stateDir] : [];
  const thrown = await program.parseAsync([...flags, ...args], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error as Error & { exitCode: number },
  );
  const code = thrown?.exitCode ?? Number(process.exitCode);
  process.exitCode = before;
  return { out, err: `${err}${thrown?.message ?? ''}`, code };
}

const desk = (change: Partial<DeskView>): StatusView => ({
  ...WATCHING,
  desk: { ...(WATCHING.desk as DeskView), ...change },
});

describe('with an engine', () => {
  beforeEach(() => room.listen());

  test('status tells mode, entries and positions, as text and as JSON', async () => {
    const { out, code } = await run(['status']);
    expect(code).toBe(0);
    expect(out).toContain('process 4711, simulator, trading live');
    expect(out).toMatch(/^mode +ACTIVE$/m);
    expect(out).toMatch(/^entries +on$/m);
    expect(out).toMatch(/^positions +1 open, 0 entries under way$/m);
    expect(JSON.parse((await run(['status', '--json'])).out)).toEqual({ running: true, ...WATCHING });
  });

  test('status says why there are no entries', async () => {
    room.status = desk({ mode: 'HALTED', latch: 'kill_switch', isKilled: true, killReason: 'flatten at noon' });
    const { out } = await run(['status']);
    expect(out).toMatch(/^mode +HALTED: kill_switch$/m);
    expect(out).toMatch(/^kill +latched: flatten at noon$/m);
    expect(out).toMatch(/^entries +off: mode HALTED$/m);
    room.status = desk({ mode: 'REDUCE_ONLY', blocks: ['operator.paused', 'clock'] });
    expect((await run(['status'])).out).toMatch(/^entries +off: operator\.paused, clock$/m);
    room.status = desk({ mode: 'REDUCE_ONLY', blocks: [] });
    expect((await run(['status'])).out).toMatch(/^entries +off: nothing .* come back within ten seconds$/m);
  });

  test('money is told with its unit, and what is not known as unknown', async () => {
    room.status = { ...WATCHING, account: { balance: '9999.5', unrealised: null } };
    const { out } = await run(['status']);
    expect(out).toMatch(/^balance +9999\.5 USDT$/m);
    expect(out).toMatch(/^unrealised +unknown$/m);
  });

  test('what is too small to be traded is named with what it takes, and memory with where it ends', async () => {
    const memory = { taken: 335_400_000, limit: 2_000_600_000 };
    room.status = { ...WATCHING, sizeBelowMinimum: { BTCUSDT: '65.14', SUIUSDT: '31.2' }, memory };
    const { out } = await run(['status']);
    expect(out).toMatch(/^size +below the minimum of BTCUSDT \(needs 65\.14 USDT\), SUIUSDT \(needs 31\.2 USDT\)$/m);
    expect(out).toMatch(/^memory +335 of at most 2001 MB$/m);
    room.status = { ...WATCHING, sizeBelowMinimum: {} };
    expect((await run(['status'])).out).not.toMatch(/^(?:size|memory)/m);
  });

  test('a contract that is not watched because its books cannot be read is named, and why', async () => {
    room.status = { ...WATCHING, leftOut: ['AAAUSDT', 'BBBUSDT'] };
    expect((await run(['status'])).out).toMatch(/^left out +AAAUSDT, BBBUSDT: their books do not fit their grids$/m);
    room.status = { ...WATCHING, leftOut: [] };
    expect((await run(['status'])).out).not.toMatch(/^left out/m);
  });

  test('an account that has not been compared yet is told so', async () => {
    room.status = desk({ reconciledAgoMs: null, entries: 1 });
    const { out } = await run(['status']);
    expect(out).toMatch(/^reconciled +not yet$/m);
    expect(out).toMatch(/^positions +1 open, 1 entry under way$/m);
  });

  test('an engine that only watches says so', async () => {
    room.status = { ...WATCHING, desk: null, market: { books: 40, unread: null } };
    const { out } = await run(['status']);
    expect(out).toMatch(/^mode +watching only: trading.mode is off$/m);
    expect(out).toMatch(/^market +40 books, unknown unread$/m);
  });

  test('positions tells what is held and where its stop stands', async () => {
    const { out } = await run(['positions']);
    expect(out).toMatchInlineSnapshot(`
      "symbol   side  size  entry   mark   stop                 unrealised   age         strategy  state
      SOLUSDT  long  1.3   78.005  78.42  77.51 by mark, seen  0.5395 USDT  1 min 35 s  bounce    protected
      "
    `);
    expect(JSON.parse((await run(['positions', '--json'])).out)).toEqual([HELD]);
  });

  test('on a terminal that is too narrow for the table, positions are told over some lines and nothing of them is lost', () => {
    const naked = { ...HELD, symbol: '1000PEPEUSDT', nakedMs: 61_000, closing: 'emergency_stop_missing' };
    expect(positionsText([HELD, naked], 80)).toMatchInlineSnapshot(`
      "SOLUSDT  long  size 1.3  entry 78.005  mark 78.42  stop 77.51 by mark, seen
        unrealised 0.5395 USDT  age 1 min 35 s  strategy bounce  state protected
      1000PEPEUSDT  long  size 1.3  entry 78.005  mark 78.42
        stop 77.51 by mark: NOT SEEN for 1 min 1 s  unrealised 0.5395 USDT
        age 1 min 35 s  strategy bounce  state protected: emergency stop missing"
    `);
    const tooWide = [60, 80, 100].flatMap((columns) =>
      positionsText([HELD, naked], columns)
        .split('\n')
        .filter((line) => line.length > columns),
    );
    expect(tooWide).toEqual([]);
    expect(positionsText([HELD], 99).split('\n')).toHaveLength(2);
  });

  test('what is not ours is said to be so, and what nobody knows is a question mark', () => {
    const rowOf = (change: Partial<PositionView>): string =>
      (positionsText([{ ...HELD, ...change }]).split('\n')[1] ?? '').replaceAll(/ {2,}/g, ' | ');
    expect(rowOf({ foreignSize: '-2.0' })).toContain('1.3 (and -2.0 not ours)');
    expect(rowOf({ size: '0', foreignSize: '2.0', side: null, strategy: null, stop: null })).toContain(
      'SOLUSDT | – | 2.0 (not ours) | 78.005 | 78.42 | – | 0.5395 USDT | 1 min 35 s | not ours',
    );
    const unknown = { entryPrice: null, markPrice: null, unrealised: null, ageMs: null };
    expect(rowOf(unknown)).toContain('1.3 | ? | ? | 77.51 by mark, seen | ? | ? | bounce');
    expect(rowOf({ state: 'opening', entryOrder: 'sent' })).toMatch(/opening: entry sent$/);
    const stop = { price: '78.02', by: 'last', isSeen: false, isBreakeven: true };
    expect(rowOf({ stop })).toContain('78.02 by last, breakeven, not seen yet');
    expect(positionsText([])).toBe('nothing is held, and nothing is being opened');
    expect(
      positionsText([viewOfUnread('SOLUSDT')], 200)
        .split('\n')
        .at(-1)
        ?.split(/ {2,}/),
    ).toEqual(['SOLUSDT', '?', '?', '?', '?', '?', '?', '?', '?', 'unread']);
  });

  test.each([
    ['pause', [], { kind: 'pause' }],
    ['close', ['solusdt'], { kind: 'close', symbol: 'SOLUSDT' }],
    ['close', ['币安人生usdt'], { kind: 'close', symbol: '币安人生USDT' }],
    ['flatten', ['--no-wait'], { kind: 'kill' }],
    ['resume', ['--yes'], { kind: 'resume' }],
  ])('%s is taken once, under an id of its own each time', async (name, args, taken) => {
    expect(await run([name, ...args])).toMatchObject({ code: 0, out: `${taken.kind} taken\n` });
    const { out } = await run([name, ...args, '--json']);
    expect(JSON.parse(out)).toMatchObject({ command: name, accepted: true, text: `${taken.kind} taken` });
    expect(room.commands).toMatchObject([taken, taken]);
    expect(new Set(room.commands.map(({ id }) => id)).size).toBe(2);
  });

  test('what the engine refuses fails, with its words', async () => {
    room.carryOut = () => Promise.resolve({ accepted: false, text: 'no position of ours in SOLUSDT' });
    expect(await run(['close', 'SOLUSDT'])).toMatchObject({
      code: 1,
      out: '',
      err: 'no position of ours in SOLUSDT\n',
    });
    const { out, code } = await run(['close', 'SOLUSDT', '--json']);
    expect(JSON.parse(out)).toMatchObject({ accepted: false });
    expect(code).toBe(1);
  });

  test.each(['status', 'positions', 'pause', 'resume --yes'])(
    '%s of an engine of another version fails with 69',
    async (words) => {
      room.status = {} as StatusView;
      room.positions = [{} as PositionView];
      room.carryOut = () => Promise.resolve({} as CommandAnswer);
      const { code, out, err } = await run(words.split(' '));
      expect({ code, out }).toEqual({ code: 69, out: '' });
      expect(err).toBe(`the engine on ${room.stateDir} is of another version: use its own command`);
    },
  );

  test('a symbol that is none reaches nobody', async () => {
    expect((await run(['close', 'SOL/USDT'])).code).not.toBe(0);
    expect(room.commands).toEqual([]);
  });

  test('a flag that cannot be reaches nobody either', async () => {
    const { code, err } = await run(['flatten', '--environment', 'mainet']);
    expect([code, room.commands]).toEqual([64, []]);
    expect(err).toContain('--environment: must be one of simulator, testnet, demo, mainnet');
  });

  test('a configuration with a mistake keeps nobody from the kill', async () => {
    await writeFile(path.join(cwd, 'config.yaml'), 'trading:\n  modus: live\n');
    const { code, err } = await run(['flatten', '--no-wait']);
    expect(err).toContain('has mistakes');
    expect(code).toBe(0);
    expect(room.commands).toMatchObject([{ kind: 'kill' }]);
  });

  test('nor does a mistake in the environment', async () => {
    const { code, err } = await run(['flatten', '--no-wait'], undefined, { ALERTS_WEBHOOK_URL: 'no address' });
    expect(err).toContain('has mistakes');
    expect(code).toBe(0);
    expect(room.commands).toMatchObject([{ kind: 'kill' }]);
  });
});

test('an engine that trades for real is killed also from where its keys are not', async () => {
  room.status = { ...WATCHING, engine: { ...WATCHING.engine, environment: 'mainnet' } };
  await room.listen();
  const live = ['--environment', 'mainnet', '--set', 'trading.mode=live'];
  const { code, err } = await run(['flatten', '--no-wait', ...live]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(room.commands).toMatchObject([{ kind: 'kill' }]);
});

test.each(['status', 'positions', 'pause', 'close SOLUSDT', 'resume --yes', 'flatten', 'flatten --no-wait --json'])(
  '“%s --environment mainnet” means no engine of the simulator: it is told so, and nothing happens to it',
  async (words) => {
    await room.listen();
    const { code, out, err } = await run([...words.split(' '), '--environment', 'mainnet']);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain('is on simulator, not on mainnet: name the directory of the one that is with --state-dir');
    expect(room.commands).toEqual([]);
  },
);

test('a kill of a named environment is not kept from an engine that does not tell its own', async () => {
  room.status = {} as StatusView;
  await room.listen();
  expect(await run(['flatten', '--no-wait', '--environment', 'mainnet'])).toMatchObject({ code: 0 });
  expect(room.commands).toMatchObject([{ kind: 'kill' }]);
});

describe('flatten', () => {
  beforeEach(() => room.listen());

  test('waits until the exchange has said that all is flat, through loss of the stream too', async () => {
    const course = [
      desk({ mode: 'EMERGENCY', latch: 'kill_switch', isKilled: true, positions: 2 }),
      desk({ mode: 'RECONCILING', latch: 'kill_switch', isKilled: true, positions: 0 }),
      desk({ mode: 'EMERGENCY', latch: 'kill_switch', isKilled: true, positions: 1 }),
      desk({ mode: 'HALTED', latch: 'kill_switch', isKilled: true, positions: 0 }),
    ];
    Object.defineProperty(room, 'status', { get: () => (course.length > 1 ? course.shift() : course[0]) });
    const { out, err, code } = await run(['flatten']);
    expect(code).toBe(0);
    expect(err.split('\n')).toEqual([
      'EMERGENCY: 2 still open or not known to be closed',
      'RECONCILING: 0 still open or not known to be closed',
      'EMERGENCY: 1 still open or not known to be closed',
      '',
    ]);
    expect(out).toMatch(/^flat: /m);
  });

  test('says that it does not know when the engine goes away meanwhile', async () => {
    let looks = 0;
    Object.defineProperty(room, 'status', {
      get: () => {
        if (++looks === 2) void room.close();
        return desk({ mode: 'EMERGENCY', isKilled: true });
      },
    });
    const { code, err } = await run(['flatten']);
    expect(code).toBe(69);
    expect(err).toContain('is not known');
  });

  test('an engine that is busy closing may miss some questions, but not for ever', async () => {
    const flat = desk({ mode: 'HALTED', isKilled: true, positions: 0 });
    const closing = desk({ mode: 'EMERGENCY', isKilled: true, positions: 1 });
    const unanswered = {} as StatusView;
    const four = [unanswered, unanswered, unanswered, unanswered];
    const courses = [
      [...four, closing, ...four, flat],
      [...four, unanswered, flat],
    ];
    const codes: number[] = [];
    for (const course of courses) {
      Object.defineProperty(room, 'status', { configurable: true, get: () => course.shift() });
      codes.push((await run(['flatten'])).code);
    }
    expect(codes).toEqual([0, 69]);
  });

  test('that the engine refuses fails with its words, and waits for nothing', async () => {
    room.carryOut = () => Promise.resolve({ accepted: false, text: 'no kill can be written' });
    expect(await run(['flatten'])).toEqual({ code: 1, out: '', err: 'no kill can be written' });
    const { code, out } = await run(['flatten', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ accepted: false, text: 'no kill can be written', flat: false });
  });

  test('of an engine that only watches has nothing to wait for, and claims nothing', async () => {
    room.status = { ...WATCHING, desk: null };
    expect(await run(['flatten'])).toMatchObject({ code: 0, out: 'kill taken\n' });
    expect(JSON.parse((await run(['flatten', '--json'])).out)).toMatchObject({ accepted: true, flat: null });
  });

  test('whose words nobody reads any more does not end as if all were flat', async () => {
    room.status = desk({ mode: 'EMERGENCY', isKilled: true });
    const child = spawn(process.execPath, [MAIN, 'flatten', '--state-dir', room.stateDir], { stdio: 'pipe' });
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(69);
    expect(room.commands).toMatchObject([{ kind: 'kill' }]);
  });

  test('in JSON says flat, not flat, or nothing of it', async () => {
    room.status = desk({ mode: 'HALTED', isKilled: true, positions: 0 });
    expect(JSON.parse((await run(['flatten', '--json'])).out)).toMatchObject({ accepted: true, flat: true });
    expect(JSON.parse((await run(['flatten', '--json', '--no-wait'])).out)).toMatchObject({ flat: null });
  });
});

describe('resume', () => {
  beforeEach(() => room.listen());
  const halted = desk({ mode: 'HALTED', latch: 'kill_switch', isKilled: true, killReason: 'by hand' });

  test('shows the reason, asks, and clears', async () => {
    room.status = halted;
    const asked: string[] = [];
    const { err, code } = await run(['resume'], (question) => Promise.resolve(asked.push(question) > 0));
    expect(code).toBe(0);
    expect(asked).toHaveLength(1);
    expect(err).toMatch(/HALTED: kill_switch\n.*latched: by hand/);
    expect(room.commands).toMatchObject([{ kind: 'resume' }]);
  });

  test('changes nothing when the answer is no, and does not guess where nobody can be asked', async () => {
    room.status = halted;
    expect(await run(['resume'], () => Promise.resolve(false))).toMatchObject({ code: 1 });
    const { code, err } = await run(['resume'], () => Promise.resolve(undefined));
    expect(code).toBe(64);
    expect(err).toContain('--yes');
    expect(room.commands).toEqual([]);
  });

  test.each([
    ['y\r', true],
    ['Yes \r', true],
    ['\r', false],
    ['yeah\r', false],
    ['\u0003', false],
    ['\u0004', false],
  ])('at the terminal %j is an answer: %s', async (keys, isWanted) => {
    const terminal = (): PassThrough & { readonly isTTY: true } =>
      Object.assign(new PassThrough(), { isTTY: true as const });
    const input = terminal();
    const answer = confirmAt(input, terminal(), 'Clear this?');
    input.write(keys);
    expect(await answer).toBe(isWanted);
  });

  test('where only one of the two is a terminal nobody is asked', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    expect(await confirmAt(terminal, new PassThrough(), 'Clear this?')).toBeUndefined();
    expect(await confirmAt(new PassThrough(), terminal, 'Clear this?')).toBeUndefined();
  });

  test('asks again when meanwhile there is another reason', async () => {
    room.status = halted;
    let asked = 0;
    await run(['resume'], () => {
      if (++asked === 1) room.status = desk({ mode: 'HALTED', latch: 'risk.runaway' });
      return Promise.resolve(true);
    });
    expect(asked).toBe(2);
  });

  test('does not ask where nothing stands in the way, and shows nothing', async () => {
    const ask: Confirm = () => Promise.reject(new Error('asked'));
    expect(await run(['resume'], ask)).toEqual({ code: 0, out: 'resume taken\n', err: '' });
    expect(await run(['resume', '--yes'], ask)).toEqual({ code: 0, out: 'resume taken\n', err: '' });
  });

  test('shows a script what it clears, and nothing else of how it stands', async () => {
    room.status = desk({ mode: 'REDUCE_ONLY', blocks: ['operator.paused'] });
    expect(await run(['resume', '--yes'])).toEqual({
      code: 0,
      out: 'resume taken\n',
      err: 'mode     REDUCE_ONLY\nentries  off: operator.paused\n',
    });
    expect(JSON.parse((await run(['resume', '--yes', '--json'])).out)).toMatchObject({
      before: { mode: 'REDUCE_ONLY', blocks: ['operator.paused'], isKilled: false },
    });
  });

  test('of an engine that only watches is refused', async () => {
    room.status = { ...WATCHING, desk: null };
    expect(await run(['resume', '--yes'])).toMatchObject({ code: 1, out: '' });
    expect(room.commands).toEqual([]);
  });
});

describe('without an engine', () => {
  test.each(['status', 'positions', 'pause', 'resume'])('%s says so and fails with 69', async (name) => {
    const { code, err, out } = await run([name]);
    expect(code).toBe(69);
    expect(err).toContain(`no engine is running on ${room.stateDir}`);
    expect(out).toBe('');
    expect(existsSync(path.join(room.stateDir, 'KILL'))).toBe(false);
  });

  test.each([
    ['status', { running: false, kill: null }],
    ['positions', { running: false, kill: null }],
    ['pause', { command: 'pause', accepted: false }],
    ['resume --yes', { command: 'resume', accepted: false }],
    ['close SOLUSDT', { command: 'close', accepted: false }],
    ['flatten', { command: 'flatten', accepted: false, flat: false }],
  ])('a program that asks for %s --json is told the same as one JSON object', async (words, told) => {
    const { code, out, err } = await run([...words.split(' '), '--json']);
    expect(code).toBe(69);
    expect(JSON.parse(out)).toMatchObject(told);
    expect(out).toMatch(/^\{.*\}\n$/);
    expect(err).toContain(`no engine is running on ${room.stateDir}`);
  });

  test('status as JSON says that it does not run, and what the next start will find', async () => {
    await writeFile(path.join(room.stateDir, 'KILL'), 'by hand\n');
    const { out, code } = await run(['status', '--json']);
    expect(JSON.parse(out)).toMatchObject({ running: false, kill: 'by hand', stateDir: room.stateDir });
    expect(code).toBe(69);
    expect((await run(['status'])).err).toMatch(/its kill latch is set \(by hand\): it will start halted$/);
  });

  test('flatten latches the kill for the next start, and says that nothing was closed', async () => {
    const { code, err } = await run(['flatten']);
    expect(code).toBe(69);
    expect(err).toContain('NOTHING WAS CLOSED');
    expect(readFileSync(path.join(room.stateDir, 'KILL'), 'utf8')).toMatch(/^flatten at \d{4}-/);
    const again = await run(['flatten', '--json']);
    expect(again.err).toContain('stood in');
    expect(JSON.parse(again.out)).toMatchObject({ accepted: false, flat: false });
  });

  test.each([
    ['mainnet', 64, false],
    ['demo', 69, true],
  ])(
    'flatten --environment %s ends with %i, and latches only where an account of that one has run: %s',
    async (environment, code, latches) => {
      await mkdir(path.join(room.stateDir, accountFolder('demo:paper')));
      const { code: ended, err } = await run(['flatten', '--environment', environment]);
      expect(ended).toBe(code);
      expect(err).toContain('NOTHING WAS CLOSED');
      expect(existsSync(path.join(room.stateDir, 'KILL'))).toBe(latches);
    },
  );

  test('flatten that cannot write the kill either says so, in capitals', async () => {
    await mkdir(path.join(room.stateDir, 'KILL.draft'));
    const { code, err, out } = await run(['flatten', '--json']);
    expect(code).toBe(69);
    expect(err).toMatch(/^no engine is running on .*, and .*KILL cannot be written \(EISDIR.*\): NOTHING WAS CLOSED$/);
    expect(JSON.parse(out)).toMatchObject({ accepted: false, text: err, flat: false });
  });

  test('in a folder of another account: flatten sends nobody to another directory, and status does not say that there is no kill', async () => {
    const hidden = path.join(room.stateDir, 'hidden', 'state');
    await mkdir(hidden, { recursive: true });
    await writeFile(path.join(cwd, 'config.yaml'), '');
    await chmod(cwd, 0o755);
    await chmod(path.dirname(hidden), 0);
    await chmod(room.stateDir, 0o755);
    const { code, err } = await asNobody(() => run(['flatten', '--state-dir', hidden]));
    const status = await asNobody(() => run(['status', '--json', '--state-dir', hidden]));
    await chmod(path.dirname(hidden), 0o700);
    expect(code).toBe(69);
    expect(err).toMatch(
      /^the engine on .* belongs to another account \(EACCES\): ask as that one .*, and .*KILL cannot be written .*: NOTHING WAS CLOSED$/,
    );
    expect(JSON.parse(status.out)).toEqual({ running: false, stateDir: hidden, reason: status.err });
  });

  test('of two flattens at once neither says that the kill could not be written: it is', async () => {
    const both = await Promise.all([run(['flatten']), run(['flatten'])]);
    for (const { err } of both) expect(err).toMatch(/; the kill (was written to|stood in) /);
    expect(readFileSync(path.join(room.stateDir, 'KILL'), 'utf8')).toMatch(/^flatten at \d{4}-/);
  });

  test('flatten makes no directory where there is none', async () => {
    await rm(room.stateDir, { recursive: true });
    const { code, err } = await run(['flatten']);
    expect(code).toBe(69);
    expect(err).toContain('no state directory');
    expect(existsSync(room.stateDir)).toBe(false);
  });

  test('one that holds the directory and does not listen is named, and finds the kill', async () => {
    const lock = await lockState(room.stateDir, systemClock, () => undefined);
    expect((await run(['status'])).err).toMatch(
      new RegExp(`^the engine on .*, process ${process.pid}, does not listen: `),
    );
    const { err } = await run(['flatten']);
    expect(err).toContain('NOT KNOWN');
    expect(existsSync(path.join(room.stateDir, 'KILL'))).toBe(true);
    await lock.release();
    expect((await run(['status'])).err).toContain('start it (npm start)');
  });
});
