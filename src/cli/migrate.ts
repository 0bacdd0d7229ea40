// `migrate up | down | status`: which tables does the database have?
import type { Command } from 'commander';
import { Argument, Option } from 'commander';
import type pg from 'pg';
import type { MigrationStatus } from '../store/write/migrate.ts';
import { migrate, MIGRATION_MS_MAX, migrationStatus } from '../store/write/migrate.ts';
import { whileReached, type Reached } from '../store/read/reach.ts';
import { claimTables, withClient } from '../store/session.ts';
import { CliError, EXIT } from './context.ts';
import type { Need } from './database.ts';

export type MigrateAction = 'up' | 'down' | 'status';

export interface MigrateReport {
  readonly action: MigrateAction;
  /** In the order in which they ran. */
  readonly ran: readonly string[];
  readonly migrations: readonly MigrationStatus[];
}

const IN_THE_WAY = {
  shared: 'an engine is at work on this database: stop it (Ctrl-C, systemctl stop)',
  claimed: 'another migrate down is at work on this database: wait for its end',
};

/** `down` takes back the last migration only: it drops its tables with everything in them, and none that an engine writes to. */
export async function runMigrate(connection: pg.ClientConfig, action: MigrateAction): Promise<MigrateReport> {
  const work = async (client: pg.Client): Promise<MigrateReport> => {
    const claim = action === 'down' ? await claimTables(client) : 'ours';
    if (claim !== 'ours') throw new CliError(`migrate down: ${IN_THE_WAY[claim]}, then try again`, EXIT.later);
    const ran = action === 'status' ? [] : await migrate(client, action, action === 'down' ? 1 : undefined);
    return { action, ran, migrations: await migrationStatus(client) };
  };
  return withClient(connection, work, MIGRATION_MS_MAX);
}

export function migrateText(report: MigrateReport): string {
  const lines = report.migrations.map(({ name, appliedAt, known }) => {
    const when = appliedAt === undefined ? 'to come' : `applied ${appliedAt}`;
    return `  ${name}  ${when}${known ? '' : '  (of a newer version of this program)'}`;
  });
  if (report.action !== 'status') {
    const done = report.action === 'up' ? 'applied' : 'taken back';
    lines.unshift(report.ran.length === 0 ? 'nothing to do' : `${done}: ${report.ran.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

interface MigrateOptions {
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** Adds `migrate` to the program; `reach` opens the database that the configuration names. */
export function addMigrate(program: Command, reach: (need: Need) => Promise<Reached>): void {
  program
    .command('migrate')
    .summary('the tables of the database: up to date, back, or as they are')
    .description('Brings the tables of the database up to date, undoes the last migration, or shows their state.')
    .addArgument(new Argument('<action>', 'what to do').choices(['up', 'down', 'status']))
    .addOption(new Option('--yes', 'with down: yes, drop the tables and the rows in them'))
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      `
The engine itself applies what is missing when it starts; \`down\` wants it stopped.
With --json and no database yet: {"answered": false, …}, exit code 1
`,
    )
    .action(async (action: MigrateAction, options: MigrateOptions) => {
      if (action === 'down' && options.yes !== true) {
        throw new CliError('migrate down drops tables with all of their rows: say so with --yes', EXIT.usage);
      }
      const database = await reach(action === 'up' ? 'any' : 'existing');
      const report = await whileReached(database, (connection) => runMigrate(connection, action));
      process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : migrateText(report));
    });
}
