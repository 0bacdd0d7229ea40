// Who sends the frames of the wire figure? A process of its own with a real socket, at the times of the schedule.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { readFrameSet } from '../frames/frame-set.ts';
import { intendedMicros, nowMicros } from '../measure/schedule.ts';
import type { Schedule } from '../measure/schedule.ts';

export interface SenderJob {
  readonly frames: string;
  readonly warmUp: number;
  readonly schedule: Schedule;
}

const START_DELAY_MICROS = 100_000;
/** Frames of the warm-up a turn of the loop: the receiver reads them in between. */
const WARM_UP_BURST = 50;

const job = JSON.parse(process.argv[2] ?? '{}') as SenderJob;
const { snapshots, deltas } = readFrameSet(job.frames);
const times = intendedMicros(job.schedule);
const AS_TEXT = { binary: false };

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
server.on('connection', (socket) => {
  for (const frame of snapshots) socket.send(frame, AS_TEXT);
  warmUp(socket, 0);
  // The receiver says when it is through with the warm-up; it learns when the clock starts.
  socket.on('message', () => {
    const start = nowMicros() + START_DELAY_MICROS;
    socket.send(JSON.stringify({ start }), AS_TEXT);
    pace(socket, start, 0);
  });
  socket.on('close', () => server.close(() => process.exit(0)));
});

function warmUp(socket: WebSocket, from: number): void {
  const to = Math.min(job.warmUp, from + WARM_UP_BURST);
  for (let i = from; i < to; i++) socket.send(deltas[i] as Buffer, AS_TEXT);
  if (to < job.warmUp) setImmediate(warmUp, socket, to);
}

function pace(socket: WebSocket, start: number, from: number): void {
  let next = from;
  while (next < times.length && start + (times[next] as number) <= nowMicros()) {
    socket.send(deltas[job.warmUp + next] as Buffer, AS_TEXT);
    next++;
  }
  if (next < times.length) setImmediate(pace, socket, start, next);
}
