// Does every command of the tests that is run by hand tell how it is called, and does it refuse what it cannot be asked for?
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const SCRIPTS = ['bench', 'load', 'soak', 'campaign', 'crash'].map((name) => scripts[name]?.split(' ').at(-1) ?? '');
// Those that say how they are called: others of that name are part of a test.
const RUNS = globSync('test/**/*-run.ts', { cwd: ROOT }).filter((file) =>
  readFileSync(`${ROOT}/${file}`, 'utf8').split('import', 1)[0]?.includes(`node ${file}`),
);
const COMMANDS = [...SCRIPTS, ...RUNS];

function told(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', command, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

test('what README names is among them', () => {
  const named = readFileSync(`${ROOT}/README.md`, 'utf8').match(/\btest\/\S+-run\.ts\b/g) ?? [];
  expect(named.length).toBeGreaterThan(0);
  expect(COMMANDS).toEqual(expect.arrayContaining(named));
});

test.each(COMMANDS)(
  '%s tells how it is called, and names a flag that it does not know, or that is no number',
  (command) => {
    const help = told(command, '--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^(npm run \w+|node test\/\S+-run\.ts) /);
    const unknown = told(command, '--bogus');
    expect([unknown.status, unknown.stdout]).toEqual([64, '']);
    expect(unknown.stderr).toContain('--bogus');
    expect(unknown.stderr).toContain(help.stdout);
    const numbers = [...help.stdout.matchAll(/(--\S+) N\b/g)].map(([, flag]) => flag as string);
    // Those of the tests have one reader, which reads as a number what it tells as one: the first speaks for the others.
    const asked = command.startsWith('test/') ? numbers.slice(0, 1) : numbers;
    const answers = asked.map((flag) => ({ flag, ...told(command, flag, 'abc') }));
    expect(answers).toEqual(
      asked.map((flag) => ({ flag, status: 64, stdout: '', stderr: expect.stringMatching(`^${flag} .* is abc\n`) })),
    );
  },
);

test.each([
  ['test/safety/emergency-run.ts', '--only', 'abc'],
  ['test/safety/exit-scenarios-run.ts', 'abc'],
  ['test/safety/free-runs-run.ts', '--seeds', 'abc'],
  ['test/safety/free-runs-run.ts', '--seeds', '5-1'],
  ['test/safety/free-runs-run.ts', '--duration', 'abc'],
  ['test/store/chaos/chaos-run.ts', '--servers', 'abc'],
  ['test/campaign/main.ts', '--seed', '1', '--row', 'abc'],
  ['test/position/monkey-run.ts', '--seeds', '0'],
  ['bench/soak/main.ts', '--symbols', '1.5'],
  ['bench/load/main.ts', '--mode', 'abc'],
])('%s %s %s is nothing to do, and not well', (command, ...args) => {
  const { status, stdout, stderr } = told(command, ...args);
  expect([status, stdout]).toEqual([64, '']);
  expect(stderr).toContain(args.at(-1));
});
