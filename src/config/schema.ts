// What is a valid configuration? The sections, the rules between them, and its type once read.
import { z } from 'zod';
import { moneyFromNumber } from '../market/money.ts';
import { CONTRACT_AGE_MS_MAX } from '../risk/limits.ts';
import { settingFaults, startCheck } from '../risk/start-check.ts';
import { camelKey, camelKeys } from './camel.ts';
import { alerts, analysis, dashboard, database, logging, state } from './service-sections.ts';
import { strategy } from './strategy-section.ts';
import { paper, safety, trading } from './trading-sections.ts';
import { exchange, market, simulator, SYMBOLS_PER_CONNECTION, TOPICS_PER_SYMBOL, websocket } from './venue-sections.ts';

/** As the simulated market knows it: its time goes in milliseconds. */
const FRAMES_PER_SYMBOL_MAX = 1_000;

const section = <Shape extends Record<string, z.ZodType>>(shape: Shape, about: string) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ description: about });

export const SECTIONS = {
  exchange: section(exchange, 'Exchange'),
  websocket: section(websocket, 'Market data connections'),
  market: section(market, 'Which symbols are watched'),
  trading: section(trading, 'Trading'),
  paper: section(paper, 'Trading on paper: against live books, without an account'),
  strategy: section(strategy, 'Strategy: what a density, a signal and an exit are'),
  safety: section(safety, 'Safety'),
  database: section(database, 'Database'),
  logging: section(logging, 'Log'),
  alerts: section(alerts, 'Alerts'),
  dashboard: section(dashboard, 'Dashboard, metrics and health'),
  analysis: section(analysis, 'Analysis threads'),
  simulator: section(simulator, 'Simulated exchange'),
  state: section(state, 'State on disk'),
};

export const configSchema = z.strictObject(SECTIONS);

/** As in the file: snake_case keys, every default filled in. */
export type ConfigFile = z.output<typeof configSchema>;

type CamelKey<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : Key;

type Camel<Value> = Value extends readonly (infer Item)[]
  ? readonly Camel<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value as Key extends string ? CamelKey<Key> : never]: Camel<Value[Key]> }
    : Value;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

type Read = Camel<ConfigFile>;

/** As the engine reads it: camelCase, frozen, and what `auto` means written out where the file alone decides it. */
export type Config = Omit<Read, 'market' | 'logging' | 'exchange'> & {
  readonly exchange: Omit<Read['exchange'], 'testnet'>;
  readonly market: Omit<Read['market'], 'slots'> & { readonly slots: number };
  readonly logging: Omit<Read['logging'], 'level'> & { readonly level: LogLevel };
};

/** The strategy as shipped. */
export function defaultStrategy(): Config['strategy'] {
  return camelKeys(SECTIONS.strategy.parse({})) as Config['strategy'];
}

export interface Fault {
  /** Section and key, as in the file. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The private stream and the order entry stream. */
const TRADING_SOCKETS = 2;
const SLOTS_AUTO = 64;
const SLOTS_ALL = 1_024;
const CRASH_LOOP_EXITS_MAX = 3;

export function slotCount(file: Pick<ConfigFile, 'market'>): number {
  if (file.market.slots !== 'auto') return file.market.slots;
  return file.market.symbols === 'all' ? SLOTS_ALL : SLOTS_AUTO;
}

/** Which exchange an address of Bybit's is of, in whichever country; undefined of anybody else's. */
function bybitAt(address: string): string | undefined {
  const host = /^\w+:\/\/(?:api|stream)(?:-(testnet|demo))?\.by(?:bit|tick)/i.exec(address);
  return host === null ? undefined : (host[1]?.toLowerCase() ?? 'mainnet');
}

/** Neither encrypted nor on this machine, where a proxy may encrypt. */
function isOpenToOthers(address: string): boolean {
  const { protocol = '', hostname = '' } = URL.parse(address) ?? {};
  return /^(?:http|ws):$/.test(protocol) && !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** `fetch` posts nowhere else, and would say so at each alert only. */
function isPostable(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password === '';
}

/** The rules between keys: each is sound alone, together they are not. */
export function contradictions(file: ConfigFile, env: Readonly<Record<string, string | undefined>>): Fault[] {
  const faults: Fault[] = [];
  const say = (path: string, message: string): unknown => faults.push({ path: path.split('.'), message });
  const { websocket: ws, market: watched, exchange: venue, database: db, trading: trade, strategy: rules } = file;
  if (ws.reconnect_delay_initial > ws.reconnect_delay_max) {
    say(
      'websocket.reconnect_delay_initial',
      `must not be above websocket.reconnect_delay_max (${ws.reconnect_delay_max})`,
    );
  }
  if (ws.reconnect_delay_initial > file.safety.connection_loss_timeout) {
    say(
      'websocket.reconnect_delay_initial',
      `must not be above safety.connection_loss_timeout (${file.safety.connection_loss_timeout}): ` +
        'positions would be closed before the first new connection',
    );
  }
  if (file.paper.latency_ms_min > file.paper.latency_ms_max) {
    say('paper.latency_ms_min', `must not be above paper.latency_ms_max (${file.paper.latency_ms_max})`);
  }
  const contractAgeMax = CONTRACT_AGE_MS_MAX / 1_000;
  if (trade.mode !== 'off' && watched.update_interval > contractAgeMax) {
    say(
      'market.update_interval',
      `must not be above ${contractAgeMax} where trading.mode is ${trade.mode}: contracts are read anew with it, ` +
        'and none that was read longer ago is entered',
    );
  }
  const slots = slotCount(file);
  const ranked = watched.top_gainers_count + watched.top_losers_count;
  const places = watched.symbols === 'all' ? slots : watched.symbols === 'auto' ? ranked : watched.symbols.length;
  const perSocket = Math.min(Math.floor(ws.max_topics_per_connection / TOPICS_PER_SYMBOL), SYMBOLS_PER_CONNECTION);
  const sockets = Math.ceil(places / perSocket) + (trade.mode === 'live' ? TRADING_SOCKETS : 0);
  if (sockets > ws.connect_budget) {
    say(
      'websocket.connect_budget',
      `must not be below ${sockets}, the connections that ${places} symbols take where ` +
        `websocket.max_topics_per_connection is ${ws.max_topics_per_connection}: books would wait five minutes for theirs`,
    );
  }
  if (watched.symbols === 'auto' && ranked === 0) {
    say('market.top_gainers_count', 'nothing would be watched: give top_gainers_count or top_losers_count at least 1');
  }
  if (watched.symbols === 'auto' && ranked > slots) {
    say(
      'market.slots',
      `${slots} places are too few for ${ranked} symbols: give at least ${ranked}, or lower the counts`,
    );
  }
  if (typeof watched.symbols !== 'string') {
    const double = watched.symbols.find((symbol, index) => watched.symbols.indexOf(symbol) !== index);
    if (double !== undefined) say('market.symbols', `names ${double} twice: remove one`);
    const excluded = watched.symbols.filter((symbol) => watched.exclude.includes(symbol));
    if (excluded.length > 0)
      say('market.exclude', `names ${excluded.join(', ')} of market.symbols: remove it from one of the two`);
    if (watched.symbols.length > slots) {
      say('market.symbols', `names ${watched.symbols.length} symbols for ${slots} places: raise market.slots`);
    }
  }
  const { rate, symbols } = file.simulator;
  if (rate !== 'natural' && rate > symbols * FRAMES_PER_SYMBOL_MAX) {
    say(
      'simulator.rate',
      `must not be above ${symbols * FRAMES_PER_SYMBOL_MAX}: a symbol has ${FRAMES_PER_SYMBOL_MAX} frames a second at ` +
        `most, and simulator.symbols is ${symbols}`,
    );
  }
  const { endpoints } = venue;
  const addresses = Object.values(endpoints).filter((address) => address !== undefined);
  const [given] = Object.entries(endpoints).flatMap(([way, address]) => (address === undefined ? [] : way));
  if (venue.environment === 'simulator' && given !== undefined) {
    for (const way of ['rest', 'public'] as const) {
      if (endpoints[way] === undefined)
        say(`exchange.endpoints.${given}`, `names a simulator that runs elsewhere: give exchange.endpoints.${way} too`);
    }
    // A simulator has no TLS, a real exchange nothing else: taken for a simulator it would get real orders without --live.
    const real = addresses.find((address) => /^(?:https|wss):/.test(address));
    if (real !== undefined)
      say('exchange.environment', `${real} is no simulator: name the exchange whose address it is`);
  }
  if (venue.environment !== 'simulator') {
    for (const [way, address = ''] of Object.entries(endpoints)) {
      const its = bybitAt(address);
      // A demo account watches mainnet's market.
      const isOwn =
        its === venue.environment || (way === 'public' && its === 'mainnet' && venue.environment === 'demo');
      if (its !== undefined && !isOwn) {
        say(`exchange.endpoints.${way}`, `is of ${its}, but exchange.environment is ${venue.environment}: remove it`);
      }
      if (isOpenToOthers(address)) {
        say(
          `exchange.endpoints.${way}`,
          'is not encrypted: whoever is in between could read and change orders; ' +
            `write ${way === 'rest' ? 'https' : 'wss'}:// or name a proxy on this machine`,
        );
      }
    }
  }
  if (venue.environment !== 'simulator' && file.safety.crash_loop_exits > CRASH_LOOP_EXITS_MAX) {
    say(
      'safety.crash_loop_exits',
      `must not be above ${CRASH_LOOP_EXITS_MAX} on ${venue.environment}: only the simulator has nothing to lose`,
    );
  }
  const limits = camelKeys({ ...trade, ...file.safety }) as Config['trading'] & Config['safety'];
  const isPaper = trade.mode === 'paper';
  const found = settingFaults(
    limits,
    camelKeys(rules) as Config['strategy'],
    isPaper ? file.paper.taker_fee_percent : undefined,
  );
  // Of paper the wallet is known before anything is asked of an exchange.
  if (isPaper) found.push(...startCheck(limits, [], moneyFromNumber(file.paper.starting_balance_usd)).faults);
  for (const { section: name, key, message } of found) {
    const written = Object.keys(file[name]).find((candidate) => camelKey(candidate) === key);
    say(`${name}.${written ?? key}`, message);
  }
  const missing = (path: string, name: string): void => {
    if ((env[name] ?? '') !== '') return;
    say(path, `the environment variable ${name} is not set: put ${name}=… into .env or the environment`);
  };
  if (db.mode === 'external') {
    missing('database.user_env', db.user_env);
    missing('database.password_env', db.password_env);
  }
  const { webhook_url: hook, webhook_url_env: hookEnv } = file.alerts;
  const [path, place, address] =
    hook === undefined
      ? ['alerts.webhook_url_env', `what ${hookEnv} holds `, env[hookEnv] ?? '']
      : ['alerts.webhook_url', '', hook];
  if (address !== '' && !isPostable(address))
    say(path, `${place}must be an address like https://hooks.example.org/T0/B0, without a user and a password in it`);
  return faults;
}
