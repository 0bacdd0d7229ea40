// How does a command ask several things at once, while the engine goes on writing?
import type pg from 'pg';
import { StoreError } from '../error.ts';
import { migrationStatus } from '../write/migrate.ts';
import { withClient } from '../session.ts';

/** All answers are of one moment: the engine goes on writing. Refused where nothing was ever stored. */
export async function atOneMoment<T>(connection: pg.ClientConfig, ask: (client: pg.Client) => Promise<T>): Promise<T> {
  return withClient(connection, async (client) => {
    const status = await migrationStatus(client);
    if (status.every((one) => one.appliedAt === undefined)) {
      throw new StoreError('absent', 'nothing is stored yet: run the engine first (npm start)', false);
    }
    if (status.some((one) => one.known && one.appliedAt === undefined)) {
      throw new StoreError(
        'absent',
        'the tables of this version are not there yet: start the engine once, or run: npx plotnost migrate up',
        false,
      );
    }
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const answer = await ask(client);
    await client.query('COMMIT');
    return answer;
  });
}
