// Does the page come, whatever happens to the program that bundles it? With the real one, on Linux, where its processes can be seen.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadAssets } from '../../../src/operator/page/assets.ts';

/** Children of this process that bundle. */
const bundlers = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/.exec(stat) ?? [];
        return name === 'esbuild' && parent === String(process.pid);
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);

test.runIf(process.platform === 'linux')(
  'a Ctrl-C on the terminal, which ends the bundler at its work, costs nobody the page',
  async () => {
    const loading = loadAssets();
    await expect.poll(() => bundlers().length, { interval: 1 }).toBe(1);
    for (const pid of bundlers()) process.kill(pid, 'SIGINT');
    expect([...(await loading).keys()].toSorted()).toEqual(['/', '/icon.svg', '/page.css', '/page.js']);
    await expect.poll(bundlers).toEqual([]);
  },
);
