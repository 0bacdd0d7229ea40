// What becomes of a start whose key the exchange refuses?
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulatorChild, type SimulatorChild } from '../../src/cli/simulator-child.ts';
import { runToEnd, tempStateDir } from '../safety/daemon.ts';

let exchange: SimulatorChild;

beforeAll(async () => {
  exchange = await startSimulatorChild({ seed: 3, symbols: 6, rate: 'natural' });
});
afterAll(() => exchange.close());

test.each([
  ['has expired', 'simkey-expired', 'simsecret-expired', '33004'],
  ['it does not know', 'canary-key-1234', 'canary-secret-1234', '10003'],
  ['is not signed with its secret', 'simkey', 'canary-secret-1234', '10004'],
])('one that %s ends it with a word about it, and does not wait for another', async (_what, key, secret, code) => {
  const dir = await tempStateDir();
  const roads = ['rest', 'public', 'private', 'trade'] as const;
  const endpoints = roads.map((road) => `exchange.endpoints.${road}=${exchange[road]}`);
  const sets = ['database.mode=off', 'dashboard.enabled=false', ...endpoints].flatMap((one) => ['--set', one]);
  const flags = ['--environment', 'demo', '--live', '--json', '--state-dir', dir.path];
  const env = { BYBIT_API_KEY: key, BYBIT_API_SECRET: secret };
  // On stdout it says so only where no status went before it.
  const { code: ended, last, stderr } = await runToEnd(['run', ...flags, ...sets], env);
  await dir.remove();
  expect([ended, stderr]).toEqual([78, expect.stringContaining(`the API key is refused (${code} `)]);
  expect(JSON.stringify(last) + stderr).not.toContain('canary');
});
