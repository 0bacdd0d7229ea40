// Which commands does the program know, and what does it read before it obeys one?
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createContext } from '../../src/cli/context.ts';
import { createProgram } from '../../src/cli/program.ts';
import { MAIN, ROOT } from '../program.ts';

async function commandsFor(...words: string[]): Promise<string[]> {
  const silent = { write: () => undefined };
  const context = createContext({ env: {}, cwd: ROOT, stdout: silent, stderr: silent });
  const program = await createProgram(context, () => 'test', words);
  return program.commands.map((command) => command.name());
}

const ALL = [
  'run',
  'status',
  'positions',
  'pause',
  'close',
  'resume',
  'flatten',
  'replay',
  'record',
  'simulator',
].concat(['doctor', 'params', 'why', 'report', 'check-config', 'migrate']);

test.each(['', '--help', 'help run', '--json -h status', 'stauts', '--state-dir x'])(
  'after “plotnost %s” every command is known, in the order of the help',
  async (words) => {
    expect(await commandsFor(...words.split(' '))).toEqual(ALL);
  },
);

test('whoever is told by a text of ours to give a command can give it', () => {
  const texts = globSync(['src/**/*.ts', 'ops/**/*.yaml'], { cwd: ROOT }).map((file) =>
    readFileSync(path.join(ROOT, file), 'utf8'),
  );
  const named = texts.flatMap((text) =>
    [...text.matchAll(/\S `(?:npx )?plotnost ([a-z-]+)/g)].map(([, name = '']) => name),
  );
  expect(named).toContain('resume');
  expect(named.filter((name) => !ALL.includes(name))).toEqual([]);
});

test('a command is known by its name wherever it stands, and a word that may be another’s value knows both', async () => {
  expect(await commandsFor('--set', 'a.b=1', 'why', 'BTCUSDT', '--help')).toEqual(['why']);
  expect(await commandsFor('--config', 'run', 'status')).toEqual(['run', 'status']);
});

test('the kill switch waits for no engine: neither that nor a client of exchange or database is read', () => {
  const teller = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });`;
  const hook = ['--import', `data:text/javascript,${encodeURIComponent(teller)}`];
  const words = ['flatten', '--state-dir', path.join(ROOT, 'nobody-runs-here')];
  const { status, stderr } = spawnSync(process.execPath, [...hook, MAIN, ...words], {
    encoding: 'utf8',
  });
  expect([status, stderr.includes('src/cli/running/flatten.ts')]).toEqual([69, true]);
  expect(
    stderr.split('\n').filter((url) => /src\/(?:engine|bybit|scan|store|simulator)|bybit-api|\/pg\//.test(url)),
  ).toEqual([]);
});

test('an address of an exchange on the other side of the earth has time to answer before the next one is tried', () => {
  const teller = `import { getDefaultAutoSelectFamilyAttemptTimeout as patience } from 'node:net';
    process.on('exit', () => process.stderr.write(String(patience())));`;
  const hook = ['--import', `data:text/javascript,${encodeURIComponent(teller)}`];
  const { stderr } = spawnSync(process.execPath, [...hook, MAIN, '--version'], {
    encoding: 'utf8',
  });
  expect(Number(stderr)).toBeGreaterThanOrEqual(1_000);
});

test.each(['store.ts', 'operator.ts'])(
  'a database on the other side of the earth has as much time for the thread of workers/%s',
  async (program) => {
    const teller = `import { getDefaultAutoSelectFamilyAttemptTimeout as patience } from 'node:net';
    process.on('exit', () => process.stderr.write(String(patience())));`;
    const hook = ['--import', `data:text/javascript,${encodeURIComponent(teller)}`];
    // It stops where it looks for its orders, of which there are none.
    const thread = new Worker(path.join(ROOT, 'workers', program), { execArgv: hook, stderr: true, workerData: {} });
    thread.on('error', () => undefined);
    expect(Number(await text(thread.stderr))).toBeGreaterThanOrEqual(1_000);
  },
);

test.each(['README.md', 'README.ru.md'])(
  'every flag of every command line of %s is one that the command has',
  async (file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const blocks = [...text.matchAll(/^```sh[a-z-]*\n([^]*?)^```/gm)].map(([, block]) => block as string);
    const lines = blocks.flatMap((block) => [
      ...block.matchAll(/^npx plotnost ([^#|>\n]+)|^npm start -- ([^#|>&\n]+)/gm),
    ]);
    const unknown: string[] = [];
    for (const [line, words, startWords = ''] of lines) {
      const own = (words ?? `run ${startWords}`).trim().split(/\s+/);
      const silent = { write: () => undefined };
      const context = createContext({ env: {}, cwd: ROOT, stdout: silent, stderr: silent });
      const program = await createProgram(context, () => 'test', own);
      const known = new Set<string | undefined>(['--help']);
      const see = (command: Command): void => {
        for (const { long } of command.options) known.add(long);
        command.commands.forEach(see);
      };
      see(program);
      for (const word of own) if (/^--./.test(word) && !known.has(word.split('=')[0])) unknown.push(line);
    }
    expect(lines.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  },
);

async function helpOf(name: string, columns: number): Promise<string> {
  let out = '';
  const stdout = { columns, write: (text: string) => (out += text) };
  const context = createContext({ env: {}, cwd: ROOT, stdout, stderr: stdout });
  const program = await createProgram(context, () => 'test', [name, '--help']);
  await program.parseAsync([name, '--help'], { from: 'user' }).catch(() => undefined);
  return out;
}

test.each(ALL)(
  'the help of %s fits 80 columns, commands to be copied aside, and says no less than on a wide terminal',
  async (name) => {
    const help = await helpOf(name, 80);
    const long = help.split('\n').filter((line) => line.length > 80 && !/^ {2}(?:npx |)(?:plotnost|curl) /.test(line));
    expect(help).toContain(`Usage: npx plotnost ${name}`);
    expect(long).toEqual([]);
    expect(help.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(help, 'its own options stand before those of every command').not.toMatch(/^Options of every[^]*^Options:/m);
    expect(help.split(/\s+/)).toEqual((await helpOf(name, 1_000)).split(/\s+/));
  },
);

test('the help of replay names the archives as the exchange publishes them today', async () => {
  expect(await helpOf('replay', 1_000)).toMatch(/ob200\).*\n[^]*^ {2}npx plotnost replay \S+_ob200\.data\.zip /m);
});

test.each(ALL)('in the help of %s the exit codes begin a line of their own', async (name) => {
  for (const columns of [80, 1_000]) expect(await helpOf(name, columns)).not.toMatch(/^.+Exit codes:/m);
});

test.each([
  ['help help', 'Usage: npx plotnost [options]'],
  ['help help params', 'Usage: npx plotnost params '],
  ['help params get', 'Usage: npx plotnost params get '],
  ['params help get', 'Usage: npx plotnost params get '],
  ['help report densities', 'Usage: npx plotnost report densities '],
  ['help status', 'Usage: npx plotnost status '],
])('“%s” is answered with the help of that command', (words, first) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words.split(' ')], {
    encoding: 'utf8',
  });
  expect([status, stderr, stdout.startsWith(first)]).toEqual([0, '', true]);
});

test('who names no command is told on stderr which there are, in no wider lines', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN], {
    encoding: 'utf8',
  });
  expect([status, stdout, stderr.startsWith('Usage: npx plotnost ')]).toEqual([64, '', true]);
  expect(stderr.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('a hint names the command as it is typed', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'params', 'get'], {
    encoding: 'utf8',
  });
  expect([status, stderr.includes('(see npx plotnost params get --help)')]).toEqual([64, true]);
});

test('wherever a person is told what to type, an alert and the page without JavaScript too, it is npx plotnost', () => {
  const bare = new RegExp(`(?<!npx )\\bplotnost (?:${ALL.map((name) => name.split(' ')[0]).join('|')})\\b.*`, 'g');
  const files = globSync('{README*.md,config.yaml,{src,ops,migrations,examples}/**/*.{ts,html,yaml,md,service,sql}}', {
    cwd: ROOT,
  });
  expect(files.length).toBeGreaterThan(300);
  const told = files.flatMap((file) => readFileSync(path.join(ROOT, file), 'utf8').match(bare) ?? []);
  expect(told).toEqual([]);
});

test('asked for its version it says that on one line, and nothing else', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, '--version'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^plotnost \d+\.\d+\.\d+ \(Node v[\d.]+\)\n$/);
});
