// Is the exchange reached through encryption, as the real one is, and does who is not told why, and what to do?
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { reachRemedy } from '../../../src/cli/doctor/reach.ts';
import { certificate, encrypted, type Certificate } from '../../tls/encrypted.ts';
import { DoctorRoom, type Diagnosis } from './doctor-room.ts';

const DAY_MS = 86_400_000;
const around = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** The doctor before an exchange that shows this certificate. */
async function visit(own: Certificate): Promise<Diagnosis> {
  const room = await DoctorRoom.open();
  onTestFinished(() => room.close());
  const door = await encrypted(Number(new URL(room.exchange.restUrl).port), own);
  onTestFinished(() => door.close());
  const { restUrl, publicUrl, privateUrl, tradeUrl } = room.exchange;
  const named = { rest: restUrl, public: publicUrl, private: privateUrl, trade: tradeUrl };
  const behind = Object.entries(named).map(([name, url]) => {
    const { protocol, pathname } = new URL(url);
    return `exchange.endpoints.${name}=${protocol.replace(':', 's:')}//${door.address}${pathname}`;
  });
  const sets = ['market.symbols=[DOGEUSDT]', 'market.min_24h_volume=0', 'exchange.environment=testnet', ...behind];
  return room.visit({ key: 'simkey', sets });
}

/** What this process takes for true, until the test is over. */
function trust({ cert }: Certificate): void {
  const before = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...before, cert]);
  onTestFinished(() => tls.setDefaultCACertificates(before));
}

test('an exchange behind encryption is read, listened to and logged in to, by every way that an order needs', async () => {
  const own = certificate(around(-1), around(1));
  trust(own);
  const found = await visit(own);
  expect(found.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  for (const [name, said] of [
    ['exchange', 'testnet at https://localhost:'],
    ['public stream', 'first book of DOGEUSDT'],
    ['private stream', 'connected, logged in and answering'],
    ['trade stream', 'connected and logged in'],
    ['account', 'unified, isolated margin'],
    ['positions', 'nothing is open'],
  ] as const)
    expect(found.said(name, 'ok')).toContain(said);
});

test.each([
  ['whose certificate nobody has signed whom this machine knows', 'DEPTH_ZERO_SELF_SIGNED_CERT', -1, 1, false],
  ['whose certificate is over, by the date of this machine', 'CERT_HAS_EXPIRED', -2, -1, true],
  ['whose certificate has not begun, by the date of this machine', 'CERT_NOT_YET_VALID', 1, 2, true],
])(
  'an exchange %s is not talked to, and the date and who reads along are asked for',
  async (_, code, from, to, isTrusted) => {
    const own = certificate(around(from), around(to));
    if (isTrusted) trust(own);
    const found = await visit(own);
    expect(found.code).toBe(1);
    for (const name of ['clock', 'market', 'private stream', 'trade stream', 'account']) {
      expect(found.said(name, 'fail')).toContain(code);
      expect(found.said(name, 'fail')).toContain('is the date of this machine right');
    }
  },
);

test.each([
  ['time: ENOTFOUND', 'DNS'],
  ['time: EAI_AGAIN', 'DNS'],
  ['time: ECONNREFUSED', 'HTTPS_PROXY is not used'],
  ['time: ECONNABORTED', 'HTTPS_PROXY is not used'],
  ['ETIMEDOUT', 'HTTPS_PROXY is not used'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'NODE_EXTRA_CA_CERTS'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
  ['EPROTO', 'NODE_EXTRA_CA_CERTS'],
  ['10006 too many visits', 'what else there is'],
])('who hears %s is told where to look', (reason, told) => {
  expect(reachRemedy(reason, 'what else there is')).toContain(told);
});
