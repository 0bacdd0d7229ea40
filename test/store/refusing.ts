// What stands where a PostgreSQL should, and lets nobody in?
import type { Socket } from 'node:net';

/** An error in the server's own form, as answer to the first message of a client. */
export function errorOf(code: string, message: string): Buffer {
  const body = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from('E....');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

export const POOLER = errorOf('08P01', 'unsupported startup parameter: statement_timeout');

export function refusing(answer: Buffer): (socket: Socket) => void {
  return (socket) => void socket.on('error', () => undefined).once('data', () => socket.end(answer));
}
