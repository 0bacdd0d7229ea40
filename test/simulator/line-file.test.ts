// What becomes of the market whose log finds no room? It goes on, and says that the file is not whole.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { LineFile } from '../../src/simulator/line-file.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';
import { smallDisk } from '../state/small-disk.ts';

function memoryLog() {
  const said: object[] = [];
  const warn = (fields: object, event: string): void => void said.push({ event, ...fields });
  return { said, log: { info: () => undefined, warn } };
}

test.runIf(existsSync('/dev/full'))(
  'on a full disk the market goes on, and of each of its files it says once that it is not whole',
  async () => {
    const clock = createVirtualClock();
    const { said, log } = memoryLog();
    const files = { truthFile: '/dev/full', ledgerFile: '/dev/full' };
    const simulator = await startSimulator({ symbols: 1, ...files }, clock, log);
    await clock.advance(1_000);
    const before = simulator.exchange.nowMs;
    await clock.advance(40);
    expect(simulator.exchange.nowMs).toBeGreaterThan(before);
    await simulator.close();
    const reason = expect.stringContaining('ENOSPC');
    expect(said).toEqual(
      ['--truth', '--ledger'].map((flag) => ({
        event: 'simulator.file_not_whole',
        file: `${flag} /dev/full`,
        reason,
        remedy: 'make room on its disk',
      })),
    );
  },
);

test('a disk that takes a part of what is written is full too: that the rest is missing is said, and nothing follows the hole', async () => {
  const clock = createVirtualClock();
  const { said, log } = memoryLog();
  const { dir, isSmall, fill, makeRoom } = smallDisk();
  const name = path.join(dir, 'ledger.jsonl');
  const file = new LineFile('--ledger', name, clock, log);
  file.write({ n: 0 });
  await clock.advance(1_000);
  fill();
  file.write({ n: 1, text: 'x'.repeat(5_000) }); // more than is left of the page in which the first line ends
  await clock.advance(1_000);
  makeRoom();
  file.write({ n: 2 });
  file.close();
  expect(said).toHaveLength(isSmall ? 1 : 0);
  expect(readFileSync(name, 'utf8').includes('{"n":2}')).toBe(!isSmall);
});
