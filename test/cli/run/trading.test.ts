// With what does a run trade, before the exchange has told anything of its account?
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endpointsOf } from '../../../src/bybit/endpoints.ts';
import type { ApiKeys } from '../../../src/bybit/gateway/keys.ts';
import { type CliError, EXIT } from '../../../src/cli/context.ts';
import { identityOf, listenToState, openGround, tradingOptions, type Ground } from '../../../src/cli/run/trading.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { createVirtualClock } from '../../bybit/virtual-clock.ts';
import { carryOut } from '../../../src/cli/run/commands.ts';
import { createLatencies } from '../../../src/operator/metrics/latency.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { emptyJournal } from '../../../src/order/journal.ts';
import { openKillLatch } from '../../../src/state/kill-latch.ts';
import { StageTimes } from '../../../src/engine/stage-times.ts';
import type { Trader } from '../../../src/engine/trader.ts';
import type { Trading } from '../../../src/engine/trading.ts';
import type { JournalStatus } from '../../../src/state/journal-file.ts';
import type { EngineState, StateListener } from '../../../src/state/state.ts';
import { configOf } from '../../config-of.ts';
import { ownFolder } from '../../own-folder.ts';
import { memoryLog } from '../../store/fixtures.ts';

const KEYS = { key: 'key', secret: 'secret' };

/** After a life that ended with an order under way, halted. */
const LEFT = { ...emptyJournal(), seq: 7, orders: { 'd1-test-1-1-E': {} }, mode: { mode: 'HALTED' } };

function optionsOf(mode: string, own: Partial<EngineState> = {}, trader?: Pick<Trader, 'facts'>, keys?: ApiKeys) {
  const state = { run: { instance: 'test', epoch: 1, crashes: [] }, recovered: LEFT, ...own };
  return tradingOptions({
    config: configOf([`trading.mode=${mode}`, 'paper.taker_fee_percent=0.01']),
    identity: { account: 'test', keys },
    endpoints: endpointsOf('demo'),
    ownKeys: KEYS,
    ground: { state } as unknown as Ground,
    log: memoryLog().log as never,
    trader: () => trader as Trader | undefined,
    times: new StageTimes(createLatencies(1), systemClock),
    rehearsals: undefined,
  });
}

test.each([
  ['live', 0.000_55],
  ['paper', 0.000_1],
])('the fee of paper is the fee of trading %s only where that is on paper', (mode, fee) => {
  expect(optionsOf(mode)?.takerFee).toBeCloseTo(fee, 12);
});

test('an account that was there before goes on from its journal; paper and an exchange of our own know of no order, but of a halt', () => {
  expect(optionsOf('off')).toBeUndefined();
  expect(optionsOf('live', {}, undefined, KEYS)?.recovered).toEqual(LEFT);
  for (const mode of ['live', 'paper'])
    expect(optionsOf(mode)?.recovered, mode).toEqual({ ...emptyJournal(), seq: 7, mode: LEFT.mode });
});

test('Y05: what a resume forgives is forgiven on the disk, and one that refuses ends nothing', () => {
  const asked: string[] = [];
  const forgive = () => Promise.reject(new Error(`no room for ${asked.push('forgive')}`));
  optionsOf('live', { forgive })?.onResumed();
  expect(asked).toEqual(['forgive']);
});

test('G02: after a resume it counts what stands on the disk: nothing, a kill that came meanwhile, or one that cannot be taken away', async () => {
  const stateDir = ownFolder();
  const { log } = memoryLog();
  const latch = await openKillLatch(stateDir, { clock: systemClock, log, onSeen: () => undefined });
  onTestFinished(() => latch.close());
  const told: unknown[] = [];
  const options = optionsOf('live', { latch }, { facts: ({ killedByFile }) => void told.push(killedByFile) });
  options?.latch(true);
  options?.latch(false);
  await expect.poll(() => told).toEqual([false]);
  options?.latch(true);
  options?.latch(false);
  latch.kill('signal SIGUSR2');
  await expect.poll(() => told).toEqual([false, true]);
  await latch.clear();
  mkdirSync(path.join(stateDir, 'KILL')); // not even root removes a directory as a file
  options?.latch(true);
  options?.latch(false);
  await expect.poll(() => told).toEqual([false, true, true]);
});

test('Y04: a resume after which the file KILL cannot be removed is refused, and says that it is killed again', async () => {
  const stateDir = ownFolder();
  const { log } = memoryLog();
  const latch = await openKillLatch(stateDir, { clock: systemClock, log, onSeen: () => undefined });
  onTestFinished(() => latch.close());
  const options = optionsOf('live', { latch }, { facts: () => undefined });
  const command = () => (options?.latch(false), { accepted: true, text: 'cleared: kill_switch' });
  const trader = { command, written: () => Promise.resolve() };
  const resume = () => carryOut(trader, latch, { kind: 'resume', id: 'r' });
  latch.kill('the night');
  expect(await resume()).toEqual({ accepted: true, text: 'cleared: kill_switch' });
  mkdirSync(path.join(stateDir, 'KILL'));
  latch.kill('the day');
  expect(await resume()).toEqual({ accepted: false, text: 'the file KILL stands (the day): it is killed again' });
});

test('Y04: a resume whose disk hangs is answered after three seconds, and says what the disk does not', async () => {
  const clock = createVirtualClock();
  const latch = { cleared: new Promise<void>(() => undefined), standing: { killed: true, reason: 'the night' } };
  const command = () => ({ accepted: true, text: 'cleared: kill_switch' });
  const trader = { command, written: () => Promise.resolve() };
  const answer = carryOut(trader, latch, { kind: 'resume', id: 'r' }, clock);
  await clock.advance(3_000);
  expect(await answer).toEqual({
    accepted: true,
    text: 'cleared: kill_switch; the disk does not answer: if the file KILL cannot be removed, it is killed again',
  });
});

test.each(['pause', 'flatten', 'kill'] as const)(
  'R12: a %s is answered when a crash cannot undo it any more, and says so where the disk hangs',
  async (kind) => {
    const clock = createVirtualClock();
    const latch = { cleared: Promise.resolve(), standing: { killed: false, reason: '' } };
    const { promise: onDisk, resolve } = Promise.withResolvers<void>();
    const answers: string[] = [];
    const ask = async (written: Promise<void>): Promise<void> => {
      const trader = { command: () => ({ accepted: true, text: 'entries are off' }), written: () => written };
      answers.push((await carryOut(trader, latch, { kind, id: 'p' }, clock)).text);
    };
    const [quick, slow] = [ask(onDisk), ask(new Promise(() => undefined))];
    await clock.advance(2_000);
    expect(answers).toEqual([]);
    resolve();
    await quick;
    expect(answers).toEqual(['entries are off']);
    await clock.advance(1_000);
    await slow;
    expect(answers[1]).toBe('entries are off; the disk does not answer: a restart may not know of it');
  },
);

const groundIn = (stateDir: string, config: Config, env: Readonly<Record<string, string>>): Promise<Ground> =>
  openGround({
    config,
    stateDir,
    account: 'test',
    env,
    secrets: [],
    log: memoryLog().log as never,
    source: {},
    condition: () => ({}),
  });

const ENV = { BYBIT_API_KEY: 'a-key', BYBIT_API_SECRET: 'a-secret' };

test.each([
  ['off', 'mainnet', false, 'mainnet:watch'],
  ['paper', 'mainnet', false, 'mainnet:paper'],
  ['paper', 'simulator', true, 'simulator:paper'],
  ['live', 'simulator', true, 'simulator:own'],
])('trading %s on %s (started by us: %s) has the journal of %s, and no key', (mode, environment, isOurs, account) => {
  const config = configOf([`trading.mode=${mode}`, `exchange.environment=${environment}`]);
  expect(identityOf(config, ENV, isOurs)).toEqual({ account, keys: undefined });
});

test('each key has a journal of its own on each exchange, whose name tells nothing of the key; without one nothing is traded', () => {
  const account = (environment: string, key: string): string =>
    identityOf(
      configOf(['trading.mode=live', `exchange.environment=${environment}`]),
      { ...ENV, BYBIT_API_KEY: key },
      false,
    ).account;
  const names = [account('mainnet', 'a-key'), account('demo', 'a-key'), account('mainnet', 'another')];
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^(mainnet|demo):[0-9a-f]{8}$/);
  expect(account('mainnet', 'a-key')).toBe(names[0]);
  expect(() => account('mainnet', '')).toThrow(expect.objectContaining({ exitCode: EXIT.config }) as CliError);
});

test.each([
  ['{"webhook_url": FILE}', ['/file', '/file']],
  ['{}', ['/environment', '/environment']],
  ['{"webhook_url_env": "NOT_SET"}', []],
])('with alerts: %s a first sign of life and whatever is raised go to %j', async (alerts, expected) => {
  const posted: (string | undefined)[] = [];
  const hook = createServer((request, response) => {
    posted.push(request.url);
    response.end();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void hook.close());
  await once(hook, 'listening');
  const address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  const env = { ALERTS_WEBHOOK_URL: `${address}/environment` };
  const given = parseConfig(`alerts: ${alerts.replace('FILE', `"${address}/file"`)}`, 'test', { env: {} });
  if (!given.ok) throw new Error(given.errors.join());
  const ground = await groundIn(ownFolder(), given.config, env);
  expect(ground.alerts === undefined, 'nobody tries where there is no address').toBe(expected.length === 0);
  ground.alerts?.raise('critical', 'run.unfit', {});
  await ground.close('end');
  expect(posted).toEqual(expected);
});

function deskThatHears(state: Partial<EngineState>, journal: Partial<JournalStatus>) {
  const told: unknown[] = [];
  let listener: StateListener | undefined;
  const whole = { ...state, journalStatus: () => journal, listen: (one: StateListener) => (listener = one) };
  const trader = {
    facts: (facts: object) => told.push(facts),
    block: (...block: unknown[]) => told.push(block),
    take: (event: object) => told.push(event),
    synced: (upTo: number) => told.push(upTo),
  };
  const times = new StageTimes(createLatencies(1), systemClock);
  listenToState({ state: whole } as unknown as Ground, { trader } as unknown as Trading, times);
  return { told, state: listener as StateListener };
}

test('R06: with a journal that lost something, a run that is not on the disk, a lost lock or a kill the desk begins as it must', () => {
  const run = (isWritten: boolean) => ({ isWritten }) as EngineState['run'];
  const latch = (killed: boolean) => ({ standing: { killed } }) as EngineState['latch'];
  const bad = { isLockLost: true, isDamaged: true, run: run(false), latch: latch(true) };
  expect(deskThatHears(bad, { writable: false, reason: 'file-dead' }).told).toEqual([
    { lockHeld: false },
    ['journal.corrupt', true, true],
    ['state.full', true],
    { journalWritable: false },
    { killedByFile: true },
  ]);
  const sound = { isLockLost: false, isDamaged: false, run: run(true), latch: latch(false) };
  const { told, state } = deskThatHears(sound, { writable: true, reason: 'ok', freeBytes: 7 });
  expect(told.splice(0)).toEqual([
    { lockHeld: true },
    { journalWritable: true, diskFreeBytes: 7 },
    { killedByFile: false },
  ]);
  state.synced(3);
  state.journal({ writable: false, reason: 'overflow', freeBytes: 0, waiting: 9 });
  state.killed(true);
  state.lockLost();
  state.runWritten();
  expect(told).toEqual([
    3,
    { journalWritable: false, diskFreeBytes: 0 },
    { kind: 'checkpoint' },
    { killedByFile: true },
    { lockHeld: false },
    ['state.full', false],
  ]);
});

test('L03: what was meant is on the disk before a process that has failed is gone, and nobody listens for that after a clean end', async () => {
  const stateDir = ownFolder();
  const before = process.listeners('uncaughtException');
  const ground = await groundIn(stateDir, configOf([]), {});
  const body = { mode: 'HALTED', sticky: [], latch: null, killed: false };
  ground.state.append({ v: 1, seq: 1, tWall: 1 as Ms, tMono: 1 as Ms, kind: 'MODE', body }, false);
  const [first] = process.listeners('uncaughtException');
  first?.(new Error('nobody catches it'), 'uncaughtException');
  const journal = path.join(stateDir, 'test', 'journal');
  const written = readdirSync(journal).map((name) => readFileSync(path.join(journal, name), 'latin1'));
  expect(written.join('')).toContain('HALTED');
  await ground.close('end');
  expect(process.listeners('uncaughtException')).toEqual(before);
});
