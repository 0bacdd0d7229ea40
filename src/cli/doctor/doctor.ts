// `doctor`: would it run here, and trade? Each look one line, with what to do about what is wrong.
import path from 'node:path';
import type { Command } from 'commander';
import { messageOf } from '../../lib/error-message.ts';
import { endpointsOf, type Endpoints } from '../../bybit/endpoints.ts';
import { keysFromEnvironment, type ApiKeys } from '../../bybit/gateway/keys.ts';
import type { Config } from '../../config/schema.ts';
import { accountChecks, PRIVATE_CHECKS, streamChecks } from './account.ts';
import { checkLine, fail, ok, skipped, type Check } from './check.ts';
import { databaseChecks } from './database.ts';
import { GatewayLine } from './line.ts';
import {
  configurationChecks,
  doubtChecks,
  environmentChecks,
  noConfiguration,
  nodeCheck,
  stateChecks,
} from './machine.ts';
import { clockCheck, marketChecks, openPublicRest, publicStreamCheck, type Tradable } from './market.ts';
import { orderChecks, Touch } from './orders.ts';
import { unhurried } from './unhurried.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { startsSimulator } from '../run/flags.ts';
import { engineProcess } from '../running/engine-process.ts';
import { startSimulatorChild } from '../simulator-child.ts';

interface DoctorFlags {
  readonly orders?: boolean;
}

type Say = (...checks: readonly Check[]) => void;

const ORDERS_IN: ReadonlySet<string> = new Set(['simulator', 'demo']);
const ORDER_PATH = 'order path';

export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .summary('would it run here, and trade? Each look one line, with its remedy')
    .description(
      'Looks at this machine, the configuration, the state directory, the database, the exchange and the account as `run` ' +
        'would find them, and changes nothing. Without keys what needs them is skipped.',
    )
    .option('--orders', 'simulator and demo only: also send both kinds of entry, see the stop, and close')
    .addHelpText(
      'after',
      `
Examples:
  npx plotnost doctor
  npx plotnost doctor --orders                        the order path, on an exchange of its own
  npx plotnost doctor --environment demo --orders     the same with the keys of a demo account
  npx plotnost doctor --environment mainnet --json

Exit codes: 0 nothing fails, 1 something does, 64 --orders where orders may cost money`,
    )
    .action(async (flags: DoctorFlags) => {
      const checks: Check[] = [];
      const say: Say = (...found) => {
        checks.push(...found);
        if (!context.json) for (const check of found) context.print(checkLine(check));
      };
      const isWell = () => checks.every(({ verdict }) => verdict !== 'fail');
      const conclude = (): void => {
        if (context.json) context.printJson({ ok: isWell(), checks });
      };
      await examine(context, flags, say, conclude);
      conclude();
      if (!isWell()) process.exitCode = EXIT.failure;
    });
}

async function examine(context: CliContext, flags: DoctorFlags, say: Say, conclude: () => void): Promise<void> {
  const { file, result } = context.tryConfig();
  // Where only trading lacks something, its keys above all, the rest can still be looked at.
  const watching = result.ok ? result : context.tryConfig(undefined, { set: ['trading.mode=off'] }).result;
  if (flags.orders === true && watching.ok) refuseReal(watching.config.exchange);
  const surroundings = await environmentChecks(context);
  say(nodeCheck(process.version), ...surroundings);
  if (!result.ok) for (const error of result.errors) say(fail('configuration', error, 'see npx plotnost check-config'));
  if (!watching.ok) return say(noConfiguration());
  const { config } = watching;
  const stateDir = path.resolve(context.cwd, config.state.dir);
  if (result.ok) say(...configurationChecks(file, config));
  say(...doubtChecks(config), ...(await stateChecks(stateDir)));
  say(...(await databaseChecks(config.database, stateDir, context.env)));
  if (surroundings.some(({ verdict }) => verdict === 'fail'))
    return say(skipped('exchange', 'nothing is asked of it from this environment'));
  const place = await openPlace(config, context).catch((error: unknown) => messageOf(error));
  if (typeof place === 'string') return say(fail('exchange', place, 'look at the section exchange'));
  try {
    say(...place.checks);
    await examineExchange({
      config,
      place,
      say,
      conclude,
      wantsOrders: flags.orders ?? false,
      pid: await engineProcess(stateDir),
    });
  } finally {
    await place.close();
  }
}

function refuseReal({ environment, endpoints }: Config['exchange']): void {
  if (!ORDERS_IN.has(environment))
    throw new CliError(`--orders: on ${environment} orders are real: only on simulator and demo`, EXIT.usage);
  if (environment === 'demo' && Object.values(endpoints).some((address) => address !== undefined)) {
    const why = 'at another address than its own, nobody knows whether orders are real: leave exchange.endpoints out';
    throw new CliError(`--orders: on demo ${why}`, EXIT.usage);
  }
}

/** Where the exchange is, and with which keys we come. */
interface Place {
  readonly endpoints: Endpoints;
  /** Undefined: the checks say why. */
  readonly keys: ApiKeys | undefined;
  readonly isOurs: boolean;
  readonly checks: readonly Check[];
  close(): Promise<void>;
}

async function openPlace({ exchange, simulator, trading }: Config, { env }: CliContext): Promise<Place> {
  const { environment, endpoints: named } = exchange;
  if (startsSimulator({ exchange })) {
    const child = await startSimulatorChild(simulator);
    const checks = [ok('exchange', `simulated, seed ${simulator.seed}, started for this`), ok('keys', 'made up by it')];
    return {
      endpoints: endpointsOf(environment, child),
      keys: child.keys[0],
      isOurs: true,
      checks,
      close: () => child.close(),
    };
  }
  const endpoints = endpointsOf(environment, named);
  const keys = keysFromEnvironment(env, exchange.apiKeyEnv, exchange.apiSecretEnv);
  const place = { endpoints, isOurs: false, close: () => Promise.resolve() };
  const where = ok('exchange', `${environment} at ${endpoints.rest}`);
  if (typeof keys !== 'string')
    return { ...place, keys, checks: [where, ok('keys', `in ${exchange.apiKeyEnv} and ${exchange.apiSecretEnv}`)] };
  const missing =
    trading.mode === 'live'
      ? fail('keys', 'trading.mode is live', keys)
      : skipped('keys', `trading.mode ${trading.mode} needs none; for the account to be looked at too: ${keys}`);
  return { ...place, keys: undefined, checks: [where, missing] };
}

interface Examination {
  readonly config: Config;
  readonly place: Place;
  readonly say: Say;
  /** Told before a signal that has waited for the orders ends the process. */
  readonly conclude: () => void;
  readonly wantsOrders: boolean;
  /** Of the engine that runs on the state directory. */
  readonly pid: number | undefined;
}

async function examineExchange(examination: Examination): Promise<void> {
  const { config, place, say } = examination;
  const rest = openPublicRest(place.endpoints);
  try {
    say(await clockCheck(rest));
    const { checks, tradable } = await marketChecks(rest, config);
    say(...checks, await publicStreamCheck(place.endpoints, tradable[0]?.symbol ?? 'BTCUSDT'));
    await examineAccount(examination, rest, tradable);
  } finally {
    rest.close();
  }
}

async function examineAccount(
  { config, place, say, conclude, wantsOrders, pid }: Examination,
  rest: ReturnType<typeof openPublicRest>,
  tradable: readonly Tradable[],
): Promise<void> {
  const { endpoints, keys, isOurs } = place;
  const orders = wantsOrders ? [ORDER_PATH] : [];
  if (keys === undefined)
    return say(...[...PRIVATE_CHECKS, ...orders].map((name) => skipped(name, 'there are no keys')));
  const touch = new Touch();
  const bySymbol = new Map(tradable.map(({ symbol, contract }) => [symbol, contract.instrument]));
  let line: GatewayLine;
  try {
    line = new GatewayLine({
      endpoints,
      keys,
      instrumentOf: (symbol) => bySymbol.get(symbol),
      touchOf: (_slot, side) => touch.of(side),
    });
  } catch (error) {
    // An address that is missing: what trades would not start either.
    const isNeeded = wantsOrders || config.trading.mode === 'live';
    const [text, remedy = 'mend it first'] = messageOf(error).split(': ', 2) as [string, string?];
    return say(
      ...[...PRIVATE_CHECKS, ...orders].map((name) =>
        isNeeded ? fail(name, text, remedy) : skipped(name, messageOf(error)),
      ),
    );
  }
  try {
    const streams = await streamChecks(line, endpoints);
    const { checks, reading } = await accountChecks(line, config, tradable);
    say(...streams, ...checks);
    if (!wantsOrders) return;
    if (reading === undefined) return say(skipped(ORDER_PATH, 'the account is not fit for it'));
    if (pid !== undefined && !isOurs) {
      const text = `the engine of process ${pid} trades here and would take the order for a stranger’s`;
      return say(fail(ORDER_PATH, text, 'stop it first'));
    }
    const hasTradeSocket = streams.some(({ name, verdict }) => name === 'trade stream' && verdict === 'ok');
    const orderRoom = { line, rest, touch, tradable, account: reading, hasTradeSocket };
    await unhurried(async () => say(...(await orderChecks(orderRoom))), conclude);
  } finally {
    await line.close();
  }
}
