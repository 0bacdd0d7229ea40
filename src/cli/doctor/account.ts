// May this account be traded, and what stands in it that is not ours?
import type { Endpoints } from '../../bybit/endpoints.ts';
import { KEY_DAYS_WISHED, keyDaysLeft, unfitReasons } from '../../bybit/gateway/unfit.ts';
import type { Setup } from '../../bybit/gateway/setup.ts';
import type { Config } from '../../config/schema.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock } from '../../lib/clock.ts';
import { moneyText } from '../../market/money.ts';
import type { AccountReading } from '../../order/gateway.ts';
import { parseLinkId } from '../../order/link-id.ts';
import type { Path, PositionReport } from '../../order/words.ts';
import { startCheck } from '../../risk/start-check.ts';
import { fail, ok, settingChecks, skipped, warn, type Check } from './check.ts';
import type { GatewayLine } from './line.ts';
import { reachRemedy } from './reach.ts';
import type { Tradable } from './market.ts';

const LINK_MS = 15_000 as Ms;
const DAY_MS = 86_400_000;
/** The exchange's histories are asked for by windows of seven days: one is enough for a position of ours. */
const LOOK_BACK_MS = 6 * DAY_MS;
/** Each is a question of its own. */
const SYMBOLS_ASKED_MAX = 5;

export const PRIVATE_CHECKS = ['private stream', 'trade stream', 'account', 'positions'] as const;

export async function streamChecks(line: GatewayLine, { trade }: Endpoints): Promise<Check[]> {
  const [own, orders] = await Promise.all([
    linkCheck(line, 'private', 'private stream'),
    trade === undefined
      ? skipped('trade stream', 'this environment has none: orders go over REST')
      : linkCheck(line, 'trade-socket', 'trade stream'),
  ]);
  return [own, orders];
}

/** The first word about it decides: it is up, logged in and answering, or it is refused. */
async function linkCheck(line: GatewayLine, link: Path | 'private', name: string): Promise<Check> {
  const begun = systemClock.monotonic();
  const told = await line.hears('link', (event) => event.link === link, LINK_MS);
  const remedy = 'look at the API key, its addresses and this machine’s clock';
  if (told === undefined) return fail(name, `nothing within ${LINK_MS / 1_000} s`, 'is the network open to it?');
  if (!told.up) return fail(name, told.reason, reachRemedy(told.reason, remedy));
  const took = Math.round(systemClock.monotonic() - begun);
  if (link !== 'private') return ok(name, `connected and logged in after ${took} ms`);
  const alive = await line.hears('private-alive', () => true, LINK_MS);
  if (alive === undefined) return fail(name, 'logged in, and says nothing', remedy);
  return ok(name, `connected, logged in and answering after ${took} ms`);
}

export interface AccountFound {
  readonly checks: readonly Check[];
  /** Undefined where the account is not fit for an order, or could not be read. */
  readonly reading: AccountReading | undefined;
}

export async function accountChecks(
  line: GatewayLine,
  config: Config,
  tradable: readonly Tradable[],
): Promise<AccountFound> {
  const symbols = tradable.slice(0, SYMBOLS_ASKED_MAX).map(({ symbol }) => symbol);
  const setup = await line.gateway.readSetup(symbols);
  if (!setup.ok) {
    const remedy = 'is the key for this environment, with this machine’s address, and the clock right?';
    const { reason, keyRefused } = setup;
    const text = keyRefused === undefined ? reason : `the API key is refused: ${keyRefused}`;
    return { checks: [fail('account', text, reachRemedy(reason, remedy))], reading: undefined };
  }
  const settings = setupChecks(setup.value);
  const account = await line.account((systemClock.wall() - LOOK_BACK_MS) as Ms);
  if (!account.ok) {
    return { checks: [...settings, fail('positions', account.reason, 'try again')], reading: undefined };
  }
  const isFit = settings.every(({ verdict }) => verdict !== 'fail');
  return {
    checks: [...settings, ...walletChecks(account.value, config, tradable), ...positionChecks(account.value)],
    reading: isFit ? account.value : undefined,
  };
}

export function setupChecks(setup: Setup): Check[] {
  const { key, symbols, maintenance } = setup;
  const unfit = unfitReasons(setup, systemClock.wall());
  const text = `${key.userId}: unified, isolated margin; the key may trade and may not move money out`;
  const checks = unfit.length === 0 ? [ok('account', text)] : unfit.map(unfitCheck);
  const hedged = symbols.filter(({ isOneWay }) => !isOneWay).map(({ symbol }) => symbol);
  if (hedged.length > 0)
    checks.push(fail('position mode', `hedge mode: ${hedged.join(', ')}`, 'switch to one-way mode'));
  else if (symbols.length > 0) checks.push(ok('position mode', 'one-way'));
  checks.push(...expiryChecks(setup));
  for (const { title, state, beginMs, endMs } of maintenance) {
    if (state === 'completed' || state === 'canceled') continue;
    const when = `${new Date(beginMs).toISOString()} to ${new Date(endMs).toISOString()}`;
    checks.push(warn('maintenance', `${state}: ${title}, ${when}`, 'nothing is entered around it'));
  }
  return checks;
}

/** A reason is told with its remedy behind a colon. */
function unfitCheck(reason: string): Check {
  const at = reason.lastIndexOf(': ');
  return at < 0
    ? fail('account', reason, 'change it at the exchange')
    : fail('account', reason.slice(0, at), reason.slice(at + 2));
}

function expiryChecks({ key }: Setup): Check[] {
  const { addresses, expiresMs } = key;
  if (addresses.length === 0) {
    const end = expiresMs === undefined ? '90 days after it was made' : new Date(expiresMs).toISOString();
    return [
      warn('key expiry', `the key is bound to no address and ends ${end}`, 'bind it to the addresses of this machine'),
    ];
  }
  if (expiresMs === undefined) return [ok('key expiry', `bound to ${addresses.length} addresses, it does not expire`)];
  const text = `the key ends ${new Date(expiresMs).toISOString()}`;
  return [
    keyDaysLeft(key, systemClock.wall()) < KEY_DAYS_WISHED
      ? warn('key expiry', text, 'make a new one in time')
      : ok('key expiry', text),
  ];
}

export function walletChecks(
  { wallet }: AccountReading,
  { trading, safety }: Config,
  tradable: readonly Tradable[],
): Check[] {
  if (wallet === undefined) return [];
  const equity = wallet.balance + wallet.unrealised;
  const settings = { ...trading, ...safety };
  return [
    ok('wallet', `${moneyText(equity)} USDT, ${moneyText(wallet.free)} of it free`),
    ...settingChecks('wallet', startCheck(settings, tradable, equity), startCheck(settings, tradable, undefined)),
  ];
}

export function positionChecks({ positions, fills = [] }: AccountReading): Check[] {
  const open = positions.filter(({ lots }) => lots !== 0);
  if (open.length === 0) return [ok('positions', 'nothing is open')];
  const entered = new Set(fills.filter(({ linkId }) => parseLinkId(linkId)?.role === 'E').map(({ symbol }) => symbol));
  return open.map((position) => {
    const { symbol, lots, stop } = position;
    const what = `${symbol} ${lots > 0 ? 'long' : 'short'}`;
    if (!entered.has(symbol)) return strange(what, position);
    if (stop !== undefined) return ok('positions', `${what} is ours, and its stop is in place`);
    const remedy = 'start the engine, which protects what is its own, or set a stop by hand now';
    return fail('positions', `${what} is ours and has NO STOP at the exchange`, remedy);
  });
}

function strange(what: string, { stop }: PositionReport): Check {
  const text = `${what}${stop === undefined ? ' without a stop' : ''} was opened by no order of this program in the last 6 days`;
  const remedy = 'the engine counts it as exposure, leaves it alone, and enters nothing in that symbol';
  return warn('positions', text, remedy);
}
