// `report` and `report densities`: what did the trades bring, and how did the densities live and end?
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { Argument, InvalidArgumentError, Option } from 'commander';
import type { ClientConfig } from 'pg';
import type { Ms } from '../../lib/brand.ts';
import { passingRemedy } from '../../lib/passing-fault.ts';
import { whileReached, type Reached } from '../../store/read/reach.ts';
import { readDensities } from '../../store/read/report-densities.ts';
import { readTrades } from '../../store/read/report.ts';
import { equityOf, figuresOf, GROUPINGS, groupsOf, type Grouping } from '../../store/read/trade-figures.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { densitiesCsv, tradesCsv } from './csv.ts';
import { densitiesHtml, tradesHtml } from './html.ts';
import { PERIODS, spanOf, timeOf, type Period, type ReportSpan } from './span.ts';
import { densitiesText, tradesText, type TradesReport } from './text.ts';

interface ReportOptions {
  readonly since?: Ms;
  readonly until?: Ms;
  readonly by?: readonly Grouping[];
  readonly account?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly html?: string;
}

/** The ways in which one report can be had; only the asked one is made. */
interface Forms {
  readonly json: () => object;
  readonly csv: () => string;
  readonly html: () => string;
  readonly text: () => string;
}

export interface ReportPorts {
  readonly context: Pick<CliContext, 'print' | 'printJson' | 'stdout' | 'cwd' | 'environment'>;
  readonly reach: () => Promise<Reached>;
  readonly now: () => Ms;
}

const instant = ({ from, until }: ReportSpan): object => ({
  from: from === undefined ? null : new Date(from).toISOString(),
  until: new Date(until).toISOString(),
});

function groupings(text: string): Grouping[] {
  return text.split(',').map((name) => {
    const found = GROUPINGS.find((one) => one === name);
    if (found === undefined) throw new InvalidArgumentError(`Give one or more of ${GROUPINGS.join(', ')}.`);
    return found;
  });
}

async function tradesForms(connection: ClientConfig, span: ReportSpan, options: ReportOptions): Promise<Forms> {
  const { trades, open } = await readTrades(connection, { ...span, account: options.account });
  const accounts = [...new Set(trades.map(({ account }) => account))].toSorted();
  const asked = options.by ?? GROUPINGS.filter((grouping) => grouping !== 'account' || accounts.length > 1);
  const by = Object.fromEntries(asked.map((grouping) => [grouping, groupsOf(trades, grouping)]));
  const report: TradesReport = { account: options.account ?? null, accounts, ...figuresOf(trades), open, by };
  const equity = equityOf(trades);
  return {
    json: () => ({ ...instant(span), ...report, equity }),
    csv: () => tradesCsv(report),
    html: () => tradesHtml(report, span, { equity, trades }),
    text: () => tradesText(report, span),
  };
}

async function densitiesForms(connection: ClientConfig, span: ReportSpan): Promise<Forms> {
  const found = await readDensities(connection, span);
  return {
    json: () => ({ ...instant(span), ...found }),
    csv: () => densitiesCsv(found),
    html: () => densitiesHtml(found, span),
    text: () => densitiesText(found, span),
  };
}

function tell({ context }: ReportPorts, forms: Forms, { json, csv, html }: ReportOptions): void {
  if (html !== undefined) {
    const file = path.resolve(context.cwd, html);
    const page = forms.html();
    try {
      writeFileSync(file, page);
    } catch (error) {
      const passing = passingRemedy(error);
      const why = `cannot be written (${(error as NodeJS.ErrnoException).code})`;
      const remedy = passing ?? 'name a file in a folder that is there';
      throw new CliError(`--html ${file}: ${why}: ${remedy}`, passing === undefined ? EXIT.usage : EXIT.later);
    }
    if (json !== true && csv !== true) return context.print(file);
  }
  if (json === true) context.printJson(forms.json());
  else context.stdout.write(csv === true ? forms.csv() : forms.text());
}

function emptySpan({ since, until }: Pick<ReportOptions, 'since' | 'until'>): string {
  if (since === undefined || until !== undefined)
    return '--since: lies behind the end of the span; give --until a later time';
  return `--since: ${new Date(since).toISOString()} is still to come: give the day as well, or how long ago it was, like 15h`;
}

const EXAMPLES = `
Examples:
  npx plotnost report                          every trade there is
  npx plotnost report week --by symbol         the last seven days
  npx plotnost report --since 08:00 --html report.html
  npx plotnost report densities day
  npx plotnost report month --json | jq .profitFactor

day, week and month are the last 24 hours, 7 and 30 days. A trade counts by the time of its end, densities by whole \
hours in UTC. Money is USDT after fees and funding.
With --json and nothing stored: {"answered": false, …}, exit code 1`;

/** Adds `report` and `report densities` to the program. */
export function addReportCommand(program: Command, ports: ReportPorts): void {
  const time = (text: string): Ms => timeOf(text, ports.now());
  const shared = (command: Command): Command =>
    command
      .addArgument(new Argument('[period]', 'of which time').choices(PERIODS).default('all'))
      .addOption(new Option('--since <time>', 'from then on, instead of the period').argParser(time))
      .addOption(new Option('--until <time>', 'up to then instead of now').argParser(time))
      .option('--json', 'machine-readable output')
      .option('--csv', 'a table for spreadsheets')
      .option('--html <file>', 'a page with plots that opens without a network');
  const act =
    (formsOf: (connection: ClientConfig, span: ReportSpan, options: ReportOptions) => Promise<Forms>) =>
    async (period: Period, _own: ReportOptions, command: Command): Promise<void> => {
      // What stands before `densities` counts for it as well.
      const { environment } = ports.context;
      const of = environment === undefined ? {} : { account: `${environment}:` };
      const options = { ...of, ...command.optsWithGlobals<ReportOptions>() };
      // Also where one of the two stands before the command, which commander does not compare.
      if (options.json === true && options.csv === true)
        throw new CliError('--csv: cannot be had together with --json: name one of the two', EXIT.usage);
      const span = spanOf(period, ports.now(), options);
      if (span.from !== undefined && span.from >= span.until) throw new CliError(emptySpan(options), EXIT.usage);
      const forms = await whileReached(await ports.reach(), (connection) => formsOf(connection, span, options));
      tell(ports, forms, options);
    };
  const report = shared(program.command('report'))
    .summary('what the trades brought, and by what')
    .description('Tells what the trades brought: win rate, profit factor, expectancy, drawdown, fees, and by what.')
    .option('--by <what>', `any of ${GROUPINGS.join(', ')}, with commas (default: all)`, groupings)
    .option('--account <name>', 'only accounts whose name begins so (default: those of --environment, if given)')
    .addHelpText('after', EXAMPLES)
    .enablePositionalOptions()
    .action(act(tradesForms));
  shared(report.command('densities'))
    .summary('how densities were born, lived and ended')
    .description('Tells how densities were born, lived and ended, and how often a bounce or a breakout came, by size.')
    .action(act(densitiesForms));
}
