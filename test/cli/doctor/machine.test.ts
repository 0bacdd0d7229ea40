// Is what the environment holds what its writer meant, and is there room for what is to be written?
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { databaseChecks } from '../../../src/cli/doctor/database.ts';
import { environmentChecks, HIDDEN, stateChecks } from '../../../src/cli/doctor/machine.ts';
import { asNobody } from '../../as-nobody.ts';
import { configOf } from '../../config-of.ts';
import { ownFolder } from '../../own-folder.ts';
import { smallDisk } from '../../state/small-disk.ts';

test('a password in .env that ends before its # for want of quotes is named, and no other value is', async () => {
  const cwd = ownFolder();
  const file = path.join(cwd, '.env');
  const lines = [
    'A=rain#bow',
    ' export B = rain bow#',
    'C="rain#bow"',
    "D='rain#bow'",
    'E=rain # bow',
    '#F=rain#bow',
    'G=#rain',
    'H=rain',
  ];
  await writeFile(file, lines.join('\n'), { mode: 0o600 });
  const cut = Object.entries(parseEnv(lines.join('\n'))).filter(([, value = '']) => /^rain( bow)?$/.test(value));
  expect(cut.map(([name]) => name)).toEqual(['A', 'B', 'E', 'H']);
  expect(await environmentChecks({ env: {}, cwd })).toEqual(
    ['A', 'B'].map((name) => ({
      name: 'environment',
      verdict: 'warn',
      text: `${file}: the value of ${name} ends before its #`,
      remedy: 'put it into quotes if that belongs to it',
    })),
  );
});

test('where nobody has run yet, the room on the disk is told that the first run will find', async () => {
  const { dir } = smallDisk();
  const disk = async (stateDir: string) => (await stateChecks(stateDir)).find(({ name }) => name === 'disk')?.verdict;
  const there = await disk(dir);
  expect(there).toBeDefined();
  expect(await disk(path.join(dir, 'not', 'yet'))).toBe(there);
});

test('of a state directory that this account may not look into it is not said that no engine runs there, nor that nothing is stored', async () => {
  const folder = ownFolder();
  await chmod(folder, 0o755);
  const stateDir = path.join(folder, 'state');
  await mkdir(stateDir);
  await chmod(stateDir, 0);
  const { database } = configOf([]);
  const state = await asNobody(() => stateChecks(stateDir));
  const stored = await asNobody(() => databaseChecks(database, stateDir, {}));
  await chmod(stateDir, 0o700);
  expect(state.at(-1)).toEqual({ name: 'lock', verdict: 'skipped', text: HIDDEN });
  expect(stored).toEqual([{ name: 'database', verdict: 'skipped', text: HIDDEN }]);
});
