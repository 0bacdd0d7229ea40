// What does the exchange tell without a key: its time, its contracts, its public stream? And is a position of ours enough?
import { dial } from '../../bybit/feed/dial.ts';
import type { Endpoints } from '../../bybit/endpoints.ts';
import { createRest, type PublicRest } from '../../bybit/rest/rest.ts';
import type { Config } from '../../config/schema.ts';
import { feedConfig } from '../../engine/feed-config.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock } from '../../lib/clock.ts';
import { messageOf } from '../../lib/error-message.ts';
import { createRng } from '../../lib/rng.ts';
import { tickFromDecimal } from '../../market/instrument.ts';
import { moneyText } from '../../market/money.ts';
import { CLOCK_OFFSET_MS_MAX } from '../../risk/limits.ts';
import { smallestSize, startCheck, TAKER_FEE_PERCENT, type Candidate } from '../../risk/start-check.ts';
import type { ListedInstrument } from '../../universe/listing.ts';
import { select } from '../../universe/select.ts';
import { type Check, fail, ok, settingChecks, skipped, warn } from './check.ts';
import { reachRemedy } from './reach.ts';

const STREAM_MS = 10_000 as Ms;
const ELSE = 'it may be out of service, or not serve this address';
const OFFSET_MS_WISHED = CLOCK_OFFSET_MS_MAX / 2;

export function openPublicRest(endpoints: Endpoints): PublicRest {
  return createRest({ endpoints, clock: systemClock, rng: createRng(process.pid), retriesMax: 1 });
}

export async function clockCheck(rest: PublicRest): Promise<Check> {
  try {
    const { offset, roundTrip } = await rest.clockOffset();
    const text = `the exchange is ${Math.round(offset)} ms ahead of this machine, ± ${Math.ceil(roundTrip / 2)} ms`;
    const remedy = 'let NTP or chrony set the clock of this machine';
    const least = Math.max(0, Math.abs(offset) - roundTrip / 2);
    if (least > CLOCK_OFFSET_MS_MAX)
      return fail('clock', `${text}; above ${CLOCK_OFFSET_MS_MAX} ms nothing is entered`, remedy);
    return least > OFFSET_MS_WISHED ? warn('clock', text, remedy) : ok('clock', text);
  } catch (error) {
    const reason = messageOf(error);
    return fail('clock', `the exchange does not tell its time (${reason})`, reachRemedy(reason, ELSE));
  }
}

/** A contract that the engine would watch and can trade. */
export interface Tradable extends Candidate {
  readonly listed: ListedInstrument;
}

export interface MarketFound {
  readonly checks: readonly Check[];
  /** Cheapest first; empty where the market could not be read. */
  readonly tradable: readonly Tradable[];
}

export async function marketChecks(rest: PublicRest, config: Config): Promise<MarketFound> {
  let listed: readonly ListedInstrument[];
  let days: Awaited<ReturnType<PublicRest['days']>>;
  try {
    [listed, days] = await Promise.all([rest.instruments(), rest.days()]);
  } catch (error) {
    const reason = messageOf(error);
    const check = fail('market', `the list of contracts cannot be read (${reason})`, reachRemedy(reason, ELSE));
    return { checks: [check], tradable: [] };
  }
  const market = {
    listed: new Map(listed.map((row) => [row.instrument.symbol, row])),
    days: new Map(days.map((day) => [day.symbol, day])),
  };
  const { universe } = feedConfig(config);
  const { members, unknown } = select(
    new Map(),
    market,
    new Set(),
    universe,
    systemClock.monotonic(),
    systemClock.wall(),
  );
  const text = `${listed.length} contracts, ${members.size} would be watched`;
  const remedy = 'lower market.min_24h_volume, or look at market.symbols';
  const checks: Check[] = [members.size === 0 ? fail('market', text, remedy) : ok('market', text)];
  if (unknown.length > 0) checks.push(warn('market', `not listed: ${unknown.join(', ')}`, 'look at market.symbols'));
  const takerFee = (config.trading.mode === 'paper' ? config.paper.takerFeePercent : TAKER_FEE_PERCENT) / 100;
  const tradable = [...members.keys()].flatMap((symbol): Tradable[] => {
    const row = market.listed.get(symbol);
    const { lastPriceText = '' } = market.days.get(symbol) ?? {};
    const tick = row === undefined ? undefined : tickFromDecimal(lastPriceText, row.instrument);
    if (row?.terms === undefined || tick === undefined || tick === 0) return [];
    const contract = { instrument: row.instrument, ...row.terms, takerFee };
    return [{ symbol, contract, tick, listed: row, rules: config.strategy }];
  });
  const sorted = tradable.toSorted((a, b) => Number(smallestSize(a) - smallestSize(b)));
  return { checks: [...checks, ...sizeChecks(sorted, config)], tradable: sorted };
}

function sizeChecks(tradable: readonly Tradable[], { trading, safety }: Config): Check[] {
  const [cheapest, dearest] = [tradable[0], tradable.at(-1)];
  if (cheapest === undefined || dearest === undefined) return [skipped('size', 'there is nothing to trade')];
  const settings = { ...trading, ...safety };
  const found = settingChecks('size', startCheck(settings, tradable, undefined), startCheck(settings, [], undefined));
  if (found.length > 0) return found;
  const needs = `${moneyText(smallestSize(cheapest))} (${cheapest.symbol}) to ${moneyText(smallestSize(dearest))} (${dearest.symbol})`;
  return [ok('size', `${trading.positionSizeUsd} USDT is enough for all: they need ${needs}`)];
}

/** Connects, asks for one book, and waits for its first word. */
export function publicStreamCheck(endpoints: Endpoints, symbol: string): Promise<Check> {
  const name = 'public stream';
  const begun = systemClock.monotonic();
  const since = (): number => Math.round(systemClock.monotonic() - begun);
  return new Promise((resolve) => {
    const finish = (check: Check): void => {
      deadline.cancel();
      link.terminate();
      resolve(check);
    };
    const remedy = `can this machine reach ${endpoints.public}? A proxy or firewall may be in between`;
    const deadline = systemClock.after(STREAM_MS, () =>
      finish(fail(name, `no book of ${symbol} within ${STREAM_MS / 1_000} s`, remedy)),
    );
    const topic = `orderbook.50.${symbol}`;
    const link = dial(endpoints.public, {
      open: () => link.send(JSON.stringify({ op: 'subscribe', args: [topic] })),
      message(bytes) {
        const text = new TextDecoder().decode(bytes);
        if (text.includes('"success":false'))
          finish(fail(name, `the book of ${symbol} is refused`, 'is it still traded?'));
        else if (text.includes(`"topic":"${topic}"`)) finish(ok(name, `first book of ${symbol} after ${since()} ms`));
      },
      closed: (reason) => finish(fail(name, `cannot be held open (${reason})`, reachRemedy(reason, remedy))),
    });
  });
}
