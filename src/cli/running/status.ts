// `status`: does the engine run, what may it do, and why no more?
import type { Command } from 'commander';
import type { DeskView, StatusView } from '../../ops/control-view.ts';
import type { CliContext } from '../context.ts';
import { queryFailure, runningEngine } from './running-engine.ts';
import { span } from '../span.ts';

export function addStatusCommand(program: Command, context: CliContext): void {
  program
    .command('status')
    .summary('does the engine run, what may it do, and why no more?')
    .description(
      'Asks the engine that runs on the state directory for its mode, what keeps it from entering, and its positions.',
    )
    .addHelpText(
      'after',
      `
Exit codes: 0 an engine runs and has told, 69 none runs there or it does not answer
With --json and without an engine: {"running": false, …}`,
    )
    .action(async () => {
      const engine = runningEngine(context);
      const status = await engine.status().catch(async (error: unknown) => {
        throw await queryFailure(context, error, engine.stateDir);
      });
      if (context.json) context.printJson({ running: true, ...status });
      else context.print(statusText(status));
    });
}

export function statusText({
  engine,
  desk,
  sizeBelowMinimum,
  leftOut = [],
  account,
  market,
  memory,
}: StatusView): string {
  const { pid, version, environment, trading, startedMs } = engine;
  const up = span(Date.now() - startedMs);
  const rows: (readonly [string, string])[] = [
    ['engine', `process ${pid}, ${environment}, trading ${trading}, up ${up} (${version})`],
    ...(desk === null ? ([['mode', 'watching only: trading.mode is off']] as const) : deskRows(desk)),
    ...sizeRows(sizeBelowMinimum ?? {}),
    ...(leftOut.length === 0
      ? []
      : ([['left out', `${leftOut.join(', ')}: their books do not fit their grids`]] as const)),
    ...Object.entries(account ?? {}).map(([name, money]) => [name, amount(money)] as const),
    ...(market === undefined ? [] : [['market', counted(market)] as const]),
    ...(memory === undefined
      ? []
      : [['memory', `${megabytes(memory.taken)} of at most ${megabytes(memory.limit)} MB`] as const]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

/** They give signals and are never traded. */
function sizeRows(tooSmall: NonNullable<StatusView['sizeBelowMinimum']>): (readonly [string, string])[] {
  const needs = Object.entries(tooSmall).map(([symbol, usdt]) => `${symbol} (needs ${usdt} USDT)`);
  return needs.length === 0 ? [] : [['size', `below the minimum of ${needs.join(', ')}`]];
}

export function deskRows(desk: DeskView): (readonly [string, string])[] {
  const { mode, latch, isKilled, killReason: kill, blocks, reconciledAgoMs, positions, entries } = desk;
  const reason = latch === null ? '' : `: ${latch}`;
  const isOpen = mode === 'ACTIVE' && blocks.length === 0 && !isKilled;
  const agreed = reconciledAgoMs === null ? 'not yet' : `${span(reconciledAgoMs)} ago`;
  return [
    ['mode', `${mode}${reason}`],
    ...(isKilled ? ([['kill', `latched${kill === null ? '' : `: ${kill}`}`]] as const) : []),
    ['entries', isOpen ? 'on' : `off: ${whyOff(desk)}`],
    ['positions', `${positions} open, ${entries} ${entries === 1 ? 'entry' : 'entries'} under way`],
    ['reconciled', agreed],
  ];
}

function whyOff({ mode, latch, isKilled, blocks }: DeskView): string {
  if (blocks.length > 0) return blocks.join(', ');
  const isOver = mode === 'REDUCE_ONLY' && latch === null && !isKilled;
  return isOver ? 'nothing keeps them off any more, and they come back within ten seconds' : `mode ${mode}`;
}

/** Of the market since the start: `40 watched, 40 live, 0 late, 272 densities, 5 signals, 3 entries`. */
function counted(market: Readonly<Record<string, unknown>>): string {
  return Object.entries(market)
    .map(([name, count]) => `${shown(count)} ${name}`)
    .join(', ');
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
const amount = (money: unknown): string => `${shown(money)}${typeof money === 'string' ? ' USDT' : ''}`;

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'unknown';
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
}
