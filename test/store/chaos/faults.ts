// What can become of a database while the engine writes to it? Each fault on a real server, begun and ended at will.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Cause } from '../../../src/store/cause.ts';
import type { Link } from './link.ts';
import { ENGINE, PASSWORD, type NetworkServer } from './network-server.ts';

export interface Fault {
  readonly name: string;
  /** What the one event of it may say. */
  readonly causes: readonly Cause[];
  begin(): Promise<void>;
  end(): Promise<void>;
}

const GONE: readonly Cause[] = ['unreachable', 'starting-or-stopping'];

/** Everything that can be had with this server on this machine. */
export function faultsOf(server: NetworkServer, link: Link): readonly Fault[] {
  const engine = async (setting: string): Promise<void> => {
    await server.sql(`ALTER ROLE ${ENGINE} ${setting}`);
    await server.disconnect();
  };
  return [
    { name: 'stopped and started', causes: GONE, begin: () => server.stop(), end: () => server.start() },
    {
      name: 'restarted at once',
      causes: GONE,
      async begin() {
        await server.stop();
        await server.start();
      },
      end: async () => undefined,
    },
    { name: 'killed with signal 9', causes: GONE, begin: () => server.kill(), end: () => server.start() },
    {
      name: 'behind a half-open link',
      causes: ['slow', 'unreachable'],
      begin: async () => link.breakOff(),
      end: async () => link.mend(),
    },
    connectionLimit(server),
    {
      name: 'read-only',
      causes: ['read-only'],
      begin: () => engine('SET default_transaction_read_only = on'),
      end: () => engine('RESET default_transaction_read_only'),
    },
    {
      name: 'slow: five seconds a statement',
      causes: ['slow'],
      async begin() {
        await server.sql(`CREATE FUNCTION drag() RETURNS trigger LANGUAGE plpgsql AS
                          'BEGIN PERFORM pg_sleep(5); RETURN NULL; END'`);
        for (const table of ['system_events', 'trades']) {
          await server.sql(`CREATE TRIGGER slow BEFORE INSERT ON ${table} EXECUTE FUNCTION drag()`);
        }
      },
      async end() {
        await server.disconnect(); // who is asleep in it holds the table
        await server.sql('DROP FUNCTION drag() CASCADE');
      },
    },
    {
      name: 'wrong password',
      causes: ['login'],
      begin: () => engine(`PASSWORD 'changed'`),
      end: () => engine(`PASSWORD '${PASSWORD}'`),
    },
    {
      name: 'a schema newer than the code',
      causes: ['newer-schema'],
      async begin() {
        await server.sql(`INSERT INTO migrations (name, run_on) VALUES ('9999_later', now())`);
        await server.disconnect();
      },
      async end() {
        await server.sql(`DELETE FROM migrations WHERE name = '9999_later'`);
      },
    },
    ...(server.smallDisk === undefined ? [] : [diskFull(server.smallDisk)]),
  ];
}

/** Others take every place that the engine had, and the next one that comes free. */
function connectionLimit(server: NetworkServer): Fault {
  const guests: pg.Client[] = [];
  const sit = async (): Promise<boolean> => {
    const guest = new pg.Client({ ...server.connection, port: server.port, user: 'guest', password: 'guest' });
    guest.on('error', () => undefined); // it only sits there
    const isIn = await guest.connect().then(
      () => true,
      () => false,
    );
    if (isIn) guests.push(guest);
    return isIn;
  };
  return {
    name: 'its connection limit reached',
    causes: ['connection-limit'],
    async begin() {
      // Until every place is taken the engine is kept out, or it would be back in one that came free.
      await server.sql(`ALTER ROLE ${ENGINE} CONNECTION LIMIT 0`);
      await server.disconnect();
      while (await sit());
      await server.sql(`ALTER ROLE ${ENGINE} CONNECTION LIMIT -1`);
    },
    async end() {
      await Promise.all(guests.splice(0).map((guest) => guest.end()));
    },
  };
}

function diskFull(disk: string): Fault {
  const ballast = join(disk, 'ballast');
  return {
    name: 'its disk full',
    causes: ['disk-full'],
    async begin() {
      const chunk = Buffer.alloc(64 << 10);
      try {
        for (;;) writeFileSync(ballast, chunk, { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    async end() {
      rmSync(ballast, { force: true });
    },
  };
}
