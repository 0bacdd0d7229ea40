// The exchange behind encryption, as the real one is: a certificate made on the spot, and a door that takes the encryption off.
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';

const HOST = 'localhost';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** For localhost, signed by itself. */
export function certificate(notBefore: Date, notAfter: Date): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(objectId('06082a8648ce3d040302')); // ecdsa-with-SHA256
  const name = sequence(der(0x31, sequence(objectId('0603550403'), text(0x0c, HOST)))); // common name
  const names = sequence(text(0x82, HOST));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.of(1)), // its serial number
    algorithm,
    name,
    sequence(timeOf(notBefore), timeOf(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(sequence(objectId('0603551d11'), der(0x04, names)))), // alternative names
  );
  const signature = der(0x03, Buffer.of(0), sign('sha256', body, privateKey));
  const lines = sequence(body, algorithm, signature)
    .toString('base64')
    .match(/.{1,64}/g) as string[];
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

export interface Door {
  /** Host and port. */
  readonly address: string;
  close(): Promise<void>;
}

/** Hands on what comes encrypted, in the clear, to a port of this machine. */
export async function encrypted(port: number, own: Certificate): Promise<Door> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer(own, (outer) => {
    const inner = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  // Who does not accept the certificate hangs up.
  server.on('tlsClientError', () => undefined);
  server.listen(0, HOST);
  await once(server, 'listening');
  return {
    address: `${HOST}:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

// Of ASN.1 what a certificate needs: a tag, a length, and what is within.

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const within = Buffer.concat(parts);
  const { length } = within;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), within]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const objectId = (hex: string): Buffer => Buffer.from(hex, 'hex');
const text = (tag: number, of: string): Buffer => der(tag, Buffer.from(of));
/** Up to 2049 two digits of the year are usual. */
const timeOf = (date: Date): Buffer => text(0x17, `${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`);
