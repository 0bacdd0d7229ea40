// Does `status` tell what the engine that it asks knows?
import { beforeEach, expect, test } from 'vitest';
import { createContext } from '../../../src/cli/context.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { openRunControl } from '../../../src/cli/run/control.ts';
import { ownFolder } from '../../own-folder.ts';
import { VirtualEngine } from '../../safety/virtual-engine.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = ownFolder();
});

async function statusOf(life: VirtualEngine, ...flags: readonly string[]): Promise<string> {
  const facts = { version: '', environment: 'simulator', trading: 'live' };
  const log = { info: () => undefined, warn: () => undefined };
  const killReason = (): string => '';
  const control = await openRunControl({
    stateDir,
    engine: life.engine,
    facts,
    memory: () => ({ taken: 300e6, limit: 1_200e6 }),
    command: () => Promise.resolve({ accepted: false, text: '' }),
    killReason,
    log,
  });
  let out = '';
  const context = createContext({
    env: {},
    cwd: stateDir,
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: () => undefined },
  });
  const args = ['status', '--state-dir', stateDir, ...flags];
  await (await createProgram(context, () => 'plotnost', args)).parseAsync(args, { from: 'user' });
  await control.close();
  return out;
}

test('status names the symbols whose smallest order is larger than a position, and the size that each needs', async () => {
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings: ['trading.position_size_usd=30'] });
  await life.until('may trade', 30_000, () => life.mayTrade);
  expect(await statusOf(life)).toMatch(/^size +below the minimum of BTCUSDT \(needs \d+(\.\d+)? USDT\)$/m);
  const { sizeBelowMinimum } = JSON.parse(await statusOf(life, '--json')) as { sizeBelowMinimum: object };
  expect(Object.keys(sizeBelowMinimum)).toEqual(['BTCUSDT']);
});

test('status says nothing of sizes where every symbol can be traded', async () => {
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings: ['trading.position_size_usd=500'] });
  await life.until('may trade', 30_000, () => life.mayTrade);
  expect(await statusOf(life)).not.toMatch(/^size/m);
  expect(JSON.parse(await statusOf(life, '--json'))).toMatchObject({ sizeBelowMinimum: {}, leftOut: [] });
});

test('status says how much memory is taken, and how much may be', async () => {
  const life = new VirtualEngine({ seed: 1, symbols: 3, settings: [] });
  expect(await statusOf(life)).toMatch(/^memory +300 of at most 1200 MB$/m);
});
