// Which commands are there, and how does a newcomer find the way?
import { Command, Option } from 'commander';
import { systemClock } from '../lib/clock.ts';
import { addCheckConfigCommand } from './check-config.ts';
import type { CliContext, GlobalOptions } from './context.ts';
import { reachConfigured } from './database.ts';
import { addDoctorCommand } from './doctor.ts';
import { addMigrate } from './migrate.ts';
import { addOrderCommands } from './order-commands.ts';
import { confirmAtTerminal } from './order-commands-resume.ts';
import { addParamsCommand } from './params.ts';
import { addPositionsCommand } from './positions.ts';
import { addRecordCommand } from './record.ts';
import { addReplayCommand } from './replay.ts';
import { addReportCommand } from './report.ts';
import { addRunCommand } from './run.ts';
import { addSimulatorCommand } from './simulator.ts';
import { addStatusCommand } from './status.ts';
import { addWhy } from './why.ts';

const GUIDE = `
First steps:
  npm start                                   the whole engine against the simulated exchange; nothing to install or set up
  npx plotnost check-config                   is config.yaml sound?
  npm start -- --environment mainnet          watch the real market, no key needed

Examples:
  npx plotnost run --json --duration 1m       one JSON object a second on stdout
  npx plotnost replay FILE.jsonl.gz --verify  the same core over recorded frames
  npx plotnost why BTCUSDT                    why there was a signal, and why there was none
  npx plotnost COMMAND --help                 more about one command

Data goes to stdout, the log to its file or stderr. Every key of config.yaml is in the README.

Exit codes:
  0 done   1 failed   64 wrong usage   65 bad input data   69 exchange or database unavailable
  70 a bug (please report the stack)   75 try later   78 bad configuration`;

const GLOBAL_GROUP = 'Options of every command:';

const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value];

function globalOptions(): Option[] {
  return [
    new Option('--config <file>', 'the configuration (default: config.yaml here, else the shipped one)'),
    new Option('--environment <name>', 'simulator, testnet, demo or mainnet'),
    new Option('--state-dir <dir>', 'journal, lock, spool, log and embedded database'),
    new Option('--set <section.key=value>', 'any key of the configuration; may be repeated').argParser(collect),
    new Option('--json', 'machine-readable output'),
  ].map((option) => option.helpGroup(GLOBAL_GROUP));
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

/** Outermost first: the same option nearer to the command counts, `--set` adds up. */
function optionsInForce(action: Command): GlobalOptions {
  const chain: Command[] = [];
  for (let at: Command | null = action; at !== null; at = at.parent) chain.unshift(at);
  const given = chain.map((command) => command.opts<GlobalOptions>());
  const names = new Set(globalOptions().map((option) => option.attributeName()));
  const merged = Object.assign({}, ...given) as Record<string, unknown>;
  return {
    ...Object.fromEntries(Object.entries(merged).filter(([name]) => names.has(name))),
    set: given.flatMap(({ set }) => set ?? []),
  };
}

export function createProgram(context: CliContext, version: () => string): Command {
  const program = new Command('plotnost')
    .description('Finds order-book densities (walls) on Bybit USDT perpetuals and the signals they give.')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      context.print(version());
      program.error('', { exitCode: 0, code: 'commander.version' });
    })
    .enablePositionalOptions()
    .addHelpText('after', GUIDE);

  addRunCommand(program, context, version);
  addStatusCommand(program, context);
  addPositionsCommand(program, context);
  addOrderCommands(program, context, confirmAtTerminal);
  addReplayCommand(program, context);
  addRecordCommand(program, context, version);
  addSimulatorCommand(program);
  addDoctorCommand(program, context);
  addParamsCommand(program, context, (need) => reachConfigured(context, need));
  addWhy(program, () => reachConfigured(context, 'existing'));
  const now = () => systemClock.wall();
  addReportCommand(program, { context, reach: () => reachConfigured(context, 'existing'), now });
  addCheckConfigCommand(program, context);
  addMigrate(program, (need) => reachConfigured(context, need));

  // Global options may stand before or after the command. A command's own option of the same name stays its own.
  for (const command of [program, ...descendants(program)]) {
    const own = new Set(command.options.map((option) => option.long));
    for (const option of globalOptions()) if (!own.has(option.long)) command.addOption(option);
    command
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError(`(see ${command === program ? 'plotnost' : `plotnost ${command.name()}`} --help)`)
      .configureOutput({
        writeOut: (text) => context.stdout.write(text),
        writeErr: (text) => context.stderr.write(text),
        outputError: (text, write) => {
          if (text.trim() !== '') write(text);
        },
      });
  }
  return program.hook('preAction', (_program, action) => {
    const options = optionsInForce(action);
    context.use(options);
    const ownJson = action.options.find((option) => option.long === '--json');
    if (options.json === true && ownJson !== undefined) action.setOptionValue('json', true);
  });
}
