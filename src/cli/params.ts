// `params get | set | unset`: which values of one coin differ from the configuration?
import type { Command } from 'commander';
import type pg from 'pg';
import { StoreError } from '../store/error.ts';
import { migrate, MIGRATION_MS_MAX } from '../store/write/migrate.ts';
import { whileReached, type Reached } from '../store/read/reach.ts';
import { withClient } from '../store/session.ts';
import type { CliContext } from './context.ts';
import type { Need } from './database.ts';
import { checkBeside, inForce, paramOf, readValue, type CoinInForce, type InForce } from './params-value.ts';
import { isListed, readRow, removeValue, writeValue } from '../store/read/coin-parameters-write.ts';
import { symbolArgument } from './arguments.ts';

type Reach = (need: Need) => Promise<Reached>;

const TAKEN = 'a running engine takes it over within 30 s';

/** `reach` opens the database that the configuration names. */
export function addParamsCommand(program: Command, context: CliContext, reach: Reach): void {
  const params = program
    .command('params')
    .summary('what one coin has otherwise than the configuration says')
    .description(
      'Parameters of one coin: every key of the section strategy, `enabled` and `preferred_strategy`. They are in the ' +
        'table coin_parameters and override the configuration.',
    );
  params
    .command('get')
    .summary('the value in force and where it comes from')
    .description('Shows the value in force and where it comes from: default, config or symbol.')
    .argument('<symbol>', 'for instance BTCUSDT', symbolArgument)
    .argument('[key]', 'one of them (default: all)')
    .addHelpText('after', '\nExample:\n  npx plotnost params get DOGEUSDT density_threshold_abs')
    .action((symbol: string, key?: string) => get(context, reach, symbol, key));
  params
    .command('set')
    .summary('give the coin a value of its own')
    .description('Gives the coin a value of its own; it is checked as the engine checks it.')
    .argument('<symbol>', 'for instance BTCUSDT', symbolArgument)
    .argument('<key>', 'see params get SYMBOL')
    .argument('<value>', 'as in config.yaml')
    .addHelpText(
      'after',
      `
Examples:
  npx plotnost params set DOGEUSDT density_threshold_abs 20000
  npx plotnost params set XRPUSDT preferred_strategy bounce
  npx plotnost params set SHIB1000USDT enabled false`,
    )
    .action((symbol: string, key: string, value: string) => set(context, reach, symbol, key, value));
  params
    .command('unset')
    .summary('take the coin’s own value away')
    .description('Takes the coin’s own value away: the configuration’s counts again.')
    .argument('<symbol>', 'for instance BTCUSDT', symbolArgument)
    .argument('<key>', 'see params get SYMBOL')
    .action((symbol: string, key: string) => unset(context, reach, symbol, key));
}

async function within<T>(
  database: Reached,
  work: (client: pg.Client) => Promise<T>,
  statementMsMax?: number,
): Promise<T> {
  return whileReached(database, (connection) => withClient(connection, work, statementMsMax));
}

/** Undefined where nothing was ever stored: no coin can have anything of its own. */
async function reachExisting(reach: Reach): Promise<Reached | undefined> {
  return reach('existing').catch((error: unknown) => {
    if (error instanceof StoreError && error.code === 'absent') return undefined;
    throw error;
  });
}

async function get(context: CliContext, reach: Reach, symbol: string, key: string | undefined): Promise<void> {
  const param = key === undefined ? undefined : paramOf(key);
  const { config } = context.loadConfig();
  const database = await reachExisting(reach);
  const row = database === undefined ? undefined : await within(database, (client) => readRow(client, symbol));
  const coin = inForce(symbol, config, row);
  warnRefused(context, coin);
  const shown = coin.params.filter((one) => param === undefined || one.key === param.key);
  if (context.json) context.printJson({ symbol, refused: coin.refused, params: shown.map(plain) });
  else context.print(paramsText(shown));
}

async function set(context: CliContext, reach: Reach, symbol: string, key: string, text: string): Promise<void> {
  const param = paramOf(key);
  const { config } = context.loadConfig();
  const value = readValue(param, text, config);
  const existing = await reachExisting(reach);
  // No database is made for a value that is refused.
  if (existing === undefined) checkBeside(param, value, config);
  const write = async (client: pg.Client): Promise<CoinInForce> => {
    // Before the tables are made, so that a server of somebody's stays as it was for a value that is refused.
    checkBeside(param, value, config, (await readRow(client, symbol))?.overrides);
    await migrate(client, 'up');
    if (!(await isListed(client, symbol)))
      context.stderr.write(`${symbol} is in no list of contracts that this engine has read: is it spelt right?\n`);
    await writeValue(client, symbol, key, value);
    return inForce(symbol, config, await readRow(client, symbol));
  };
  const coin = await within(existing ?? (await reach('any')), write, MIGRATION_MS_MAX);
  told(context, coin, key, TAKEN);
}

async function unset(context: CliContext, reach: Reach, symbol: string, key: string): Promise<void> {
  paramOf(key);
  const { config } = context.loadConfig();
  const [had, coin] = await within(await reach('existing'), async (client) => {
    const before = await readRow(client, symbol);
    if (before !== undefined) await removeValue(client, symbol, key);
    const isOwn = inForce(symbol, config, before).params.some((one) => one.key === key && one.source === 'symbol');
    const isKept = before !== undefined && Object.hasOwn(before.overrides, key);
    return [isOwn || isKept, inForce(symbol, config, await readRow(client, symbol))] as const;
  });
  told(context, coin, key, had ? TAKEN : 'nothing of its own was set');
}

function told(context: CliContext, coin: CoinInForce, key: string, what: string): void {
  warnRefused(context, coin);
  const shown = coin.params.filter((one) => one.key === key);
  if (context.json) context.printJson({ symbol: coin.symbol, refused: coin.refused, params: shown.map(plain) });
  else context.print(`${paramsText(shown)}\n${what}`);
}

function warnRefused(context: CliContext, { symbol, refused }: CoinInForce): void {
  if (refused.length === 0) return;
  for (const error of refused) context.stderr.write(`${symbol}: the parameters of its row are refused: ${error}\n`);
  context.stderr.write(
    'an engine that watches it keeps those that it had before, any other takes the configuration alone\n',
  );
}

const plain = ({ key, value, source, without, initial, unit, allowed }: InForce): object => ({
  key,
  value,
  source,
  without,
  default: initial,
  unit,
  allowed,
});

function paramsText(params: readonly InForce[]): string {
  const cells = params.map(({ key, value, unit, source, without }) => [
    key,
    `${value} ${unit}`.trim(),
    source === 'symbol' ? `symbol (else ${without})` : source,
  ]);
  const width = (column: number): number => Math.max(...cells.map((row) => (row[column] as string).length));
  const [keys, values] = [width(0), width(1)];
  return cells
    .map(([key = '', value = '', source = '']) => `${key.padEnd(keys)}  ${value.padEnd(values)}  ${source}`)
    .join('\n');
}
