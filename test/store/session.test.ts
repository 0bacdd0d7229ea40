// Does a statement of ours end where we have given it up, at the server too? (D03, D04)
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { causeOf, remedyOf } from '../../src/store/cause.ts';
import { connectClient, destroyClient, withClient } from '../../src/store/session.ts';
import { errorOf, POOLER, refusing } from './refusing.ts';
import { startServer, type Server } from './servers.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
  return server.remove;
});

/** Its SQLSTATE; what gives up here knows none. */
const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      return code ?? message;
    },
  );

test('D03: a statement over its time is cancelled by the server itself, and one that waits for a lock gives that up sooner', async () => {
  const client = await connectClient(server.connection, () => undefined, 300);
  expect(await refusalOf(client.query('SELECT pg_sleep(60)'))).toBe('57014');
  await client.end();
  const holder = new pg.Client(server.connection);
  await holder.connect();
  await holder.query('CREATE TABLE held ()');
  await holder.query('BEGIN; LOCK TABLE held');
  const patient = await connectClient(server.connection, () => undefined, 60_000);
  expect(await refusalOf(patient.query('SELECT FROM held'))).toBe('55P03');
  await Promise.all([patient.end(), holder.end()]);
});

test('a command that the server does not let do its work ends with what can be done about it, and not as a bug of ours', async () => {
  const standby = { ...server.connection, options: '-c default_transaction_read_only=on' };
  await expect(withClient(standby, (client) => client.query('CREATE TABLE refused ()'))).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(/in a read-only transaction: .*name the primary$/) as string,
  });
  await expect(withClient(standby, (client) => client.query('SELEKT'))).rejects.toMatchObject({ code: '42601' });
});

test('what an account has set otherwise changes no statement of ours', async () => {
  const odd = '-c standard_conforming_strings=off -c array_nulls=off -c datestyle=German';
  await withClient({ ...server.connection, options: odd }, async (client) => {
    const { rows } = await client.query(
      String.raw`SELECT '\(' AS backslash, ($1::text[])[1] IS NULL AS "isMissing", '2026-02-03'::date::text AS day`,
      [[null]],
    );
    expect(rows).toEqual([{ backslash: String.raw`\(`, isMissing: true, day: '2026-02-03' }]);
  });
});

test('D04: an answer that does not come is not waited for, and of a client that is given up nothing is heard any more', async () => {
  const lost: string[] = [];
  const client = await connectClient(server.connection, ({ message }) => lost.push(message), 300);
  await client.query('SET statement_timeout TO 0');
  const late = refusalOf(client.query('SELECT pg_sleep(60)'));
  expect(await late).toBe('Query read timeout');
  destroyClient(client);
  await expect.poll(() => lost).toEqual(['Connection terminated unexpectedly']);
});

test('D04: a server that takes the connection and says nothing is given up', async () => {
  const mute = createServer(() => undefined);
  await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
  const { port } = mute.address() as AddressInfo;
  const connection = { host: '127.0.0.1', port, user: 'x', database: 'x' };
  expect(await refusalOf(connectClient(connection, () => undefined))).toBe('unreachable');
  mute.close();
});

const NO_ENTRY = errorOf('28000', 'no pg_hba.conf entry for host "10.0.0.1", no encryption');
const INSECURE = errorOf('08P01', 'connection is insecure (try using `sslmode=require`)');

test.each([
  ['a pooler that knows no time limits', POOLER, false, 'pooler', 'name the server itself'],
  ['a server that asks for encryption', NO_ENTRY, false, 'login', 'with this database.ssl?'],
  ['a proxy that asks for encryption', INSECURE, false, 'encryption', 'want another database.ssl?'],
  ['a server without encryption', Buffer.from('N'), true, 'encryption', 'want another database.ssl?'],
] as const)('%s is known for that, and what can be done about it is said', async (_who, answer, ssl, cause, remedy) => {
  const other = createServer(refusing(answer)).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const connection = { host: '127.0.0.1', port, user: 'x', database: 'x', ssl };
  const refusal: unknown = await connectClient(connection, () => undefined).catch((error: unknown) => error);
  expect(causeOf(refusal)).toBe(cause);
  expect(remedyOf(causeOf(refusal))).toContain(remedy);
  other.close();
});

test('a certificate that is signed by nobody known, a password that is not at hand, and a name that is not to be had just now, are known for that', () => {
  const coded = (code: string): Error => new Error('told', { cause: Object.assign(new Error('inner'), { code }) });
  const codes = ['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'];
  expect(codes.map((code) => causeOf(coded(code)))).toEqual(['encryption', 'encryption', 'encryption']);
  const unnamed = new Error('told', {
    cause: new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
  });
  expect(causeOf(unnamed)).toBe('login');
  expect(remedyOf('encryption')).toContain('NODE_EXTRA_CA_CERTS');
  expect(['EAI_AGAIN', 'EHOSTUNREACH'].map((code) => causeOf(coded(code)))).toEqual(['unreachable', 'unreachable']);
});

/** After how long a silence the system asks whether the other side still stands, of the connection from that port; undefined: never. */
function silenceMsMax(port: number): number | undefined {
  const [, ...rows] = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n');
  const local = port.toString(16).toUpperCase().padStart(4, '0');
  const cells = rows.map((row) => row.trim().split(/\s+/)).find(([, from]) => from?.endsWith(`:${local}`));
  const [timer, ticks = ''] = cells?.[5]?.split(':') ?? [];
  return timer === '02' ? Number.parseInt(ticks, 16) * 10 : undefined;
}

test.runIf(process.platform === 'linux')(
  'D04: a link on which nothing is said is looked after by the system within ten seconds',
  async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const reached = once(mute, 'connection');
    const end = refusalOf(connectClient({ host: '127.0.0.1', port, user: 'x', database: 'x' }, () => undefined));
    const [socket] = (await reached) as [Socket];
    await expect.poll(() => silenceMsMax(socket.remotePort as number)).toBeLessThanOrEqual(10_000);
    socket.destroy();
    mute.close();
    expect(await end).toBe('unreachable');
  },
);
