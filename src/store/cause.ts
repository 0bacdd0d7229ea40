// What is wrong with the database, in one word for the log, and what can a person do about it?
import { StoreError, sqlState } from './error.ts';

export type Cause =
  | 'unreachable'
  | 'login'
  | 'encryption'
  | 'pooler'
  | 'connection-limit'
  | 'read-only'
  | 'disk-full'
  | 'slow'
  | 'starting-or-stopping'
  | 'newer-schema'
  | 'encoding'
  | 'rights'
  | 'misplaced'
  | 'foreign'
  | 'other';

const REMEDIES: Readonly<Record<Cause, string>> = {
  unreachable:
    'is the server running, and are database.host and database.port of an external one right? The engine’s own has its words in postgres.log',
  login: 'are user, password and database.name right, and does pg_hba.conf let them in, with this database.ssl?',
  encryption:
    'does the server want another database.ssl? For verify its certificate bears database.host and is signed by an authority that Node knows, or that the file in NODE_EXTRA_CA_CERTS holds (in the environment, not in .env)',
  pooler: 'name the server itself: behind a pooler such as PgBouncer neither locks nor time limits of ours hold',
  'connection-limit': 'end other clients of the server, or raise its max_connections',
  'read-only': 'this server takes no rows (a standby, or default_transaction_read_only): name the primary',
  'disk-full': "free space on the server's disk",
  slow: 'the server did not answer in time: look for locks, load, or a network that loses packets',
  'starting-or-stopping': 'the server is starting or stopping',
  'newer-schema': 'run the newer version of this program, or take its migrations back with it',
  encoding: `make a database with ENCODING 'UTF8' TEMPLATE template0, and name that one`,
  rights: 'make the account the owner of the database and of its tables',
  misplaced: 'move the list of migrations beside the tables, by the statement in the reason: no row is lost',
  foreign: 'make a database for Plotnost alone, and name it in database.name',
  other: 'see the reason',
};

/** Told by codes of their own. */
const OWN_CODES: readonly string[] = ['encoding', 'rights', 'misplaced', 'foreign', 'read-only'] satisfies Cause[];

const BY_STATE: Readonly<Record<string, Cause>> = {
  '25006': 'read-only',
  '42501': 'rights',
  '53100': 'disk-full',
  '53300': 'connection-limit',
  '55P03': 'slow', // a lock that was not to be had in time
  '57014': 'slow', // a statement over its time
  '57P01': 'starting-or-stopping',
  '57P02': 'starting-or-stopping',
  '57P03': 'starting-or-stopping',
  '3D000': 'login', // no such database
};

/** Where no code says it: a pooler's refusal, the client's of a server without encryption, a proxy's of a client without it. */
const BY_MESSAGE: readonly (readonly [RegExp, Cause])[] = [
  [/^unsupported startup parameter/, 'pooler'],
  [/^SASL: /, 'login'], // no password is at hand, or the server is not who knows it
  [/SSL (connection|required)|sslmode/, 'encryption'],
  [/^(timeout expired|connection terminated)/i, 'unreachable'],
  [/^Query read timeout$/, 'slow'],
];

const BY_CODE: Readonly<Record<string, Cause>> = {
  EAI_AGAIN: 'unreachable',
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENOENT: 'unreachable',
  ENOTFOUND: 'unreachable',
  EPIPE: 'unreachable',
  ETIMEDOUT: 'unreachable',
};

/** The innermost error says most. */
export function causeOf(error: unknown): Cause {
  if (error instanceof StoreError && error.code === 'schema' && !error.retry) return 'newer-schema';
  if (error instanceof StoreError && OWN_CODES.includes(error.code)) return error.code as Cause;
  const inner = (error as { cause?: unknown } | null)?.cause;
  const innerCause = inner === undefined ? 'other' : causeOf(inner);
  if (innerCause !== 'other') return innerCause;
  const message = error instanceof Error ? error.message : '';
  const [, told] = BY_MESSAGE.find(([words]) => words.test(message)) ?? [];
  if (told !== undefined) return told;
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith('28') ? 'login' : (BY_STATE[state] ?? 'other');
  const code = String((error as { code?: unknown } | null)?.code);
  if (/CERT|UNABLE_TO_VERIFY/.test(code)) return 'encryption';
  return BY_CODE[code] ?? 'other';
}

/** It went, and an attempt to come back may say why. */
export function saysLittle(cause: Cause): boolean {
  return cause === 'unreachable' || cause === 'starting-or-stopping';
}

export function remedyOf(cause: Cause): string {
  return REMEDIES[cause];
}
