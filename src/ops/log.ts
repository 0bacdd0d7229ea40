// What does the engine say? One JSON object a line: UTC time, level, a constant event name, the numbers behind it.
import path from 'node:path';
import pino from 'pino';
import type { Clock } from '../lib/clock.ts';
import { LogFile } from './log-file.ts';
import { Repeats } from './repeats.ts';
import { hiding } from './secrets.ts';

/** The first design's DEBUG, INFO, WARNING, ERROR and CRITICAL: what is `critical` elsewhere is `fatal` here. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LogSettings {
  readonly level: LogLevel;
  /** Relative paths are under `directory`; null is stderr. */
  readonly file: string | null;
  readonly maxSizeMb: number;
  readonly backupCount: number;
}

export interface LogPorts {
  /** Whoever reads it may go away: from then on nothing more is written there. */
  readonly stderr: { write(text: string): unknown; on?(event: 'error', listener: () => void): unknown };
  readonly clock: Clock;
  /** Where relative log files live: the state directory. */
  readonly directory: string;
  /** Values that must never be seen in a line, however they got into it. */
  readonly secrets?: readonly string[];
  /** Every line as it was written. */
  readonly onLine?: (line: string) => void;
  /** Everything from `error` on, held back or not: somebody has to be called. */
  readonly onError?: (level: 'error' | 'fatal', fields: object, event: string) => void;
}

type Say = (fields: object, event: string) => void;

export interface Log {
  readonly debug: Say;
  readonly info: Say;
  readonly warn: Say;
  readonly error: Say;
  /** An emergency, a position that cannot be protected, our own end: never held back. */
  readonly fatal: Say;
  /** How often each event was logged at warn or above, held back or not. */
  counts(): Readonly<Record<string, number>>;
  setLevel(level: LogLevel): void;
  /** Writes what is held back, and waits until it is written; the log may still be used, a repeat is then said anew. */
  flush(): void;
  /** The last call. */
  close(): void;
}

const SECRET_FIELDS = [
  'apiKey',
  'apiSecret',
  'api_key',
  'api_secret',
  'secret',
  'password',
  'token',
  'signature',
  'sign',
];
const SECRET_HEADERS = [
  '["X-BAPI-SIGN"]',
  '["X-BAPI-API-KEY"]',
  '["x-bapi-sign"]',
  '["x-bapi-api-key"]',
  '.authorization',
];
const HIDDEN = '[redacted]';
const MEGABYTE = 1_000_000;

function redactedPaths(): string[] {
  const fields = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  const headers = SECRET_HEADERS.flatMap((name) => [`headers${name}`, `*.headers${name}`, `*.*.headers${name}`]);
  return [...fields, ...headers];
}

export function createLog(settings: LogSettings, ports: LogPorts): Log {
  const { stderr, clock, directory, secrets = [], onLine, onError } = ports;
  let isHeard = true;
  stderr.on?.('error', () => {
    isHeard = false;
  });
  const shout = (text: string): unknown => isHeard && stderr.write(text);
  const file =
    settings.file === null
      ? undefined
      : new LogFile({
          clock,
          file: path.resolve(directory, settings.file),
          bytesMax: settings.maxSizeMb * MEGABYTE,
          backups: settings.backupCount,
          onTrouble: (reason) => shout(`the log file cannot be written (${reason}); lines go to stderr meanwhile\n`),
          onUnwritten: (line) => shout(line),
          onRecovered: (lines) => logger.warn({ lines }, 'log.file_recovered'),
        });
  const hide = hiding(secrets);
  const write = (line: string): void => {
    const shown = hide(line);
    if (file === undefined) shout(shown);
    else file.write(shown);
    onLine?.(shown);
  };
  const logger = pino(
    {
      level: settings.level,
      base: null,
      messageKey: 'event',
      errorKey: 'error',
      timestamp: () => `,"time":"${new Date(clock.wall()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
      redact: { paths: redactedPaths(), censor: HIDDEN },
    },
    { write },
  );
  const repeats = new Repeats(clock);
  const graver = new Map<string, number>();

  const say = (level: LogLevel): Say => {
    const isGrave = level !== 'debug' && level !== 'info';
    return (fields, event) => {
      if (isGrave) graver.set(event, (graver.get(event) ?? 0) + 1);
      if (level === 'error' || level === 'fatal') onError?.(level, fields, event);
      if (!logger.isLevelEnabled(level)) return;
      if (level === 'fatal') return logger.fatal(fields, event);
      const symbol = 'symbol' in fields ? String(fields.symbol) : '';
      repeats.say(`${event} ${symbol}`, (count) =>
        logger[level](count === undefined ? fields : { ...fields, repeats: count }, event),
      );
    };
  };
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    fatal: say('fatal'),
    counts: () => Object.fromEntries(graver),
    setLevel: (level) => {
      logger.level = level;
    },
    flush: () => {
      repeats.flush();
      file?.settle();
    },
    close: () => {
      repeats.flush();
      file?.close();
    },
  };
}
