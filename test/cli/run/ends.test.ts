// May a run trade as it is configured, and what does it let go of at its end?
import { expect, test } from 'vitest';
import { type CliError, EXIT } from '../../../src/cli/context.ts';
import { drainPositions, startChecked, warnOfFaults } from '../../../src/cli/run/ends.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { StoreError } from '../../../src/store/error.ts';
import { configOf } from '../../config-of.ts';
import { memoryLog } from '../../store/fixtures.ts';

const fault = { section: 'trading', key: 'positionSizeUsd', message: 'give at least 6' };
const doubt = { section: 'safety', key: 'emergencyCloseAll', message: 'false: closes nothing' };
const never = new Promise<never>(() => undefined);

/** Whose account has 100 USDT and an open loss of 30, of which 70 are too little. */
function engineThat(holds: readonly string[], unfit: readonly string[] = []) {
  const blocks: unknown[] = [];
  const drained: string[] = [];
  const trader = {
    held: () => new Set(holds),
    block: (...block: unknown[]) => void blocks.push(block),
    drain: (policy: string) => Promise.resolve(drained.push(policy) === 1 ? holds : []),
    status: () => ({ wallet: { balance: 100n, unrealised: -30n } }),
  };
  const check = (_symbols: unknown, equity: bigint) => ({ faults: equity > 70n ? [] : [fault], warnings: [doubt] });
  const trading = { trader, check, funded: Promise.resolve(70n), judged: Promise.resolve(unfit), refused: never };
  const engine = { start: () => Promise.resolve(), feed: { symbols: () => ['SOLUSDT'] }, trading };
  return { engine: engine as unknown as Engine, blocks, drained };
}

test('what cannot be traded ends the run with all of its reasons', async () => {
  const { engine, blocks } = engineThat([], ['the key may not trade']);
  await expect(startChecked(engine, memoryLog().log as never)).rejects.toMatchObject({
    message: 'the key may not trade\ntrading.position_size_usd: give at least 6',
    exitCode: EXIT.config,
  });
  expect(blocks).toEqual([]);
});

test('while something of ours is open the run goes on whatever is wrong: it is managed to its end, and nothing is entered', async () => {
  const { engine, blocks } = engineThat(['SOLUSDT']);
  const { log, lines } = memoryLog();
  await startChecked(engine, { ...log, fatal: (fields: object, event: string) => log.error(fields, event) } as never);
  expect(blocks).toEqual([['run.unfit', true]]);
  expect(lines.splice(0, 1), 'what is doubtful is told, and ends nothing').toMatchObject([
    {
      level: 'warn',
      event: 'config.doubtful',
      fields: { reason: 'safety.emergency_close_all: false: closes nothing' },
    },
  ]);
  expect(lines).toMatchObject([{ event: 'run.unfit', fields: { reasons: [expect.stringContaining('at least 6')] } }]);
});

test.each([
  ['ends the run where nothing of ours is open', []],
  ['leaves what is open managed and enters nothing', ['SOLUSDT']],
])('a database that takes no rows of ours %s', async (_, holds) => {
  const { engine, blocks } = engineThat(holds);
  (engine.trading as { funded: Promise<bigint> }).funded = Promise.resolve(100n);
  const { log } = memoryLog();
  const refusal = new StoreError('rights', 'may not make tables', false);
  const calling = { ...log, fatal: (fields: object, event: string) => log.error(fields, event) } as never;
  const started = startChecked(engine, calling, { refusal }).catch((error: unknown) => {
    const { message, exitCode } = error as CliError;
    return [message, exitCode];
  });
  expect(await started).toEqual(holds.length > 0 ? undefined : ['may not make tables', EXIT.config]);
  expect(blocks).toEqual(holds.length > 0 ? [['run.unfit', true]] : []);
});

test('what is read again is judged by all that the account is worth, its open loss included', () => {
  const { log, lines } = memoryLog();
  warnOfFaults(engineThat([]).engine, log as never);
  expect(lines).toMatchObject([
    { level: 'error', event: 'config.doubtful' },
    { level: 'warn', event: 'config.doubtful' },
  ]);
});

test.each([
  ['paper', 'leave_protected', 'flatten'],
  ['live', 'leave_protected', 'leave_protected'],
  ['live', 'flatten', 'flatten'],
])('at its end trading %s with the policy %s does %s, and names what is left', async (mode, policy, done) => {
  const { engine, drained } = engineThat(['SOLUSDT']);
  const { log, lines } = memoryLog();
  await drainPositions(engine, configOf([`trading.mode=${mode}`, `safety.on_shutdown=${policy}`]), log as never);
  expect(drained).toEqual([done]);
  expect(lines).toMatchObject([{ event: 'run.left_behind', fields: { left: ['SOLUSDT'] } }]);
});
