// Does every command of the README that is no command of the program tell how it is called?
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(`${ROOT}/${file}`, 'utf8');

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const SCRIPTS = ['bench', 'load', 'soak', 'campaign', 'crash'].map((name) => scripts[name]?.split(' ').at(-1) ?? '');
const RUNS = read('README.md').match(/\btest\/\S+-run\.ts\b/g) ?? [];
const COMMANDS = [...new Set([...SCRIPTS, ...RUNS])];

function told(command: string, flag: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', command, flag], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test.each(COMMANDS)('%s tells how it is called, and names a flag that it does not know', (command) => {
  const help = told(command, '--help');
  expect(help).toMatchObject({ status: 0, stderr: '' });
  expect(help.stdout).toMatch(/^(npm run \w+|node test\/\S+-run\.ts) /);
  const unknown = told(command, '--bogus');
  expect([unknown.status, unknown.stdout]).toEqual([64, '']);
  expect(unknown.stderr).toContain('--bogus');
  expect(unknown.stderr).toContain(help.stdout);
});
