// Where does the engine store, log and compute?
import { z } from 'zod';
import { choice, count, described, envName, flag, place, reloadable, text, wordOrCount } from './key.ts';

export const database = {
  mode: choice(
    'embedded',
    ['embedded', 'external', 'off'],
    'Our own PostgreSQL under `state.dir`, a server of yours, or none.',
  ),
  host: text('localhost', 'Of the external server.'),
  port: count(5_432, 1, 65_535, '', 'Of the external server.'),
  name: text('plotnost', 'The database.'),
  user_env: envName('DB_USER', 'Name of the environment variable that holds the user (external server).'),
  password_env: envName('DB_PASSWORD', 'Name of the environment variable that holds the password (external server).'),
  ssl: choice(
    'off',
    ['off', 'require', 'verify'],
    'Encryption to the external server; `verify` checks its certificate too.',
  ),
  pool_size: count(
    10,
    1,
    100,
    'connections',
    'From the original design, without effect: one connection writes, the page and each command open one of their own.',
  ),
  statement_timeout_ms: count(
    2_000,
    100,
    60_000,
    'ms',
    'A statement of the engine that lasts longer is given up, and its rows wait on the disk.',
  ),
  keep_snapshots_days: count(30, 1, 3_650, 'days', 'Older books are dropped.'),
  keep_densities_days: count(60, 1, 3_650, 'days', 'Older densities and signals are dropped; their hourly sums stay.'),
  spool_max_mb: count(1_024, 16, 1_048_576, 'MB', 'Most that waits on the disk while the database is away.'),
  min_free_disk_mb: count(
    1_024,
    0,
    1_048_576,
    'MB',
    'With less free under `state.dir`, only trades, executions, events and sessions are written there.',
  ),
  flush_rows_per_second: count(5_000, 100, 1_000_000, 'rows/s', 'Pace at which rows return after an outage.'),
};

/** `CRITICAL` is the first design's word for what the log calls fatal. */
const LEVELS = [
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
  'DEBUG',
  'INFO',
  'WARN',
  'WARNING',
  'ERROR',
  'CRITICAL',
] as const;

export const logging = {
  level: reloadable(choice('info', LEVELS, 'Lowest level that is written; upper case means the same.')),
  file: described(
    place.nullable().default('logs/plotnost.log'),
    'A path under `state.dir` or an absolute one; `null` writes to stderr.',
  ),
  max_size_mb: count(100, 1, 10_000, 'MB', 'A file of this size is rotated.'),
  backup_count: count(10, 0, 1_000, 'files', 'How many rotated files are kept.'),
  format: choice('json', ['json'], 'One JSON object a line.'),
};

export const alerts = {
  webhook_url: described(
    z
      .string()
      .regex(/^https?:\/\/[^\s/]+/, { error: 'must be an address like https://hooks.example.org/T0/B0' })
      .optional(),
    'Receives each error and each critical event as a JSON POST; an address that is itself a secret belongs into the environment.',
  ),
  webhook_url_env: envName('ALERTS_WEBHOOK_URL', 'Name of the environment variable that holds that address instead.'),
  heartbeat_interval: count(300, 0, 86_400, 's', 'How often a heartbeat is posted there; 0 is never.'),
};

export const dashboard = {
  enabled: flag(true, 'Page, metrics and health over HTTP, served by a thread of their own.'),
  host: text('127.0.0.1', 'Address to listen on; keep loopback unless a proxy in front of it adds encryption.'),
  port: count(8_787, 0, 65_535, '', 'Its port; 0 takes any free one.'),
  allowed_hosts: described(
    z
      .array(
        z
          .string()
          .regex(/^[a-z0-9.-]+(:\d+)?$/, { error: 'must be a name like trader.example.org or one with a port' }),
      )
      .default([]),
    'Further host names, with their port, under which the page may be requested, such as that of a reverse proxy.',
  ),
  control: flag(false, 'Whether the page may pause, resume, close and kill; `false` only shows.'),
  token_file: described(
    place.default('dashboard.token'),
    'Under `state.dir` or absolute; written at every start, readable by its owner only.',
  ),
};

export const analysis = {
  mode: choice(
    'pool',
    ['pool', 'inline', 'auto'],
    'Books are scanned in worker threads, on the main thread, or on either by load.',
  ),
  workers: wordOrCount(
    'auto',
    1,
    64,
    'threads',
    'Scanning threads, at most two to a core; `auto` leaves a core to the main thread.',
  ),
  wait: choice('sleep', ['sleep', 'spin'], 'An idle worker sleeps, or spins where cores are spare.'),
};

export const state = {
  dir: described(place.default('./state'), 'Journal, lock, spool, log and embedded database; one engine a directory.'),
};
