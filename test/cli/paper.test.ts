// Is the real market traded on paper without a key, without a signed word, and without a position that nobody ends?
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { NODE, ROOT } from '../program.ts';

const SETTINGS = [
  'database.mode=off',
  'dashboard.enabled=false',
  'strategy.density_threshold_abs=5000',
  'strategy.trend_min_change_percent=0.1',
  'strategy.density_min_lifetime_ms=1000',
  'trading.position_size_usd=70',
];
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Line {
  readonly event: string;
  readonly symbol?: string;
  readonly reason?: string;
}

test('paper on mainnet opens positions without a key, tells the exchange nothing of them, and closes them when it ends', async () => {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'plotnost-paper-'));
  const simulator = await startSimulator({ seed: 3, symbols: 20 }, systemClock, SILENT);
  const { exchange } = simulator;
  const opened = new Set<string>();
  const signed: string[] = [];
  const open = exchange.open.bind(exchange);
  exchange.open = (kind, ...rest) => {
    opened.add(kind);
    return open(kind, ...rest);
  };
  const request = exchange.request.bind(exchange);
  exchange.request = (asked, reply) => {
    if (Object.keys(asked.headers).some((name) => name.startsWith('x-bapi'))) signed.push(asked.path);
    request(asked, reply);
  };
  const { restUrl, publicUrl, privateUrl, tradeUrl } = simulator;
  const endpoints = Object.entries({ rest: restUrl, public: publicUrl, private: privateUrl, trade: tradeUrl });
  const set = [...SETTINGS, ...endpoints.map(([name, url]) => `exchange.endpoints.${name}=${url}`)];
  const { BYBIT_API_KEY: _key, BYBIT_API_SECRET: _secret, ...env } = process.env;
  const args = ['--environment', 'mainnet', '--mode', 'paper', '--json', '--state-dir', stateDir];
  const daemon = spawn(NODE, ['src/main.ts', 'run', ...args, ...set.flatMap((one) => ['--set', one])], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    let stderr = '';
    daemon.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => daemon.once('close', resolve));
    const logFile = path.join(stateDir, 'logs', 'plotnost.log');
    let isAsked = false;
    createInterface({ input: daemon.stdout }).on('line', () => {
      if (isAsked || !readFileSync(logFile, 'utf8').includes('"position.opened"')) return;
      isAsked = true;
      daemon.kill('SIGTERM');
    });
    expect([await ended, stderr]).toEqual([0, '']);
  } finally {
    daemon.kill('SIGKILL');
    await simulator.close();
  }
  const log = await readFile(path.join(stateDir, 'logs', 'plotnost.log'), 'utf8');
  await rm(stateDir, { recursive: true, force: true });
  const lines = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const symbols = (event: string): string[] =>
    lines.filter((line) => line.event === event).map(({ symbol = '' }) => symbol);
  expect(symbols('position.opened').length).toBeGreaterThan(0);
  expect(symbols('position.closed').sort()).toEqual(symbols('position.opened').sort());
  expect(lines.map(({ event }) => event)).not.toContain('run.left_behind');
  expect([[...opened], signed]).toEqual([['public'], []]);
});
