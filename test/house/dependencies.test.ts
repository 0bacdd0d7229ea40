// Is what is installed what was looked at, and does nothing of it run before it is used? (S09)
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): unknown => JSON.parse(readFileSync(`${ROOT}/${name}`, 'utf8'));

test('S09: each package is named to its last digit, and what is fetched for it must have the hash in the lock file', () => {
  const { dependencies, optionalDependencies, devDependencies } = read('package.json') as Record<
    string,
    Record<string, string>
  >;
  const versions = Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  const { packages } = read('package-lock.json') as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  const locked = Object.entries(packages).filter(([place]) => place !== '');
  expect(locked.length).toBeGreaterThan(versions.length);
  expect(locked.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
});

test('S09: no script of a package runs when it is installed, in a clone or in the image', () => {
  const { stdout } = spawnSync('npm', ['config', 'get', 'ignore-scripts'], { cwd: ROOT, encoding: 'utf8' });
  expect(stdout.trim()).toBe('true');
  expect(readFileSync(`${ROOT}/ops/docker/Dockerfile`, 'utf8')).toMatch(/^COPY .*\.npmrc.*\nRUN npm ci /m);
});
