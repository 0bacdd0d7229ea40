// Who may look on? A socket is opened only for a page of ours with a session, and only so many of them.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { isOurHost, isOurPage } from './guard.ts';
import { SUBPROTOCOL } from './protocol.ts';
import type { Surface } from './server.ts';
import { originOf } from './server.ts';
import type { Session } from './sessions.ts';

const PATH = '/socket';
const MESSAGE_BYTES_MAX = 1_024;
const SOCKETS_MAX = 64;
const SOCKETS_PER_SESSION_MAX = 16;

export interface UpgradePorts {
  readonly surface: Surface;
  readonly sockets: () => number;
  readonly onOpen: (socket: WebSocket, wire: Duplex, session: Session) => void;
  readonly onRefused: () => void;
}

export function acceptSockets({ surface, sockets, onOpen, onRefused }: UpgradePorts): void {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    handleProtocols: () => SUBPROTOCOL,
  });
  surface.app.server.on('upgrade', (request, socket: Duplex, head) => {
    // Without a listener a broken pipe of somebody who never got in would end the process.
    socket.on('error', () => socket.destroy());
    const session = surface.sessionOf(request.headers.cookie);
    const refusal = refusalOf(request, surface, session, sockets());
    if (refusal !== undefined || session === undefined) {
      onRefused();
      // The server ends no connection that has asked to be one of these, and who was refused may never hang up.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal ?? '401 Unauthorized'}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, socket, head, (opened) => onOpen(opened, socket, session));
  });
}

/** The gates of `server.ts`, in their order. */
function refusalOf(
  request: IncomingMessage,
  surface: Surface,
  session: Session | undefined,
  open: number,
): string | undefined {
  const origin = originOf(request.headers);
  if (!isOurHost(origin, surface.names)) return '421 Misdirected Request';
  if (request.url !== PATH || request.method !== 'GET') return '404 Not Found';
  if (session === undefined) return '401 Unauthorized';
  if (!session.requests.take()) return '429 Too Many Requests';
  if (!isOurPage(origin, surface.names)) return '403 Forbidden';
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!protocols.includes(SUBPROTOCOL)) return '400 Bad Request';
  if (open >= SOCKETS_MAX || session.sockets >= SOCKETS_PER_SESSION_MAX) return '503 Service Unavailable';
  return undefined;
}
