// Somebody who asks over plain sockets, saying whatever he likes of himself: no client library comes between.
import net from 'node:net';

export interface Sent {
  readonly method?: string;
  readonly path: string;
  /** Undefined values are left out; the name's spelling is kept. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything, as it came. */
  readonly text: string;
}

/** Everything that the page is made of, and something that is not there. */
export const ADDRESSES = [
  '/',
  '/page.js',
  '/page.css',
  '/icon.svg',
  '/metrics',
  '/healthz',
  '/readyz',
  '/api/session',
  '/nowhere',
] as const;
const PATIENCE_MS = 60_000;

/** One request on a connection of its own. An upgrade that is granted is left at once. */
export function ask(url: string, { method = 'GET', path, headers = {}, body = '' }: Sent): Promise<Got> {
  const { hostname, port, host } = new URL(url);
  const all: Record<string, string | undefined> = { host, connection: 'close', ...headers };
  if (body !== '') all['content-length'] = String(Buffer.byteLength(body));
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    const limit = setTimeout(() => socket.destroy(new Error(`${method} ${path} was not answered`)), PATIENCE_MS);
    let text = '';
    const done = (): void => {
      clearTimeout(limit);
      resolve(parse(text));
    };
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (text.startsWith('HTTP/1.1 101') && text.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Whoever is refused may still be writing: the answer has come all the same.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return;
      clearTimeout(limit);
      reject(error);
    });
    socket.on('close', done);
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

function parse(text: string): Got {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n'), text };
}

export interface Login {
  readonly cookie: string;
  readonly proof: string;
}

/** As our own page does it. */
export async function logIn(url: string, token: string): Promise<Login> {
  const origin = url.replace(/\/$/, '');
  const got = await ask(url, {
    method: 'POST',
    path: '/api/login',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (got.status !== 200) throw new Error(`the login was refused: ${got.status} ${got.body}`);
  const cookie = (got.headers['set-cookie'] ?? '').split(';')[0] as string;
  return { cookie, proof: (JSON.parse(got.body) as { proof: string }).proof };
}
