// Which exchange, over which connections, watching which symbols?
import { z } from 'zod';
import { SYMBOL } from '../market/symbol.ts';
import { amount, choice, count, described, envName, reloadableAll, wordOrCount } from './key.ts';

const ENVIRONMENTS = ['simulator', 'testnet', 'demo', 'mainnet'] as const;

const address = (schemes: RegExp, example: string) =>
  z.string().regex(schemes, { error: `must be an address like ${example}` });

/** As the feed counts them: a book, the one that replaces it, the touch, trades, the ticker. */
export const TOPICS_PER_SYMBOL = 5;
/** The exchange takes 21,000 characters of topics a connection, whatever their number: so many symbols of ten letters. */
export const SYMBOLS_PER_CONNECTION = 153;

const REST = address(/^https?:\/\/[^\s/]+/, 'http://127.0.0.1:8080');
const SOCKET = address(/^wss?:\/\/[^\s/]+/, 'ws://127.0.0.1:8080/v5/public/linear');

export const exchange = {
  name: choice('bybit', ['bybit'], 'The exchange.'),
  environment: choice(
    'simulator',
    ENVIRONMENTS,
    'Which exchange: our own on loopback (`simulator`), or Bybit’s `testnet`, `demo` or `mainnet`.',
  ),
  testnet: described(
    z.boolean().optional(),
    'Old name of `environment` (`true` is `testnet`, `false` is `mainnet`); both set and different is an error.',
  ),
  api_key_env: envName('BYBIT_API_KEY', 'Name of the environment variable that holds the API key.'),
  api_secret_env: envName('BYBIT_API_SECRET', 'Name of the environment variable that holds the API secret.'),
  endpoints: described(
    z.strictObject({
      rest: described(REST.optional(), 'REST address instead of the environment’s own.'),
      public: described(SOCKET.optional(), 'Public stream instead of the environment’s own.'),
      private: described(SOCKET.optional(), 'Private stream instead of the environment’s own.'),
      trade: described(SOCKET.optional(), 'Order entry stream instead of the environment’s own.'),
    }),
    'Addresses instead of the environment’s own.',
  ).prefault({}),
};

export const websocket = {
  reconnect_delay_initial: amount(1, 0.1, 60, 's', 'Longest wait before the first reconnection; doubled each time.'),
  reconnect_delay_max: amount(30, 1, 600, 's', 'Longest wait between two reconnections.'),
  orderbook_depth: choice(
    'auto',
    ['auto', 50, 200, 1000],
    'Levels a side; `auto` takes for each symbol the smallest that covers `strategy.book_range_percent`.',
  ),
  snapshot_interval: count(300, 10, 86_400, 's', 'How often each book is stored.'),
  max_topics_per_connection: count(
    200,
    TOPICS_PER_SYMBOL,
    2_000,
    'topics',
    `More topics open another socket; a symbol counts as ${TOPICS_PER_SYMBOL}.`,
  ),
  connect_budget: count(
    60,
    5,
    500,
    'connections per 5 min',
    'New connections over all sockets; the exchange bans above 500.',
  ),
};

const NAME = z.string().regex(SYMBOL, { error: 'must be a symbol like BTCUSDT, in capitals' });

export const market = {
  ...reloadableAll({
    update_interval: count(300, 10, 86_400, 's', 'How often the watched symbols are chosen again.'),
    top_gainers_count: count(20, 0, 500, 'symbols', 'Symbols watched from the top of the 24 h change.'),
    top_losers_count: count(20, 0, 500, 'symbols', 'Symbols watched from the bottom of the 24 h change.'),
    min_24h_volume: amount(1_000_000, 0, 1e12, 'USDT', 'Minimum turnover of 24 h, where `market.symbols` is `auto`.'),
    symbols: described(
      z
        .union([z.literal(['auto', 'all']), z.array(NAME).min(1)], {
          error: 'must be auto, all, or a list of symbols like [BTCUSDT, ETHUSDT]',
        })
        .default('auto'),
      '`auto` ranks by change, `all` takes every perpetual, a list is watched as given.',
    ),
    exclude: described(z.array(NAME).default([]), 'Symbols that are never watched.'),
    symbol_types: described(
      z
        .array(z.literal(['ordinary', 'innovation', 'stock', 'commodity', 'forex', 'ETF']))
        .min(1)
        .default(['ordinary', 'innovation']),
      'Kinds of contract that may be watched.',
    ),
    min_dwell_minutes: amount(30, 0, 10_080, 'min', 'A chosen symbol stays this long unless it falls far.'),
    min_age_days: amount(7, 0, 3_650, 'days', 'Younger listings are not watched.'),
  }),
  slots: wordOrCount(
    'auto',
    1,
    1_024,
    'symbols',
    'Places in shared memory, made once at start; `auto` is 64, or 1024 when `market.symbols` is `all`.',
  ),
};

export const simulator = {
  seed: count(1, 0, 4_294_967_295, '', 'The same seed gives the same market.'),
  symbols: count(60, 1, 1_000, 'symbols', 'How many perpetuals the simulated exchange lists.'),
  rate: wordOrCount(
    'natural',
    1,
    100_000,
    'frames/s',
    'Order-book frames over all symbols; `natural` lets the market set its own pace.',
  ),
};
