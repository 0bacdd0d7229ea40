// What does a person want to know of a replay?
import type { ReplayReport } from './replay.ts';
import type { ReplayedBook } from '../../backtest/replayed-book.ts';

export const row = (name: string, value: string): string => `${name.padEnd(12)}${value}`;

const named = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join('  ');

export function replayText(report: ReplayReport): string {
  const { frames, deltas, snapshots, trades, gaps, resyncs, fallbacks, unreadable, verify, instruments } = report;
  const grids = Object.entries(instruments).map(([symbol, { source, tickSize, qtyStep, refined }]) => {
    const finer = refined === 0 ? '' : `, made finer ${refined} times`;
    return row('grid', `${symbol}: tick ${tickSize}, lot ${qtyStep} (${source}${finer})`);
  });
  const lines = [
    ...grids,
    row('frames', `${frames} of ${report.recordedSeconds} s, replayed in ${report.seconds} s`),
    row('books', named({ snapshots, deltas, trades })),
    row('integrity', named({ gaps, resyncs, 'read the slow way': fallbacks, unreadable })),
  ];
  if (verify !== undefined) {
    lines.push(row('verified', `${verify.checked} books compared whole, ${verify.differences} differences`));
    for (const difference of verify.examples ?? []) lines.push(row('', JSON.stringify(difference)));
  }
  lines.push(
    ...(report.scans === undefined ? [] : [row('scans', `as recorded: ${named(report.scans)}`)]),
    row('densities', named(report.densities)),
    row('signals', `${named(report.signals)}   of candidates: ${named(report.candidates)}`),
    row('events', `${report.events}, sha256 ${report.eventsSha256}`),
  );
  if (report.passedOver.length > 0) {
    lines.push(row('passed over', `${report.passedOver.join(', ')}: another topic of its book came first`));
  }
  if (report.withoutBook.length > 0) lines.push(row('no book of', report.withoutBook.join(', ')));
  for (const [symbol, book] of Object.entries(report.books)) lines.push('', ...bookLines(symbol, book));
  return lines.join('\n');
}

/** Asks above, bids below, the touch in the middle. */
function bookLines(symbol: string, { bids, asks, u }: ReplayedBook): string[] {
  const level = (side: string, [price, size]: readonly [string, string]): string =>
    `${side}${price.padStart(18)}${size.padStart(18)}`;
  return [
    `${symbol} at u ${u}`,
    ...asks.map((ask) => level('ask', ask)).reverse(),
    ...bids.map((bid) => level('bid', bid)),
  ];
}
