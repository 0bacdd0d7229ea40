// A link to a server that can be cut in the way that is worst: both ends believe that it stands.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Link {
  readonly port: number;
  /** From now on nothing passes, of what stands and of what is dialled. */
  breakOff(): void;
  /** What was broken stays so, and its ends are told; new connections pass. */
  mend(): void;
  close(): Promise<void>;
}

export async function openLink(to: number): Promise<Link> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isBroken = false;
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      if (isBroken) return; // nobody hears of it
      near.destroy();
      far.destroy();
    };
    for (const [from, into] of [pair, [far, near] as const]) {
      from.on('data', (bytes) => {
        if (!isBroken) into.write(bytes);
      });
      from.on('error', end).on('close', end);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const destroyAll = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
    pairs.clear();
  };
  return {
    port: (server.address() as { port: number }).port,
    breakOff() {
      isBroken = true;
    },
    mend() {
      destroyAll();
      isBroken = false;
    },
    async close() {
      destroyAll();
      server.close();
      await once(server, 'close');
    },
  };
}
