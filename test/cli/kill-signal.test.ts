// Does the kill switch for whoever has only the process id work from the first moment of a run to its last? (Y04)
import { expect, test } from 'vitest';
import { KillSignal } from '../../src/cli/kill-signal.ts';
import type { Trader } from '../../src/engine/trader.ts';

test('SIGUSR2 latches and closes what is open, also where it came before there was anything to latch', () => {
  const done: unknown[] = [];
  const latch = { kill: (reason: string) => done.push(reason) };
  const trader = { facts: (facts: object) => done.push(facts) } as unknown as Trader;
  const give = (): boolean => process.emit('SIGUSR2', 'SIGUSR2');
  const early = new KillSignal();
  give();
  expect(done).toEqual([]);
  let isTrading = false;
  early.arm(latch as never, () => (isTrading ? trader : undefined));
  expect(done, 'while nobody trades yet the latch alone').toEqual(['signal SIGUSR2']);
  isTrading = true;
  give();
  expect(done.slice(1)).toEqual(['signal SIGUSR2', { killedByFile: true }]);
});

test('a run that nobody kills is not latched', () => {
  const done: string[] = [];
  new KillSignal().arm({ kill: (reason: string) => done.push(reason) } as never, () => undefined);
  expect(done).toEqual([]);
});
