// `positions`: what is held, where does its stop stand, what does it earn, and is it being left?
import type { Command } from 'commander';
import type { PositionView } from '../../ops/control-view.ts';
import type { CliContext } from '../context.ts';
import { queryFailure, runningEngine } from './running-engine.ts';
import { span } from '../span.ts';

export function addPositionsCommand(program: Command, context: CliContext): void {
  program
    .command('positions')
    .summary('open positions, their stops and their profit')
    .description('Every symbol in which something is held or being opened, as the running engine knows it.')
    .addHelpText(
      'after',
      `
What nobody knows just now is shown as ?. A stop is "seen" when the exchange has said that it stands.
Exit codes: 0 told, 69 no engine runs there or it does not answer
With --json and without an engine: {"running": false, …}`,
    )
    .action(async () => {
      const engine = runningEngine(context);
      const positions = await engine.positions().catch(async (error: unknown) => {
        throw await queryFailure(context, error, engine.stateDir);
      });
      if (context.json) context.printJson(positions);
      else context.print(positionsText(positions, context.stdout.columns));
    });
}

const UNKNOWN = '?';

type Column = readonly [title: string, of: (position: PositionView) => string];

const COLUMNS: readonly Column[] = [
  ['symbol', ({ symbol }) => symbol],
  ['side', ({ side, size }) => side ?? (size === null ? UNKNOWN : '–')],
  ['size', sizeOf],
  ['entry', ({ entryPrice }) => entryPrice ?? UNKNOWN],
  ['mark', ({ markPrice }) => markPrice ?? UNKNOWN],
  ['stop', stopOf],
  ['unrealised', ({ unrealised }) => (unrealised === null ? UNKNOWN : `${unrealised} USDT`)],
  ['age', ({ ageMs }) => (ageMs === null ? UNKNOWN : span(ageMs))],
  ['strategy', ({ strategy, size }) => strategy ?? (size === null ? UNKNOWN : 'not ours')],
  ['state', stateOf],
];

const GAP = '  ';
/** What they are is seen. */
const SELF_TOLD: ReadonlySet<string> = new Set(['symbol', 'side']);

/** A table where it fits; else each position over some lines, every value beside its name. */
export function positionsText(positions: readonly PositionView[], columns = Infinity): string {
  if (positions.length === 0) return 'nothing is held, and nothing is being opened';
  const table = tableOf(positions);
  const lines = table.every((line) => line.length <= columns)
    ? table
    : positions.flatMap((position) => folded(position, columns));
  return lines.join('\n');
}

function tableOf(positions: readonly PositionView[]): string[] {
  const rows = [COLUMNS.map(([title]) => title), ...positions.map((one) => COLUMNS.map(([, of]) => of(one)))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] as number))
      .join(GAP)
      .trimEnd(),
  );
}

function folded(position: PositionView, columns: number): string[] {
  const [symbol = '', ...rest] = COLUMNS.map(([title, of]) => (SELF_TOLD.has(title) ? '' : `${title} `) + of(position));
  const lines = [symbol];
  for (const cell of rest) {
    const line = `${lines.at(-1)}${GAP}${cell}`;
    if (line.length <= columns) lines[lines.length - 1] = line;
    else lines.push(`${GAP}${cell}`);
  }
  return lines;
}

const isNone = (size: string): boolean => Number(size) === 0;

function sizeOf({ size, foreignSize }: PositionView): string {
  if (size === null) return UNKNOWN;
  if (isNone(foreignSize)) return size;
  return isNone(size) ? `${foreignSize} (not ours)` : `${size} (and ${foreignSize} not ours)`;
}

function stopOf({ stop, size, nakedMs }: PositionView): string {
  if (stop === null) return size === null ? UNKNOWN : '–';
  const place = `${stop.price} by ${stop.by}${stop.isBreakeven ? ', breakeven' : ''}`;
  if (nakedMs !== null) return `${place}: NOT SEEN for ${span(nakedMs)}`;
  return `${place}${stop.isSeen ? ', seen' : ', not seen yet'}`;
}

function stateOf({ state, entryOrder, closing }: PositionView): string {
  if (closing !== null) return `${state}: ${closing.replaceAll('_', ' ')}`;
  return state === 'opening' && entryOrder !== null ? `${state}: entry ${entryOrder}` : state;
}
