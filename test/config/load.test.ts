// Does a configuration mean what it says, and does a mistake get its place and its remedy?
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig, parseConfig, storable } from '../../src/config/load.ts';
import type { Overrides } from '../../src/config/override.ts';
import type { Config } from '../../src/config/schema.ts';
import { ownFolder } from '../own-folder.ts';

const shipped = fileURLToPath(new URL('../../config.yaml', import.meta.url));

function accepted(source: string, overrides: Overrides = {}, env: Record<string, string> = {}): Config {
  const result = parseConfig(source, 'config.yaml', { env, overrides });
  if (!result.ok) throw new Error(result.errors.join('\n'));
  return result.config;
}

function refused(source: string, overrides: Overrides = {}, env: Record<string, string> = {}): readonly string[] {
  const result = parseConfig(source, 'config.yaml', { env, overrides });
  return result.ok ? [] : result.errors;
}

test('the shipped file trades on the simulator alone and is valid', () => {
  const result = loadConfig(shipped, { env: {} });
  expect(result).toMatchObject({ ok: true, warnings: [] });
  expect(result.ok && result.config.exchange.environment).toBe('simulator');
  expect(result.ok && result.config.trading.mode).toBe('live');
});

test('a list as a key, and a tag that nobody knows, are refused by us alone, with their place', async () => {
  const warned: string[] = [];
  const hear = ({ message }: Error): number => warned.push(message);
  process.on('warning', hear);
  expect(refused('market:\n  ? [a, b]\n  : 2\n')[0]).toMatch(/^config\.yaml:2:\d+ market\.\[ a, b \]: unknown key/);
  expect(refused('', { set: ['market.symbols={[a]: 1}'] })[0]).toMatch(/^--set market\.symbols: must be auto/);
  expect(refused('', { set: ['market.symbols=!those [BTCUSDT]'] })).toEqual([
    '--set market.symbols: the value is no YAML: Unresolved tag: !those',
  ]);
  await new Promise((told) => setImmediate(told));
  process.off('warning', hear);
  expect(warned).toEqual([]);
});

test('the shipped file says what an empty file means', () => {
  const file = loadConfig(shipped, { env: {} });
  const empty = parseConfig('', 'empty.yaml', { env: {} });
  expect(file.ok && file.config).toEqual(empty.ok && empty.config);
  expect(file.ok && file.digest).toBe(empty.ok && empty.digest);
});

test('another value is another digest, in whichever section it stands', () => {
  const sets = [
    'trading.position_size_usd=24',
    'safety.max_daily_loss_percent=1',
    'logging.level=warn',
    'market.slots=65',
  ];
  const digests = [[], ...sets.map((set) => [set])].map((set) => {
    const result = parseConfig('', '', { env: {}, overrides: { set } });
    return result.ok && result.digest;
  });
  expect(new Set(digests).size).toBe(1 + sets.length);
});

test('every default of the strategy is the one that the strategy names', () => {
  expect(accepted('').strategy).toEqual({
    densityThresholdAbs: 50_000,
    densityThresholdRelative: 3,
    densityThresholdPercent: 5,
    densityShareBandPercent: 1,
    densityGridMinLevels: 4,
    densityRoundMultiplier: 1,
    densityMinLifetimeMs: 3_000,
    densityPeakWindowMs: 60_000,
    densityOutOfViewMs: 60_000,
    clusterRangePercent: 0.05,
    clusterMaxLevels: 5,
    bookRangePercent: 0.5,
    trendMinChangePercent: 3,
    trendPressureRangePercent: 0.5,
    trendPressureHalflifeMs: 2_000,
    trendMinImbalance: 0.2,
    breakoutErosionPercent: 30,
    breakoutWindowMs: 3_000,
    breakoutMaxChasePercent: 0.15,
    breakoutMinStopLossPercent: 0.1,
    breakoutBreakevenProfitPercent: 0.5,
    bounceTouchTolerancePercent: 0.2,
    bounceStabilityWindowMs: 3_000,
    bounceDensityStablePercent: 10,
    bounceMinTimeToEatMs: 30_000,
    bounceStopLossBehindDensityPercent: 0.3,
    bounceDensityErosionExitPercent: 65,
    maxSignalAgeMs: 500,
    signalCooldownMs: 10_000,
    maxCostToStopRatio: 0.5,
    maxStopPercent: 1,
    maxSlippagePercent: 0.05,
    maxSpreadPercent: 0.1,
    maxTickPercent: 0.25,
    stopLossTrigger: 'mark',
    stopLossGraceMs: 3_000,
    maxHoldingMinutes: 30,
    tpSlowdownMultiplier: 3,
    tpSlowdownWindowMs: 3_000,
    tpMinMovePercent: 0.3,
    tpCounterDensityRangePercent: 0.2,
    tpCounterFlowImbalance: 0.6,
    tpLocalExtremaHours: 4,
    tpMinRewardRatio: 0.5,
  });
});

test('the original design’s own file is still understood, but for what it may no longer say', () => {
  const original = [
    'exchange: {name: bybit, testnet: false, api_key_env: BYBIT_API_KEY, api_secret_env: BYBIT_API_SECRET}',
    'websocket: {reconnect_delay_initial: 1, reconnect_delay_max: 30, orderbook_depth: 50, snapshot_interval: 300}',
    'market: {update_interval: 300, top_gainers_count: 20, top_losers_count: 20, min_24h_volume: 1000000}',
    'trading: {position_size_usd: 0.1, leverage: 10, margin_mode: ISOLATED, max_concurrent_positions: 10, max_exposure_percent: 5}',
    'safety: {connection_loss_timeout: 30, emergency_close_all: true, require_stop_loss: true, max_api_retries: 5}',
    'database: {host: localhost, port: 5432, name: trading_bot, user_env: DB_USER, password_env: DB_PASSWORD, pool_size: 10}',
    'logging: {level: INFO, file: logs/trading_bot.log, max_size_mb: 100, backup_count: 10, format: json}',
  ].join('\n');
  const result = parseConfig(original, 'config.yaml', { env: {} });
  expect(result.ok && result.config.exchange).toMatchObject({ environment: 'mainnet' });
  expect(result.ok && result.config.logging.level).toBe('info');
  expect(result.ok && result.warnings).toEqual([
    'config.yaml: exchange.testnet is an old name: write "environment: mainnet" instead',
    'config.yaml: database.host names a server that is not used: write "mode: external" to use it, "mode: embedded" for our own',
  ]);
  expect(parseConfig('database: {name: mine}', 'config.yaml', { env: {} })).toMatchObject({ warnings: [] });
});

test.each(['external', 'embedded', 'off'])('a server that is described is no surprise where the mode is %s', (mode) => {
  const env = { DB_USER: 'u', DB_PASSWORD: 'p' };
  const inFile = parseConfig(`database: {host: localhost, mode: ${mode}}`, 'config.yaml', { env });
  const overrides = { set: [`database.mode=${mode}`] };
  const byFlag = parseConfig('database: {host: localhost}', 'config.yaml', { env, overrides });
  expect([inFile, byFlag]).toMatchObject([0, 1].map(() => ({ ok: true, warnings: [] })));
});

test('all mistakes are told at once, each with line, column, key and remedy', () => {
  const source = [
    'strategy:',
    '  density_treshold_abs: 1',
    '  cluster_max_levels: 99',
    '  max_daily_loss_percent: 1',
    'trading:',
    '  leverage: ten',
    '  mode: papr',
    '  require: 1',
    'marktet: {}',
    'safety:',
    '  require_stop_loss: false',
    '  emergency_close_all: off',
  ].join('\n');
  expect([...refused(source)].sort()).toMatchInlineSnapshot(`
    [
      "config.yaml:11:22 safety.require_stop_loss: cannot be switched off: every position has a stop; remove the line or write true",
      "config.yaml:12:24 safety.emergency_close_all: must be true or false, not "off"",
      "config.yaml:2:3 strategy.density_treshold_abs: unknown key: did you mean density_threshold_abs?",
      "config.yaml:3:23 strategy.cluster_max_levels: must be within 2 … 16 levels, not 99",
      "config.yaml:4:3 strategy.max_daily_loss_percent: unknown key here: it belongs in the section safety",
      "config.yaml:6:13 trading.leverage: must be a number within 1 … 100 ×, not "ten"",
      "config.yaml:7:9 trading.mode: must be one of off, paper, live, not "papr"; did you mean paper?",
      "config.yaml:8:3 trading.require: unknown key: remove it; known here: mode, position_size_usd, max_concurrent_positions, max_exposure_percent, leverage, margin_mode, entry_order",
      "config.yaml:9:1 marktet: unknown key: did you mean market?",
    ]
  `);
});

test('a key written twice and broken YAML are told with their place', () => {
  expect(refused('trading:\n  leverage: 1\n  leverage: 2\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:3:3 leverage: is twice in its section: remove one of the two",
    ]
  `);
  expect(refused('{"trading": {"leverage": 1, "leverage": 2}}')).toMatchInlineSnapshot(`
    [
      "config.yaml:1:29 leverage: is twice in its section: remove one of the two",
    ]
  `);
  expect(refused('trading:\n  leverage: [1\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:3:1 Flow sequence in block collection must be sufficiently indented and end with a ]",
    ]
  `);
  expect(refused('- 1\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:1:1 must be sections of keys, like "exchange:" and under it "  environment: simulator"",
    ]
  `);
  expect(refused('trading: 5\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:1:10 trading: must be a section of keys, not 5",
    ]
  `);
  expect(refused('market:\n  symbols: [BTCUSDT, eth]\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:2:22 market.symbols[1]: must be a symbol like BTCUSDT, in capitals, not "eth"",
    ]
  `);
  expect(refused('market:\n  symbols: [BTCUSDT, 5]\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:2:22 market.symbols[1]: must be a text, not 5",
    ]
  `);
  expect(refused('exchange: {name: kraken}')).toMatchInlineSnapshot(`
    [
      "config.yaml:1:18 exchange.name: must be bybit, not "kraken"",
    ]
  `);
  expect(refused('market:\n  symbols: some\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:2:12 market.symbols: must be auto, all, or a list of symbols like [BTCUSDT, ETHUSDT], not "some"",
    ]
  `);
  expect(refused('market: *nowhere\n')).toMatchInlineSnapshot(`
    [
      "config.yaml:1:1 Unresolved alias (the anchor must be set before the alias): nowhere",
    ]
  `);
});

test('a file that is no YAML at all is told in lines that a person can read', () => {
  const recording = '{"topic":"tickers.BTCUSDT","data":{}}\n'.repeat(1_000);
  const lines = refused(recording);
  expect(lines.length).toBeLessThan(25);
  expect(lines[0]).toMatch(/^config\.yaml:2:1 /);
});

test('a section whose keys are all commented out is all defaults', () => {
  expect(accepted('strategy:\n  # cluster_max_levels: 4\n')).toEqual(accepted(''));
});

test('two names of one environment that disagree are refused, those that agree are not', () => {
  expect(refused('exchange: {environment: demo, testnet: true}')).toEqual([
    'config.yaml:1:40 exchange.testnet: means testnet, but exchange.environment is demo: remove exchange.testnet',
  ]);
  expect(accepted('exchange: {environment: testnet, testnet: true}').exchange.environment).toBe('testnet');
  expect(accepted('exchange: {environment: simulator, testnet: false}').exchange.environment).toBe('simulator');
  const flag = { environment: 'mainnet', mode: 'paper' };
  expect(accepted('exchange: {environment: demo, testnet: true}', flag).exchange.environment).toBe('mainnet');
  expect(accepted('exchange: {testnet: true}')).toEqual(accepted('exchange: {environment: testnet}'));
  expect(accepted('exchange: {testnet: true}', { environment: 'demo' }).exchange.environment).toBe('demo');
});

test('the old name of the environment in a flag is heard: nobody trades on mainnet who has said that it is testnet', () => {
  const flag = (...set: string[]): Overrides => ({ set });
  const differs = (environment: string): string =>
    `--set exchange.testnet: means testnet, but exchange.environment is ${environment}: remove exchange.testnet`;
  expect(refused('exchange: {environment: mainnet}', flag('exchange.testnet=true'))).toEqual([differs('mainnet')]);
  expect(refused('', { ...flag('exchange.testnet=true'), environment: 'demo' })).toEqual([differs('demo')]);
  const environment = (source: string, ...set: string[]): string => accepted(source, flag(...set)).exchange.environment;
  expect(environment('', 'exchange.testnet=true')).toBe('testnet');
  expect(environment('exchange: {testnet: false}', 'exchange.testnet=true')).toBe('testnet');
  expect(environment('exchange: {testnet: true}', 'exchange.environment=mainnet')).toBe('mainnet');
});

test('a command line that names two exchanges, or says two things of what a flag is for, is refused, and both are named', () => {
  const differ = (flag: string, is: string, set: string, was: string): string =>
    `${flag}: is ${is}, but --set ${set} is ${was}: leave one of the two out`;
  const environment = 'exchange.environment';
  const testnet = { set: [`${environment}=testnet`] };
  expect(refused('', { ...testnet, environment: 'mainnet' })).toEqual([
    differ('--environment', '"mainnet"', environment, '"testnet"'),
  ]);
  expect(refused('', { set: [...testnet.set, `${environment}=mainnet`] })).toEqual([
    differ(`--set ${environment}`, '"mainnet"', environment, '"testnet"'),
  ]);
  expect(refused('', { set: ['trading.mode=off', 'simulator.seed=7'], mode: 'paper', seed: '8' })).toEqual([
    differ('--mode', '"paper"', 'trading.mode', '"off"'),
    differ('--seed', '8', 'simulator.seed', '7'),
  ]);
  expect(accepted('', { ...testnet, environment: 'testnet' }).exchange.environment).toBe('testnet');
  const set = ['strategy.cluster_max_levels=3', 'strategy.cluster_max_levels=4', 'simulator.seed=7'];
  expect(accepted('', { set, seed: '7' }).strategy.clusterMaxLevels).toBe(4);
  const written = [{ place: 'scenario.yaml:3 seed', text: 'simulator.seed=8' }];
  const seedOf = (flags: Overrides): number => accepted('', { ...flags, written }).simulator.seed;
  expect([seedOf({ set }), seedOf({ seed: '9' })], 'what a scenario asks for contradicts nobody').toEqual([8, 9]);
});

test('two words on the address of the exchange are refused in either order, also where one names them all; one more address is none', () => {
  const [rest, all] = ['exchange.endpoints.rest', 'exchange.endpoints'];
  const one = `${rest}=http://127.0.0.1:1`;
  const both = `${all}={rest: 'http://127.0.0.1:2', public: 'ws://127.0.0.1:2'}`;
  const [is, are] = ['"http://127.0.0.1:1"', '{"rest":"http://127.0.0.1:2","public":"ws://127.0.0.1:2"}'];
  expect(refused('', { set: [both, one] })).toEqual([
    `--set ${rest}: is ${is}, but --set ${all} is ${are}: leave one of the two out`,
  ]);
  expect(refused('', { set: [one, both] })).toEqual([
    `--set ${all}: is ${are}, but --set ${rest} is ${is}: leave one of the two out`,
  ]);
  const lost = [one, `${all}={public: 'ws://127.0.0.1:2'}`];
  expect(refused('', { set: lost })[0], 'the second would take the first away').toContain('leave one of the two out');
  const set = [`${all}={public: 'ws://127.0.0.1:2'}`, one];
  expect(accepted('', { set }).exchange.endpoints).toEqual({ rest: 'http://127.0.0.1:1', public: 'ws://127.0.0.1:2' });
});

test('a flag goes before the file, and its mistake names the flag', () => {
  const flags = { environment: 'testnet', seed: '7', stateDir: '/var/lib/x', set: ['strategy.cluster_max_levels=4'] };
  expect(accepted('strategy: {cluster_max_levels: 3}', flags)).toMatchObject({
    exchange: { environment: 'testnet' },
    simulator: { seed: 7 },
    state: { dir: '/var/lib/x' },
    strategy: { clusterMaxLevels: 4 },
  });
  const wrong = {
    environment: 'testnt',
    seed: 'seven',
    set: ['strategy.cluster_max_level=4', 'leverage', 'trading.leverage', 'market.symbols=[A'],
  };
  const result = parseConfig('', 'config.yaml', { env: {}, overrides: wrong });
  expect(result).toMatchObject({ ok: false, fault: 'flags' });
  expect(refused('', wrong)).toMatchInlineSnapshot(`
    [
      "--set leverage: must be section.key=value, like --set strategy.cluster_max_levels=4",
      "--set trading.leverage: must be section.key=value, like --set strategy.cluster_max_levels=4",
      "--set market.symbols: the value is no YAML: Flow sequence must end with a ]",
      "--environment: must be one of simulator, testnet, demo, mainnet, not "testnt"; did you mean testnet?",
      "--set strategy.cluster_max_level: unknown key: did you mean cluster_max_levels?",
      "--seed: must be a number within 0 … 4294967295, not "seven"",
    ]
  `);
  expect(refused('trading: [', wrong), 'of a broken file too').toEqual(
    expect.arrayContaining(refused('', wrong).slice(0, 3)),
  );
  expect(accepted('', { set: ['market.symbols=[BTCUSDT, ETHUSDT]'] }).market.symbols).toEqual(['BTCUSDT', 'ETHUSDT']);
  expect(accepted('trading:\n  # mode: live\n', { mode: 'paper' }).trading.mode).toBe('paper');
  expect(accepted('trading: [live]', { mode: 'paper' }).trading.mode).toBe('paper');
  const set = ['exchange.endpoints.rest=http://127.0.0.1:1', 'exchange.endpoints.public=ws://127.0.0.1:1'];
  expect(accepted('exchange:\n  endpoints:\n', { set }).exchange.endpoints.rest).toBe('http://127.0.0.1:1');
  expect(refused('', { set: ['trading.mode=off'], mode: 'papr' })[0]).toMatch(/^--mode: /);
  expect(accepted('market:\n  exclude: [币安人生USDT]\n').market.exclude).toEqual(['币安人生USDT']);
});

test.each([
  ['a.b=1', '--set a.b: unknown key: remove it; known here: exchange, '],
  [
    'strategy.max_spread_percent.x=1',
    '--set strategy.max_spread_percent.x: must be a number within 0.001 … 1 % of mid, not {"x":1}: ' +
      'it takes a value, not a section',
  ],
])('--set %s is blamed on the flag, also where only a part of its key is wrong', (set, told) => {
  const result = parseConfig('strategy: {max_spread_percent: 0.1}', 'config.yaml', {
    env: {},
    overrides: { set: [set] },
  });
  expect(result).toMatchObject({ ok: false, fault: 'flags', errors: [expect.stringContaining(told)] });
});

test('a sound file that a flag contradicts is told where, and the flag is to blame; one that contradicts itself is itself', () => {
  const read = (min: number | string, ...set: string[]) =>
    parseConfig(`paper: {latency_ms_min: ${min}}`, 'c', { env: {}, overrides: { set } });
  expect(read(20, 'paper.latency_ms_max=10')).toMatchObject({
    fault: 'flags',
    errors: ['c:1:25 paper.latency_ms_min: must not be above paper.latency_ms_max (10)'],
  });
  expect(read(90, 'paper.latency_ms_max=70')).toMatchObject({ fault: 'file' });
  expect(read(90)).toMatchObject({ fault: 'file' });
  expect(read('ten', 'paper.latency_ms_min=90'), 'of a file that is wrong where the flag speaks').toMatchObject({
    fault: 'flags',
    errors: ['--set paper.latency_ms_min: must not be above paper.latency_ms_max (80)'],
  });
  const old = 'exchange: {testnet: true}\nsafety: {crash_loop_exits: 4}';
  expect(parseConfig(old, 'c', { env: {}, overrides: { mode: 'paper' } })).toMatchObject({ fault: 'file' });
});

test('a number that will not do is told as it was written', () => {
  expect(refused('', { seed: '-1' })).toEqual(['--seed: must be within 0 … 4294967295, not -1']);
  expect(refused('', { seed: '1.5' })).toEqual(['--seed: must be a whole number within 0 … 4294967295, not 1.5']);
  for (const seed of ['7 days', 'x7'])
    expect(refused('', { seed })).toEqual([`--seed: must be a number within 0 … 4294967295, not "${seed}"`]);
  const tooLarge = 'must be within 0 … 4294967295, not 100000000000000000000';
  expect(refused('', { seed: '1e20' })).toEqual([`--seed: ${tooLarge}`]);
  expect(refused('simulator: {seed: 1e20}')).toEqual([`config.yaml:1:19 simulator.seed: ${tooLarge}`]);
  expect(refused('strategy: {max_spread_percent: .nan}')).toEqual([
    'config.yaml:1:32 strategy.max_spread_percent: must be a number within 0.001 … 1 % of mid, not NaN',
  ]);
  const lever = (text: string): string =>
    `config.yaml:1:21 trading.leverage: must be a number within 1 … 100 ×, not ${text}`;
  expect(refused('trading: {leverage: [1]}')).toEqual([lever('[1]')]);
  expect(refused(`trading: {leverage: ${'x'.repeat(58)}}`)).toEqual([lever(`"${'x'.repeat(58)}"`)]);
  expect(refused(`trading: {leverage: ${'x'.repeat(59)}}`)).toEqual([lever(`"${'x'.repeat(56)}…`)]);
});

test('~ is no place: a folder of that name would be made', () => {
  const told = (place: string): string => `must be written out: only a shell knows what ~ is, not "${place}"`;
  expect(refused('', { stateDir: '~/plotnost' })).toEqual([`--state-dir: ${told('~/plotnost')}`]);
  expect(refused('logging: {file: ~/log}\ndashboard: {token_file: "~"}\nstate: {dir: ./~}')).toEqual([
    `config.yaml:1:17 logging.file: ${told('~/log')}`,
    `config.yaml:2:25 dashboard.token_file: ${told('~')}`,
  ]);
});

test('nothing where something must stand is told as that, and a key of the section around as where it belongs', () => {
  expect(refused('market: {symbols: []}\nstate: {dir: ""}\nexchange: {endpoints: {environment: demo}}')).toEqual([
    'config.yaml:3:24 exchange.endpoints.environment: unknown key here: it belongs in the section exchange',
    'config.yaml:1:19 market.symbols: must name at least 1',
    'config.yaml:2:14 state.dir: must not be empty',
  ]);
});

test('a number beyond the bounds of a key that takes a word too is told the word and the bounds', () => {
  expect(refused('market: {slots: 0}\nanalysis: {workers: 65}\nsimulator: {rate: 100001}')).toEqual([
    'config.yaml:1:17 market.slots: must be auto or a whole number from 1 to 1024, not 0',
    'config.yaml:2:21 analysis.workers: must be auto or a whole number from 1 to 64, not 65',
    'config.yaml:3:19 simulator.rate: must be natural or a whole number from 1 to 100000, not 100001',
  ]);
});

test('a host where a list of them must stand is not asked to be a list of contracts', () => {
  expect(refused('dashboard: {allowed_hosts: trader.example.org}')).toEqual([
    'config.yaml:1:28 dashboard.allowed_hosts: must be a list like [A, B], not "trader.example.org"',
  ]);
});

test('of a key that is all but right, or the beginning of one, the right one is named, and of one that is far from all none', () => {
  const meant = (key: string): string | undefined =>
    / did you mean (\w+)/.exec(refused(`trading: {${key}: 1}`)[0] ?? '')?.[1];
  expect(
    [
      'mdoe',
      'MODE',
      'modes',
      'mod',
      'moode',
      'lev',
      'levrage',
      'margin-mode',
      'position_size',
      'max_exposre_prcent',
    ].map(meant),
  ).toEqual([
    'mode',
    'mode',
    'mode',
    'mode',
    'mode',
    'leverage',
    'leverage',
    'margin_mode',
    'position_size_usd',
    'max_exposure_percent',
  ]);
  expect(['le', 'mdeo', 'mean', 'size', 'lvrg', 'argin'].map(meant)).toEqual(Array(6).fill(undefined));
});

test('two documents in one file are told as that, with the line of the second', () => {
  expect(refused('trading: {mode: off}\n---\nstrategy: {}\n')).toEqual([
    'config.yaml:2:1 a second document begins here: put everything into one, without this line',
  ]);
});

test('a secret pasted in place of its name is refused and never printed', () => {
  const secret = 'x8sPq2LmN4vT7wYz';
  const source = `exchange:\n  api_key_env: ${secret}\n  api_secret: ${secret}\n  api_key: 1\n`;
  const errors = refused(source, { set: [`exchange.api_secret_env=${secret}`, `exchange.api_secret=${secret}`] });
  expect(errors.length).toBeGreaterThan(2);
  expect(errors).toContain(
    'config.yaml:4:3 exchange.api_key: unknown key: did you mean api_key_env? ' +
      'It names an environment variable; the secret itself goes into .env',
  );
  expect(errors.join('\n')).not.toContain(secret);
});

test('an external database needs the variables that it names; keys are asked for by what trades', () => {
  expect(refused('database: {mode: external}', {}, { DB_PASSWORD: 'x' })).toEqual([
    'config.yaml:1:11 database.user_env: the environment variable DB_USER is not set: put DB_USER=… into .env or the environment',
  ]);
  expect(refused('database: {mode: external}', {}, { DB_USER: 'me', DB_PASSWORD: '' })).toEqual([
    'config.yaml:1:11 database.password_env: the environment variable DB_PASSWORD is not set: put DB_PASSWORD=… into .env or the environment',
  ]);
  expect(refused('trading: {mode: live}', { environment: 'mainnet' })).toEqual([]);
  expect(refused('trading: {mode: live}')).toEqual([]);
});

test('paper answers within the time after which an order counts as unanswered', () => {
  expect(refused('paper: {latency_ms_max: 1501}')).toHaveLength(1);
  expect(accepted('paper: {latency_ms_max: 1500}').paper.latencyMsMax).toBe(1_500);
});

test('keys that contradict each other are refused', () => {
  expect(refused('websocket: {reconnect_delay_initial: 20, reconnect_delay_max: 10}')).toHaveLength(1);
  expect(refused('paper: {latency_ms_min: 90}')).toEqual([
    'config.yaml:1:25 paper.latency_ms_min: must not be above paper.latency_ms_max (80)',
  ]);
  expect(refused('market: {slots: 8}')).toHaveLength(1);
  expect(refused('market: {symbols: [BTCUSDT, BTCUSDT]}')).toHaveLength(1);
  expect(refused('strategy: {bounce_stop_loss_behind_density_percent: 2}')).toHaveLength(1);
  const slots = ['', 'market: {slots: 41}', 'market: {symbols: all}'].map((source) => accepted(source).market.slots);
  expect(slots).toEqual([64, 41, 1_024]);
});

test('every kind of contract that the exchange lists can be chosen, in its own spelling', () => {
  const kinds = ['ordinary', 'innovation', 'stock', 'commodity', 'forex', 'ETF'];
  expect(accepted(`market: {symbol_types: [${kinds.join(', ')}]}`).market.symbolTypes).toEqual(kinds);
  expect(refused('market: {symbol_types: [etf]}')).toHaveLength(1);
});

test('what was read cannot be changed', () => {
  const config = accepted('');
  expect(Object.isFrozen(config.strategy)).toBe(true);
  expect(Object.isFrozen(config.market.symbolTypes)).toBe(true);
});

test('a file that is missing, a directory or no text is told as such', () => {
  const directory = ownFolder();
  const [none, binary, latin] = ['none', 'binary', 'latin'].map((name) => path.join(directory, `${name}.yaml`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(latin, Buffer.from('# größer als nötig\ntrading: {mode: paper}\n', 'latin1'));
  for (const [file, reason] of [
    [none, 'no such file'],
    [directory, 'EISDIR'],
    [binary, 'not UTF-8'],
    [latin, 'not UTF-8'],
  ] as const) {
    const result = loadConfig(file, { env: {} });
    expect(result).toMatchObject({ ok: false, fault: 'file' });
    expect(!result.ok && result.errors).toEqual([expect.stringMatching(`^${file}: .*${reason}`)]);
  }
});

test('no text of any kind makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'a:-[]{}&*!|>\'"#%@\n ?,~<'.split('')) })),
      (source) => {
        const result = parseConfig(source, 'config.yaml', { env: {} });
        expect(result.ok || result.errors.length > 0).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

test('R08: the guard against crash loops may be loosened on the simulator only', () => {
  expect(accepted('safety: {crash_loop_exits: 500}').safety.crashLoopExits).toBe(500);
  expect(accepted('safety: {crash_loop_exits: 2}', { environment: 'demo' }).safety.crashLoopExits).toBe(2);
  expect(refused('safety: {crash_loop_exits: 4}', { environment: 'demo' })).toEqual([
    'config.yaml:1:28 safety.crash_loop_exits: must not be above 3 on demo: only the simulator has nothing to lose',
  ]);
});

test('what a database keeps of a configuration holds every key but the address of alerts, which may be a secret (S01)', () => {
  const parsed = parseConfig('alerts: {webhook_url: "https://hooks.example.org/T0/B0"}', 'config.yaml', { env: {} });
  if (!parsed.ok) throw new Error(parsed.errors.join());
  const { alerts, ...others } = JSON.parse(JSON.stringify(storable(parsed.effective))) as typeof parsed.effective;
  expect(alerts).toEqual({ webhook_url_env: 'ALERTS_WEBHOOK_URL', heartbeat_interval: 300 });
  expect({ ...others, alerts: parsed.effective.alerts }).toEqual(parsed.effective);
});

test('alerts go to an address of the web, or nowhere', () => {
  expect(accepted('').alerts).toEqual({ webhookUrlEnv: 'ALERTS_WEBHOOK_URL', heartbeatInterval: 300 });
  expect(accepted('alerts: {webhook_url: "https://hooks.example.org/x"}').alerts.webhookUrl).toContain('hooks');
  const query = 'https://hooks.example.org/x?key=y';
  expect(accepted('', { set: [`alerts.webhook_url=${query}`] }).alerts.webhookUrl).toBe(query);
  expect(refused('alerts: {webhook_url: "mailto:me"}')).toEqual([
    'config.yaml:1:23 alerts.webhook_url: must be an address like https://hooks.example.org/T0/B0',
  ]);
});

test('alerts that could never be posted are refused, and the address, which may be a secret, is not repeated', () => {
  const rule = 'must be an address like https://hooks.example.org/T0/B0, without a user and a password in it';
  const held = (url: string): readonly string[] => refused('', {}, { ALERTS_WEBHOOK_URL: url });
  for (const url of [
    'hooks.example.org/T0/B0',
    'https://me:word@ntfy.example.org/T0',
    'https://:word@ntfy.example.org/T0',
    'https://',
    'localhost:8080',
  ])
    expect(held(url), url).toEqual([`config.yaml:1:1 alerts.webhook_url_env: what ALERTS_WEBHOOK_URL holds ${rule}`]);
  expect(refused('alerts: {webhook_url: "https://me@ntfy.example.org/T0"}')).toEqual([
    `config.yaml:1:23 alerts.webhook_url: ${rule}`,
  ]);
  expect(['', 'http://127.0.0.1:9/x', 'https://hooks.example.org/T0/B0'].flatMap(held)).toEqual([]);
  expect(refused('alerts: {webhook_url: "https://hooks.example.org"}', {}, { ALERTS_WEBHOOK_URL: 'x' })).toEqual([]);
});

test.each([
  ['WARNING', 'warn'],
  ['CRITICAL', 'fatal'],
  ['INFO', 'info'],
  ['fatal', 'fatal'],
])('the first design’s level %s is the log’s %s', (word, level) => {
  const result = parseConfig(`logging: { level: ${word} }`, 'config.yaml', { env: {} });
  expect(result.ok && result.config.logging.level).toBe(level);
});
