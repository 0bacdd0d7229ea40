// Do the shells say where the exchange is, play scenarios, and do what the README promises?
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openExchange } from '../exchange-room.ts';
import { MAIN, NODE, ROOT } from '../../program.ts';
import { readReadme, withFaultTable } from './fault-table.ts';

const BIN = path.join(ROOT, 'node_modules', '.bin');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'plotnost-stage-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function run(file: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: `${BIN}${path.delimiter}${process.env['PATH'] ?? ''}` };
    const child = execFile(file, args, { cwd: ROOT, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : (child.exitCode ?? 1), out, err });
    });
  });
}

const simulator = (...args: string[]): Promise<Ended> => run(NODE, [MAIN, 'simulator', ...args]);

interface Ready {
  readonly rest: string;
  readonly private: string;
  readonly trade: string;
  readonly control: string;
  readonly keys: readonly { readonly key: string; readonly secret: string; readonly uid: number }[];
}

/** A simulator as a process of its own, until `end` is called. */
async function start(...args: string[]): Promise<{ ready: Ready; end: () => Promise<number | null> }> {
  const child = spawn(NODE, [MAIN, 'simulator', '--json', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  const line = await new Promise<string>((resolve) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  return {
    ready: JSON.parse(line) as Ready,
    end() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

test('a scenario that ends as expected exits with 0, another with 1, a faulty file with 65', async () => {
  const ledger = path.join(directory, 'ledger.jsonl');
  const good = path.join(ROOT, 'examples', 'scenarios', 'stop-stripped.yaml');
  const [missed, faulty] = [path.join(directory, 'missed.yaml'), path.join(directory, 'faulty.yaml')];
  await writeFile(missed, 'name: Nobody trades\nsymbols: 1\nlasts: 1s\nexpect: [{ by: 1s, ledger: fill }]\n');
  await writeFile(faulty, 'name: No end\nlasts: never\n');
  const [first, second, third, fourth] = await Promise.all([
    simulator('--scenario', good, '--virtual', '--json', '--ledger', ledger),
    simulator('--scenario', missed, '--virtual'),
    simulator('--scenario', faulty, '--virtual'),
    simulator('--virtual'),
  ]);
  expect([first.code, second.code, third.code, fourth.code]).toEqual([0, 1, 65, 64]);
  expect(JSON.parse(first.out)).toMatchObject({ scenario: { passed: true } });
  expect(second.out).toContain(`${missed}: Nobody trades: NOT as expected`);
  expect(second.out).toContain('MISSED: fill, 0 found; 0 lines where at least 1 were expected');
  expect(third.err).toContain(`${faulty}:2 lasts: "never" is no time`);
  expect(fourth.err).toContain('--virtual');
  const lines = (await readFile(ledger, 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ n: 0, kind: 'run', v: 1, seed: 7 });
});

test('on sockets a scenario runs in real time, tells its result and ends the exchange', async () => {
  const file = path.join(directory, 'short.yaml');
  await writeFile(
    file,
    'name: Short\nsymbols: 1\nlasts: 1s\nsteps: [{ at: 200ms, do: human-open, with: { symbol: BTCUSDT, side: Buy, qty: "0.001" } }]\nexpect: [{ by: 900ms, ledger: fill }]\n',
  );
  const { code, out } = await simulator('--scenario', file, '--json');
  const [ready, result] = out.trimEnd().split('\n');
  expect(JSON.parse(ready ?? '')).toMatchObject({ ready: true });
  expect(JSON.parse(result ?? '')).toMatchObject({ scenario: { name: 'Short', passed: true } });
  expect(code).toBe(0);
});

test('over real sockets: a status instead of an upgrade, an upgrade that is never answered, a close code', async () => {
  const exchange = await openExchange({ symbols: 1 });
  const fault = (order: object): Promise<Response> =>
    fetch(`${exchange.controlUrl}/fault`, { method: 'POST', body: JSON.stringify(order) });
  await fault({ kind: 'refuse-connections', channel: 'trade', ms: 60_000, status: 503 });
  await fault({ kind: 'black-hole', channel: 'private', ms: 60_000 });
  const refused = new WebSocket(exchange.tradeUrl);
  await expect(
    new Promise((resolve, reject) => void refused.once('open', resolve).once('error', reject)),
  ).rejects.toThrow('503');
  const swallowed = connect(Number(new URL(exchange.restUrl).port), '127.0.0.1');
  const answers: Buffer[] = [];
  swallowed.on('data', (chunk) => answers.push(chunk));
  swallowed.write(
    'GET /v5/private HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  const open = new WebSocket(exchange.publicUrl);
  await new Promise((resolve) => open.once('open', resolve));
  const closed = new Promise((resolve) => open.once('close', resolve));
  await fault({ kind: 'cut', code: 1_001 });
  expect(await closed).toBe(1_001);
  expect(answers).toEqual([]);
  swallowed.destroy();
  await exchange.close();
});

test('who is refused and never hangs up does not keep the exchange from ending', async () => {
  const exchange = await openExchange({ symbols: 1 });
  const refused = connect({ port: Number(new URL(exchange.restUrl).port), host: '127.0.0.1', allowHalfOpen: true });
  refused.write('GET /v5/nowhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  await new Promise((resolve) => refused.once('data', resolve));
  const ended = new Promise<void>((resolve) => void refused.once('end', resolve));
  await exchange.close();
  await ended;
  expect(refused.readableEnded).toBe(true);
  refused.destroy();
});

/** The README's section, its lines of commands and its program, in the order in which they stand. */
function section(): { commands: string[]; program: string } {
  const text = readReadme().split('## Point any Bybit client at it')[1]?.split('\n## ')[0] ?? '';
  const commands = text.split('\n').filter((line) => /^(npx|curl) /.test(line));
  return { commands: commands.map((line) => line.trim()), program: /```js\n([^]*?)```/.exec(text)?.[1] ?? '' };
}

test('the line of a simulator that is ready names addresses and keys, and the README’s commands run there as they stand', async () => {
  const { commands, program } = section();
  const [opening, ...others] = commands as [string, ...string[]];
  expect(opening).toContain('npx plotnost simulator --port 7000 --symbols 5');
  const { ready, end } = await start('--symbols', '5');
  const { port } = new URL(ready.rest);
  expect(ready).toMatchObject({
    private: `ws://127.0.0.1:${port}/v5/private`,
    trade: `ws://127.0.0.1:${port}/v5/trade`,
    control: `http://127.0.0.1:${port}/control`,
  });
  expect(ready.keys[0]).toEqual({ key: 'simkey', secret: 'simsecret', uid: 123_456_789 });
  const here = (text: string): string => text.replaceAll('http://127.0.0.1:7000', ready.rest);
  const shell = (line: string): Promise<Ended> =>
    run('sh', ['-c', here(line).replace('npx plotnost', `'${NODE}' '${MAIN}'`)]);
  const said = new Map<string, string>();
  for (const line of [others[0] ?? '', 'PROGRAM', ...others.slice(1)]) {
    const ended =
      line === 'PROGRAM' ? await run(NODE, ['--input-type=module', '-e', here(program)]) : await shell(line);
    expect({ line, ...ended, err: '' }).toMatchObject({ code: 0 });
    said.set(line, ended.out);
  }
  expect(said.get('PROGRAM')).toContain('retCode: 0');
  const outs = [...said.values()];
  expect(outs.filter((out) => out.startsWith('{"ok":true'))).toHaveLength(3);
  expect(outs.find((out) => out.startsWith('{"n":0'))).toContain('"kind":"fill"');
  expect(outs.at(-1)).toContain('as expected');
  expect(await end()).toBe(0);
});

test('the README’s table of faults is the table by which orders are checked', () => {
  expect(readReadme()).toBe(withFaultTable(readReadme()));
});
