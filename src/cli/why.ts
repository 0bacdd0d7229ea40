// `why SYMBOL`: why did it signal, and why not? Every criterion with its value, its threshold and a tick or a cross.
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { CRITERION_NAMES } from '../scan/event.ts';
import type { DensityFound, EventFound, Explanation, SignalFound, TradeFound } from '../store/read/explain.ts';
import { explain } from '../store/read/explain.ts';
import { whileReached, type Reached } from '../store/read/reach.ts';
import type { Criterion } from '../store/rows/rows.ts';
import { systemClock } from '../lib/clock.ts';
import type { Ms } from '../lib/brand.ts';
import { timeOf } from './report/span.ts';
import { symbolArgument } from './arguments.ts';

/** So many others are named: four lines of a terminal. */
const OTHERS_MAX = 20;

const THROUGH = { breakout: 'through', bounce: 'off' } as const;
const WALL_SIDE = {
  breakout: { long: 'ask', short: 'bid' },
  bounce: { long: 'bid', short: 'ask' },
} as const;

/** Digits in groups, at most two behind the point unless the number is small: `104 550.25`, `0.0412`. */
function amount(value: number | string): string {
  const number = Number(value);
  if (!Number.isFinite(number)) return String(value);
  const digits = Math.abs(number) >= 1 || number === 0 ? 2 : 6;
  return number.toLocaleString('en-US', { maximumFractionDigits: digits }).replaceAll(',', ' ');
}

type CriterionName = (typeof CRITERION_NAMES)[keyof typeof CRITERION_NAMES][number];

/** On which side of its threshold a criterion has to be. */
type Bound = '≥' | '≤' | '> 0, ≤';
const BOUND: Readonly<Record<CriterionName, Bound>> & Readonly<Record<string, Bound | undefined>> = {
  trend: '≥',
  eaten_percent: '≥',
  gone_for_ms: '≤',
  beyond_ticks: '> 0, ≤',
  touch_ticks: '≤',
  stable_percent: '≤',
  time_to_eat_ms: '≥',
  notional_usdt: '≥',
  relative: '≥',
  share_percent: '≥',
};

function valueText({ name, value }: Criterion): string {
  if (name === 'time_to_eat_ms' && value === null) return 'never';
  if (name === 'gone_for_ms' && value === -1) return 'still there';
  return shown(value);
}

/** Near enough and still no touch: the price has to come from afar (strategy 8). */
function isNoArrival({ name, value, threshold, passed }: Criterion): boolean {
  return name === 'touch_ticks' && !passed && Number(value) <= Number(threshold);
}

function shown(value: Criterion['value']): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? amount(value) : value;
}

/** Names are stored as the code spells them; people read words. */
function words(name: string): string {
  return name.replace(/_percent$/, ' %').replaceAll('_', ' ');
}

function criteriaLines(criteria: readonly Criterion[]): string[] {
  const cells = criteria.map((one) => [words(one.name), valueText(one), shown(one.threshold)] as const);
  const width = (column: 0 | 1): number => Math.max(...cells.map((cell) => cell[column].length));
  return criteria.map((one, i) => {
    const [name, value, threshold] = cells[i] as (typeof cells)[number];
    const needed = one.threshold === null ? '' : `   needs ${[BOUND[one.name], threshold].join(' ').trim()}`;
    const arrival = isNoArrival(one) ? ', coming from twice as far' : '';
    return `    ${one.passed ? '✓' : '✗'} ${name.padEnd(width(0))}   ${value.padStart(width(1))}${needed}${arrival}`;
  });
}

function clock(time: Date): string {
  return time.toISOString().replace('T', ' ').replace('Z', '');
}

function verdict(found: SignalFound): string {
  if (found.outcome === 'signal') return 'why: every criterion held';
  const failed = found.criteria.filter((one) => !one.passed);
  if (failed.length > 0) return `why not: ${failed.map((one) => words(one.name)).join(', ')}`;
  return `why not: every criterion was met, but it was refused: ${words(found.reason ?? 'no reason is stored')}`;
}

function signalLines(found: SignalFound): string[] {
  const side = WALL_SIDE[found.kind][found.direction];
  const title = found.outcome === 'signal' ? 'SIGNAL' : 'no signal';
  const facts = [
    `${found.kind} ${found.direction} ${THROUGH[found.kind]} the ${side} density at ${found.price}`,
    ...(found.mid === null ? [] : [`mid ${found.mid}`]),
    ...(found.priority === null ? [] : [`priority ${amount(found.priority)}`]),
  ];
  return [
    '',
    `  ${clock(found.time)}  ${title}: ${facts.join(', ')}`,
    `    ${verdict(found)}`,
    ...criteriaLines(found.criteria),
  ];
}

function lifeText(found: DensityFound): string {
  const until = found.disappeared_at ?? found.time;
  return `${((until.getTime() - found.appeared_at.getTime()) / 1_000).toFixed(1)} s`;
}

function densityLines(found: DensityFound): string[] {
  const end = found.label === null ? found.state : `ended as ${words(found.label)}${found.crossed ? ', crossed' : ''}`;
  const place = found.low_price === found.high_price ? found.price : `${found.low_price} … ${found.high_price}`;
  const marks = [...(found.is_cluster ? ['cluster'] : []), ...(found.is_round ? ['round price'] : [])];
  const sums = [
    `${amount(found.notional)} USDT of ${amount(found.peak_notional)} at its peak`,
    `eaten ${amount(found.eaten)}`,
    `pulled ${amount(found.pulled)}`,
    `refilled ${amount(found.refilled)}`,
    `touched ${found.touches} ${found.touches === 1 ? 'time' : 'times'}`,
  ];
  return [
    '',
    `  ${clock(found.time)}  ${found.side} at ${place}${marks.map((mark) => `, ${mark}`).join('')}: ${end}, lived ${lifeText(found)}`,
    `    ${sums.join(', ')}`,
    ...criteriaLines(found.criteria),
  ];
}

const fundingText = (paid: string): string => (Number(paid) === 0 ? '' : ` and ${amount(paid)} of funding`);

function tradeLines(found: TradeFound): string[] {
  const size = `${found.position_size} at ${found.entry_price}, ${amount(found.notional)} USDT`;
  const stop = found.stop_loss_price === null ? 'no stop' : `stop ${found.stop_loss_price}`;
  const end =
    found.exit_time === null || found.exit_reason === null
      ? found.is_exchange_gone
        ? 'left open on a simulated exchange that has ended with its run'
        : 'still open'
      : `closed ${clock(found.exit_time)} at ${found.exit_price ?? '–'} by ${words(found.exit_reason)}: ` +
        `${amount(found.profit_loss ?? 0)} USDT after ${amount(found.fees)} of fees${fundingText(found.funding)}`;
  return [
    '',
    `  ${clock(found.entry_time)}  ${found.signal_type} ${found.side} ${size}, ${stop}`,
    `    ${end}`,
    `    signal ${found.signal_id ?? '–'}, trade ${found.trade_id}`,
  ];
}

function eventLine(found: EventFound): string {
  const details = found.details === null ? '' : `  ${JSON.stringify(found.details)}`;
  return `  ${clock(found.time)}  ${found.severity}  ${found.event_type}${details}`;
}

/** Parts that most symbols do not have are told where there is something to tell. */
function besides({ trades, events, book }: Explanation): string[] {
  const lines: string[] = [];
  if (trades.length > 0) lines.push('', `Positions, last ${trades.length}`, ...trades.flatMap(tradeLines));
  if (events.length > 0) lines.push('', `Events, last ${events.length}`, '', ...events.map(eventLine));
  if (book !== undefined) {
    const totals = `bids ${amount(book.total_bid_volume ?? 0)}, asks ${amount(book.total_ask_volume ?? 0)} of the base asset`;
    lines.push('', `Book stored ${clock(book.time)}: mid ${book.mid_price ?? '–'}, ${totals}`);
  }
  return lines;
}

const NOTHING_YET =
  ': let the engine run for a while (npm start). One that runs stores none below database.min_free_disk_mb of free disk ' +
  '(disk.low in its log)';

/** The answer as a person reads it; times are UTC. */
export function whyText(found: Explanation): string {
  const { symbol, signals, densities } = found;
  const before = found.at === undefined ? '' : ` up to ${clock(new Date(found.at))}`;
  if (signals.length === 0 && densities.length === 0) {
    const named = found.others.slice(0, OTHERS_MAX).join(', ');
    const more = found.others.length - OTHERS_MAX;
    const others =
      found.others.length > 0
        ? ` There are some of ${named}${more > 0 ? `, … and ${more} more` : ''}.`
        : ` Nor is there of any other symbol${found.at === undefined ? NOTHING_YET : ''}.`;
    // Positions are kept for longer than what they came from.
    return `${[`${symbol}: no density and no candidate is stored${before}.${others}`, ...besides(found)].join('\n')}\n`;
  }
  const lines = [
    `${symbol}: ${found.signalled} ${found.signalled === 1 ? 'signal' : 'signals'} of ${found.looked} looked at${before} (times in UTC, newest first)`,
  ];
  if (found.failed.length > 0) {
    lines.push(
      `most often missing: ${found.failed
        .slice(0, 5)
        .map((one) => `${words(one.name)} ${one.times} ×`)
        .join(', ')}`,
    );
  }
  lines.push('', `Candidates and signals, last ${signals.length}`);
  if (signals.length === 0) lines.push('', '  none: no confirmed density was touched or eaten');
  for (const one of signals) lines.push(...signalLines(one));
  lines.push('', `Densities, last ${densities.length}`);
  if (densities.length === 0) lines.push('', '  none reached confirmation');
  for (const one of densities) lines.push(...densityLines(one));
  lines.push(...besides(found));
  return `${lines.join('\n')}\n`;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000) return count;
  throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
}

interface WhyOptions {
  readonly last: number;
  readonly at?: Ms;
  readonly json?: boolean;
}

/** Adds `why` to the program; `reach` opens the database that the configuration names. */
export function addWhy(program: Command, reach: () => Promise<Reached>): void {
  program
    .command('why')
    .summary('why a symbol gave a signal, and why none')
    .description(
      'Explains the newest candidates, signals and densities of a symbol: each criterion, its value, its threshold.',
    )
    .argument('<symbol>', 'for instance BTCUSDT', symbolArgument)
    .option('--last <n>', 'how many of each', parseCount, 5)
    .option('--at <time>', 'as it was then: 2026-11-25T12:00Z, 12:00 (today, UTC) or 15m (ago)', (text) =>
      timeOf(text, systemClock.wall()),
    )
    .option('--json', 'machine-readable output')
    .addHelpText(
      'after',
      `
A trend is positive where it agrees with the signal. A density is told with its criteria as they were at its last \
stored moment, relative and share as they were when it last met all of them: after its end they do not hold any more.

With --json and nothing stored: {"answered": false, …}, exit code 1

Examples:
  npx plotnost why DOGEUSDT --last 3
  npx plotnost why DOGEUSDT --at 12:03:30`,
    )
    .action(async (symbol: string, options: WhyOptions) => {
      const { last, at, json } = options;
      const found = await whileReached(await reach(), (connection) => explain(connection, symbol, last, at));
      process.stdout.write(json === true ? `${JSON.stringify(found)}\n` : whyText(found));
    });
}
