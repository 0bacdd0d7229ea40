// Does whoever looks end when it is asked to, and with nothing left half done?
import { expect, onTestFinished, test, vi } from 'vitest';
import { unhurried } from '../../../src/cli/doctor/unhurried.ts';
import { createVirtualClock } from '../../bybit/virtual-clock.ts';

test('a signal waits for the work, its echo too; a second one a second later waits for nothing', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  onTestFinished(() => kill.mockRestore());
  const clock = createVirtualClock();
  const say = vi.fn<() => void>();
  const { promise: done, resolve: finish } = Promise.withResolvers<string>();
  const work = unhurried(() => done, say, clock);
  process.emit('SIGINT', 'SIGINT');
  await clock.advance(1_000);
  process.emit('SIGINT', 'SIGINT');
  expect(kill).not.toHaveBeenCalled();
  await clock.advance(1);
  expect(process.emit('SIGTERM', 'SIGTERM')).toBe(true);
  expect(kill.mock.calls).toEqual([[process.pid, 'SIGINT']]);
  expect(say).not.toHaveBeenCalled();
  finish('done');
  expect(await work).toBe('done');
});
