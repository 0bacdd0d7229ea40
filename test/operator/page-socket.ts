// A page without a browser: it logs in, looks at a symbol, and remembers what it is told.
import WebSocket from 'ws';
import { readColumns, type ColumnMessage } from '../../src/operator/page/protocol-columns.ts';
import { SUBPROTOCOL, type ToPage, type ToServer } from '../../src/operator/page/protocol.ts';
import { logIn, type Login } from './visitor.ts';

const PATIENCE_MS = 60_000;
const POLL_MS = 20;

export class PageSocket {
  readonly login: Login;
  readonly socket: WebSocket;
  readonly told: ToPage[] = [];
  readonly columns: ColumnMessage[] = [];
  bytes = 0;

  private constructor(url: string, login: Login) {
    this.login = login;
    const origin = url.replace(/\/$/, '');
    this.socket = new WebSocket(`${url.replace('http', 'ws')}socket`, SUBPROTOCOL, {
      origin,
      headers: { cookie: login.cookie },
    });
    this.socket.binaryType = 'arraybuffer';
    this.socket.on('message', (data: ArrayBuffer | Buffer, isBinary) => {
      this.bytes += data.byteLength;
      if (!isBinary) this.told.push(JSON.parse(Buffer.from(data as ArrayBuffer).toString()) as ToPage);
      else {
        const message = readColumns(data as ArrayBuffer);
        if (message === undefined) throw new Error('a binary message that is no columns');
        this.columns.push(message);
      }
    });
  }

  static async open(url: string, token: string): Promise<PageSocket> {
    return PageSocket.anew(url, await logIn(url, token));
  }

  /** Another page of the same session: only so many logins are allowed in a minute. */
  static async anew(url: string, login: Login): Promise<PageSocket> {
    const page = new PageSocket(url, login);
    await new Promise<void>((resolve, reject) => {
      page.socket.once('open', () => resolve());
      page.socket.once('error', reject);
    });
    return page;
  }

  say(message: ToServer | object): void {
    this.socket.send(JSON.stringify(message));
  }

  of<K extends ToPage['kind']>(kind: K): Extract<ToPage, { kind: K }>[] {
    return this.told.filter((message) => message.kind === kind) as Extract<ToPage, { kind: K }>[];
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Resolves with what `look` finds; says what did not come. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`it never came: ${what}`);
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
}
