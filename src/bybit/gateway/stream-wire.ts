// How does bybit-api carry one logged-in stream? One client a connection; its own heartbeat, queue and redial never run.
import { createHmac } from 'node:crypto';
import { type DefaultLogger, WebsocketClient, WS_KEY_MAP, type WsKey } from 'bybit-api';
import type { WebSocket } from 'ws';
import { fieldsOf, textOf } from '../fields.ts';
import { hide, type ApiKeys } from './keys.ts';
import type { StreamEvents, StreamName, StreamWire } from './wires.ts';

export interface StreamPlace {
  readonly url: string;
  readonly keys: ApiKeys;
  readonly serverNow: () => number;
}

const TOPICS = ['order.linear', 'execution.linear', 'position.linear', 'wallet'];
const HANDSHAKE_MS = 5_000;
const LOGIN_WINDOW_MS = 5_000;
const FRAME_BYTES_MAX = 4 * 1_024 * 1_024;
const BUFFERED_BYTES_MAX = 1_024 * 1_024;
/** The longest that a timer can be: the client's own heartbeat and redial stay away (W02, W04). */
const NEVER_MS = 2_147_483_647;
const LOGGED_IN_ALREADY = 20_001;
/** The client logs frames, logins among them. */
const SILENT: DefaultLogger = { trace() {}, info() {}, error() {} };

/** Hex by HMAC-SHA256: the client's own way costs fifteen times as much. */
export async function sign(text: string, secret: string): Promise<string> {
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** Knows one address and dials no other; its time is the exchange's. */
class OneStream extends WebsocketClient {
  readonly #place: StreamPlace;

  constructor(place: StreamPlace, onSocket: (socket: WebSocket) => void) {
    super(
      {
        ...place.keys,
        customSignMessageFn: sign,
        recvWindow: LOGIN_WINDOW_MS,
        pingInterval: NEVER_MS,
        pongTimeout: NEVER_MS,
        reconnectTimeout: NEVER_MS,
        wsOptions: {
          perMessageDeflate: false,
          handshakeTimeout: HANDSHAKE_MS,
          maxPayload: FRAME_BYTES_MAX,
          followRedirects: false,
          // The one place where the socket shows itself before it is open.
          finishRequest: (request, socket) => {
            onSocket(socket);
            request.end();
          },
        },
      },
      SILENT,
    );
    this.#place = place;
  }

  protected override getWsUrl(): Promise<string> {
    return Promise.resolve(this.#place.url);
  }

  override getTimeOffsetMs(): number {
    return this.#place.serverNow() - Date.now();
  }
}

export function openStreamWire(stream: StreamName, place: StreamPlace, events: StreamEvents): StreamWire {
  const key: WsKey = stream === 'private' ? WS_KEY_MAP.v5Private : WS_KEY_MAP.v5PrivateTrade;
  let socket: WebSocket | undefined;
  let reason = '';
  let isEnded = false;
  const client = new OneStream(place, (made) => {
    socket = made;
    if (isEnded) return made.terminate();
    made.on('message', (data) => {
      if (!isEnded) events.text(hide((data as Buffer).toString(), place.keys));
    });
    made.on('error', (error: NodeJS.ErrnoException) => {
      reason ||= error.code ?? error.message;
    });
    made.on('close', (code) => close(reason || `closed ${code}`, false));
  });
  /** The client forgets the connection, whatever it has begun. */
  const leave = (): void => {
    isEnded = true;
    client.closeAll(true);
    socket?.terminate();
  };
  const close = (why: string, isRefused: boolean): void => {
    if (isEnded) return;
    leave();
    events.closed({ reason: hide(why, place.keys), isRefused });
  };
  // The client swallows what its listeners throw; a bug of ours has to be heard.
  const heard = (event: 'authenticated' | 'response' | 'exception', hear: (answer: unknown) => void): void => {
    client.on(event, (answer: unknown) => queueMicrotask(() => hear(answer)));
  };
  // A trade login that was refused looks like any other, but for its code.
  heard('authenticated', (answer) => {
    const { retCode = 0, retMsg } = fieldsOf(answer);
    if (retCode !== 0 && retCode !== LOGGED_IN_ALREADY)
      close(`login refused: ${String(retCode)} ${textOf(retMsg)}`, true);
    else if (stream === 'trade' && !isEnded) events.ready();
  });
  heard('response', (answer) => {
    const { op, success } = fieldsOf(answer);
    if (op === 'subscribe' && success === true && !isEnded) events.ready();
  });
  heard('exception', (answer) => {
    const { op, ret_msg: text } = fieldsOf(answer);
    if (op === 'auth') close(`login refused: ${textOf(text)}`, true);
    else if (op === 'subscribe') close(`subscription refused: ${textOf(text)}`, false);
  });
  // What the client promises may never come true; everything is heard by the events above.
  if (stream === 'private') void Promise.allSettled(client.subscribeV5(TOPICS, 'linear'));
  else void Promise.allSettled([client.connect(key)]);
  return {
    send(text) {
      if (isEnded || socket?.readyState !== socket?.OPEN || socket === undefined) return false;
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) return false;
      socket.send(text);
      return true;
    },
    end: leave,
  };
}
