// Somebody who asks without end: so many requests a second on some connections, so many sockets that try to look on.
// Told by its arguments; says on its IPC channel how many answers came. Give it the lowest priority: it is not what is measured.
import net from 'node:net';
import os from 'node:os';

const [address, rate, sockets, cookie] = process.argv.slice(2) as [string, string, string, string];
const CONNECTIONS = 40;
const TURN_MS = 10;
/** Rarely: who is told is main, and what it costs to listen is no cost of the flood. */
const TOLD_MS = 250;
const PATHS = ['/', '/metrics', '/api/session', '/healthz', '/api/command', '/nowhere'];

os.setPriority(19);
const { hostname, port, host } = new URL(address);
let answered = 0;
let sent = 0;

function connect(onOpen: (socket: net.Socket) => void, onEnd: () => void): void {
  const socket = net.connect(Number(port), hostname);
  socket.on('connect', () => onOpen(socket));
  socket.on('error', () => socket.destroy());
  socket.on('close', onEnd);
}

const open = new Set<net.Socket>();
function keepAsking(): void {
  let mine: net.Socket | undefined;
  connect(
    (socket) => {
      mine = socket;
      open.add(socket);
      socket.on('data', (bytes) => (answered += bytes.toString('latin1').split('HTTP/1.1 ').length - 1));
    },
    () => {
      if (mine !== undefined) open.delete(mine);
      setTimeout(keepAsking, TURN_MS);
    },
  );
}
for (let i = 0; i < CONNECTIONS; i++) keepAsking();

/** Every other one has a session. */
function keepLooking(i: number): void {
  connect(
    (socket) => {
      const own = i % 2 === 0 ? `cookie: ${cookie}\r\norigin: http://${host}\r\n` : '';
      socket.write(
        `GET /socket HTTP/1.1\r\nhost: ${host}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n${own}` +
          'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: plotnost.1\r\n\r\n',
      );
      socket.resume();
    },
    () => setTimeout(() => keepLooking(i), 100),
  );
}
for (let i = 0; i < Number(sockets); i++) keepLooking(i);

const begun = performance.now();
setInterval(() => {
  const due = Math.floor(((performance.now() - begun) / 1_000) * Number(rate));
  const all = [...open];
  for (let i = 0; sent < due && all.length > 0; i++, sent++) {
    const socket = all[i % all.length] as net.Socket;
    socket.write(`GET ${PATHS[sent % PATHS.length]} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  }
}, TURN_MS);
// Whoever listened may just have gone.
setInterval(
  () => process.send?.({ sent, answered }, (error: Error | null) => error !== null && process.exit(0)),
  TOLD_MS,
);
process.on('disconnect', () => process.exit(0));
