// How is one WebSocket opened? The only file that touches the network of the public feed.
import WebSocket from 'ws';

export interface Link {
  /** Buffers what the peer does not take; `buffered` tells how much. */
  send(text: string): void;
  buffered(): number;
  /** At once, without a farewell that a dead peer would never answer. */
  terminate(): void;
}

export interface LinkEvents {
  open(): void;
  /** A view on the socket's read chunk: read it now or copy it. */
  message(bytes: Uint8Array): void;
  /** Exactly once, also for a dial that failed. */
  closed(reason: string): void;
}

export type Dial = (url: string, events: LinkEvents) => Link;

const HANDSHAKE_MS = 5_000;
/** Far above the largest book snapshot; what is longer is an attack or a fault (B20). */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

export const dial: Dial = (url, events) => {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: FRAME_BYTES_MAX,
  });
  let reason = '';
  socket.on('open', () => events.open());
  socket.on('message', (data: WebSocket.RawData) => events.message(data as Buffer));
  // `close` always follows; its code says less than the error does.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  socket.on('close', (code) => events.closed(reason === '' ? `closed ${code}` : reason));
  return {
    send: (text) => socket.send(text),
    buffered: () => socket.bufferedAmount,
    terminate: () => socket.terminate(),
  };
};
