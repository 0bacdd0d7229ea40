// Does `simulator` say once where it is, and does it end when it is told to, with its log of the truth whole?
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addSimulatorCommand } from '../../src/cli/simulator.ts';
import { startSimulatorChild } from '../../src/cli/simulator-child.ts';
import { readTruth } from '../../src/cli/score/truth-log.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';
import { configOf } from '../config-of.ts';
import { ownFolder } from '../own-folder.ts';
import { MAIN, NODE, ROOT } from '../program.ts';

const CHILD = path.join(ROOT, 'src', 'cli', 'simulator-child.ts');

let directory = '';
let endChild: () => void = () => undefined;

beforeEach(() => {
  directory = ownFolder();
});
afterEach(() => endChild());

interface Ready {
  readonly rest: string;
  readonly public: string;
  readonly control: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
}

interface Running {
  readonly child: ReturnType<typeof spawn>;
  readonly ready: Ready;
  /** Exit code, and every line that it ever wrote to stdout. */
  readonly ended: Promise<{ code: number | null; lines: string[] }>;
}

async function start(...flags: string[]): Promise<Running> {
  const child = spawn(NODE, [MAIN, 'simulator', '--json', '--symbols', '4', ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  endChild = () => void child.kill('SIGKILL');
  let out = '';
  const ended = new Promise<{ code: number | null; lines: string[] }>((resolve) => {
    child.once('close', (code) => resolve({ code, lines: out.trimEnd().split('\n') }));
  });
  const ready = await new Promise<Ready>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.endsWith('\n')) resolve(JSON.parse(out) as Ready);
    });
  });
  return { child, ready, ended };
}

test.each(['SIGTERM', 'SIGINT'] as const)('one line when ready; %s ends it with 0 and a whole log', async (signal) => {
  const truth = path.join(directory, 'truth.jsonl');
  const { child, ready, ended } = await start('--seed', '7', '--truth', truth);
  expect(ready).toMatchObject({
    ready: true,
    rest: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    public: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/v5\/public\/linear$/),
    control: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/control$/),
    seed: 7,
    parameters: { seed: 7, symbols: 4, rate: 'natural', truthFile: truth },
  });
  expect((await fetch(`${ready.rest}/v5/market/time`)).status).toBe(200);
  child.kill(signal);
  const { code, lines } = await ended;
  expect({ code, lines: lines.length }).toEqual({ code: 0, lines: 1 });
  const { walls, minLifetimeMs } = readTruth((await readFile(truth, 'utf8')).split('\n'));
  expect(minLifetimeMs).toBe(3_000);
  expect(walls.filter(({ ending, endedMs }) => ending === 'held' && endedMs === null).length).toBeGreaterThan(0);
});

test('with --parent-pipe it ends when its parent lets go of the pipe', async () => {
  const { child, ended } = await start('--parent-pipe');
  child.stdin?.end();
  expect((await ended).code).toBe(0);
});

test('started by npx it ends when npm is gone: the port would be taken for ever', async () => {
  const command = `'${NODE}' '${MAIN}' simulator --json --symbols 1; true`;
  const npm = spawn('sh', ['-c', command], {
    detached: true,
    env: { ...process.env, npm_lifecycle_event: 'npx' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isOver = false;
  endChild = () => void (isOver || process.kill(-(npm.pid as number), 'SIGKILL'));
  const ended = new Promise<void>((resolve) => npm.once('close', () => resolve())).then(() => (isOver = true));
  await new Promise((resolve) => npm.stdout.once('data', resolve));
  npm.kill('SIGKILL');
  // The simulator has the same standard output, and closes it with its end.
  expect(await ended).toBe(true);
});

/** Exit code and complaint of a start that is refused. */
function refused(...flags: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(NODE, [MAIN, 'simulator', ...flags]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => void child.once('close', (code) => resolve({ code, out, err })));
}

test('wrong flags, a log that cannot be written and a taken port are wrong usage that names the remedy', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
  });
  const asked: readonly (readonly [flag: string, value: string, remedy: string])[] = [
    ['--symbols', '0', 'from 1 to 1000'],
    // More than there are names for: they would be looked for without end.
    ['--symbols', '4000', 'from 1 to 1000'],
    ['--rate', 'fast', 'from 1 to 1000000'],
    ['--rate', '60001', 'at most 60000 for 60 symbols'],
    ['--truth', path.join(directory, 'none', 'truth.jsonl'), 'written .ENOENT.: name a file in a folder that is there'],
    ['--port', `${port}`, 'choose another or 0'],
  ];
  // Also where its parent holds the pipe open.
  const answers = await Promise.all(asked.map(([flag, value]) => refused('--parent-pipe', flag, value)));
  expect(answers).toEqual(
    asked.map(([flag, , remedy]) => ({
      code: 64,
      out: '',
      err: expect.stringMatching(new RegExp(`${flag}[^]*${remedy}`)),
    })),
  );
  taken.close();
});

test.each([
  ['the least', ['seed=0', 'symbols=1', 'rate=1']],
  ['the largest', ['seed=4294967295', 'symbols=100', 'rate=100000']],
])('%s numbers that the section simulator takes open an exchange', async (_, settings) => {
  const exchange = await startSimulatorChild(configOf(settings.map((one) => `simulator.${one}`)).simulator);
  const { status } = await fetch(`${exchange.rest}/v5/market/time`);
  await exchange.close();
  expect(status).toBe(200);
});

test('an exchange that hangs is killed after a while: whoever closes it is not kept from closing the rest', async () => {
  const clock = createVirtualClock();
  const exchange = await startSimulatorChild({ seed: 1, symbols: 1, rate: 'natural' }, clock);
  process.kill(exchange.pid as number, 'SIGSTOP');
  const closed = exchange.close();
  await clock.advance(10_000);
  await closed;
  expect(() => process.kill(exchange.pid as number, 0)).toThrow('ESRCH');
  expect(clock.waiting()).toBe(0);
});

test('an exchange for which this process may open no more files is told as one that did not start, with the remedy', async () => {
  const program = `
    import { openSync } from 'node:fs';
    import { startSimulatorChild } from ${JSON.stringify(CHILD)};
    try {
      for (;;) openSync('/dev/null');
    } catch {}
    await startSimulatorChild({ seed: 1, symbols: 1, rate: 'natural' }).catch(({ name, message }) => {
      console.log(name, message);
    });`;
  const limited = ['-c', 'ulimit -n 60; exec "$@"', 'sh', NODE, '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)('/bin/sh', limited);
  expect(stdout).toMatch(/^CliError the simulated exchange did not start \(.*EMFILE.*ulimit -n/);
});

test('a seed may be written as for a run: 1e3', async () => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addSimulatorCommand(program);
  const refused = (seed: string): Promise<unknown> =>
    program.parseAsync(['simulator', '--seed', seed, '--virtual'], { from: 'user' });
  await expect(refused('1e3')).rejects.toThrow('--virtual: goes with --scenario FILE only');
  await expect(refused('1e-3')).rejects.toThrow('whole number');
});

test('frames are counted in whole numbers, as the exchange is told them', () => {
  expect(() => configOf(['simulator.rate=2.5'])).toThrow('simulator.rate');
});
