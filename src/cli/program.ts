// Which commands are there, and how does a newcomer find the way?
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../lib/clock.ts';
import { collect } from './arguments.ts';
import { EXIT, type CliContext, type GlobalOptions } from './context.ts';

const GUIDE = `
First steps:
  npm start                            the whole engine on a simulated exchange
  npx plotnost check-config            is config.yaml sound?
  npm start -- --environment mainnet --mode off
                                       watch the real market, no key needed

Examples:
  npx plotnost run --json --duration 1m       one JSON object a second
  npx plotnost replay FILE.jsonl.gz --verify  the same core over recordings
  npx plotnost why BTCUSDT                    why a signal, and why none
  npx plotnost COMMAND --help                 more about one command

Data goes to stdout, the log to its file or stderr. Every key of config.yaml is in the README.

Exit codes:
  0 done   1 failed   64 wrong usage   65 bad input data
  69 exchange, database or engine unavailable   70 a bug (please report it)
  75 try later   78 bad configuration`;

const COLUMNS = 80;
/** On a narrower terminal, texts are not printed side by side. */
const BESIDE_MIN = 25;

/** Wraps prose and the second column of a list to the terminal. A command stays on one line, to be copied. */
function wrapped(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => {
      const hang = /^ +\S.*? {2,}/.exec(line)?.[0].length ?? 0;
      const isCommand = hang === 0 && line.startsWith(' ');
      if (line.length <= columns || isCommand || columns - hang < BESIDE_MIN) return line;
      const rows = line.slice(hang).match(new RegExp(`\\S.{0,${columns - hang - 2}}\\S(?= |$)|\\S+`, 'g')) ?? [];
      return line.slice(0, hang) + rows.join(`\n${' '.repeat(hang)}`);
    })
    .join('\n');
}

const GLOBAL_GROUP = 'Options of every command:';

function named(file: string): string {
  if (file !== '') return file;
  throw new InvalidArgumentError('Name a file.');
}

/** An empty name is none, whichever file it was to name. */
function nameFiles(command: Command): void {
  for (const option of command.options) if (option.flags.endsWith('<file>')) option.argParser(named);
  for (const argument of command.registeredArguments) {
    if (argument.name() !== 'file') continue;
    if (argument.variadic) argument.argParser<string[]>((file, before) => collect(named(file), before));
    else argument.argParser(named);
  }
}

/** Nobody is taken to the one exchange who has named another as well. */
function onlyOne(name: string, before: string | undefined): string {
  if (before === undefined || before === name) return name;
  throw new InvalidArgumentError(`It is ${before} already: leave one of the two out.`);
}

function globalOptions(): Option[] {
  return [
    new Option('--config <file>', 'the configuration (default: config.yaml here, else the shipped one)'),
    new Option('--environment <name>', 'simulator, testnet, demo or mainnet').argParser(onlyOne),
    new Option('--state-dir <dir>', 'journal, lock, spool, log and embedded database'),
    new Option('--set <section.key=value>', 'any key of the configuration; may be repeated').argParser(collect),
    new Option('--json', 'machine-readable output'),
  ].map((option) => option.helpGroup(GLOBAL_GROUP));
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}

/** The command as it is typed, parents included. */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Outermost first: the same option nearer to the command counts, `--set` adds up. */
function optionsInForce(action: Command): GlobalOptions {
  const chain: Command[] = [];
  for (let at: Command | null = action; at !== null; at = at.parent) chain.unshift(at);
  const given = chain.map((command) => command.opts<GlobalOptions>());
  const names = new Set(globalOptions().map((option) => option.attributeName()));
  const [environment, other] = new Set(given.flatMap((one) => one.environment ?? []));
  if (other !== undefined)
    action.error(`error: --environment is ${environment}, and ${other} as well: leave one of the two out`);
  const merged = Object.assign({}, ...given) as Record<string, unknown>;
  return {
    ...Object.fromEntries(Object.entries(merged).filter(([name]) => names.has(name))),
    set: given.flatMap(({ set }) => set ?? []),
  };
}

/** Options before a command that does not have them. */
function refuseUnread(action: Command): void {
  const own = new Set(action.options.map(({ long }) => long));
  for (let before = action.parent; before !== null; before = before.parent) {
    const isGiven = (option: Option): boolean => before?.getOptionValueSource(option.attributeName()) === 'cli';
    const unread = before.options.find((option) => isGiven(option) && !own.has(option.long));
    if (unread !== undefined) action.error(`error: ${action.name()} does not read ${unread.long}`);
  }
}

interface Parts {
  readonly program: Command;
  readonly context: CliContext;
  readonly version: () => string;
}

type Add = (parts: Parts) => Promise<void>;

/** These commands read no configuration, so its options would have no effect. */
const WITHOUT_CONFIG: ReadonlySet<string> = new Set(['simulator']);

/** In the order of the help. Each is loaded only when it may be the one: a kill switch need not wait until the engine is loaded. */
const COMMANDS: readonly (readonly [names: readonly string[], add: Add])[] = [
  [
    ['run'],
    async ({ program, context, version }) => (await import('./run/run.ts')).addRunCommand(program, context, version),
  ],
  [
    ['status'],
    async ({ program, context }) => (await import('./running/status.ts')).addStatusCommand(program, context),
  ],
  [
    ['positions'],
    async ({ program, context }) => (await import('./running/positions.ts')).addPositionsCommand(program, context),
  ],
  [
    ['pause', 'close', 'resume', 'flatten'],
    async ({ program, context }) => {
      const { confirmAtTerminal } = await import('./running/resume.ts');
      (await import('./running/order-commands.ts')).addOrderCommands(program, context, confirmAtTerminal);
    },
  ],
  [['replay'], async ({ program, context }) => (await import('./replay/replay.ts')).addReplayCommand(program, context)],
  [
    ['record'],
    async ({ program, context, version }) => (await import('./record.ts')).addRecordCommand(program, context, version),
  ],
  [['simulator'], async ({ program }) => (await import('./simulator.ts')).addSimulatorCommand(program)],
  [['doctor'], async ({ program, context }) => (await import('./doctor/doctor.ts')).addDoctorCommand(program, context)],
  [
    ['params'],
    async ({ program, context }) => {
      const { reachConfigured } = await import('./database.ts');
      (await import('./params.ts')).addParamsCommand(program, context, (need) => reachConfigured(context, need));
    },
  ],
  [
    ['why'],
    async ({ program, context }) => {
      const { reachConfigured } = await import('./database.ts');
      (await import('./why.ts')).addWhy(program, () => reachConfigured(context, 'existing'));
    },
  ],
  [
    ['report'],
    async ({ program, context }) => {
      const { reachConfigured } = await import('./database.ts');
      const reach = () => reachConfigured(context, 'existing');
      (await import('./report/report.ts')).addReportCommand(program, { context, reach, now: () => systemClock.wall() });
    },
  ],
  [
    ['check-config'],
    async ({ program, context }) => (await import('./check-config.ts')).addCheckConfigCommand(program, context),
  ],
  [
    ['migrate'],
    async ({ program, context }) => {
      const { reachConfigured } = await import('./database.ts');
      (await import('./migrate.ts')).addMigrate(program, (need) => reachConfigured(context, need));
    },
  ],
];

/** The commands that the arguments may name; all of them where none matches, or where help comes before a name. */
function meantBy(words: readonly string[]): readonly Add[] {
  const isNamed = ([names]: (typeof COMMANDS)[number]): boolean => names.some((name) => words.includes(name));
  const first = words.findIndex((word) => COMMANDS.some(([names]) => names.includes(word)));
  const asksAll = words.slice(0, Math.max(0, first)).some((word) => ['-h', '--help', 'help'].includes(word));
  const meant = first < 0 || asksAll ? COMMANDS : COMMANDS.filter(isNamed);
  return meant.map(([, add]) => add);
}

/** `help`, and of what? Commander looks at the first word only, and takes help of itself for a mistake. */
function answerHelp(program: Command, words: readonly string[]): void {
  let command = program;
  let asksHelp = false;
  let asksTwice = false;
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word);
    if (next !== undefined) command = next;
    else if (word === 'help') {
      asksTwice ||= asksHelp;
      asksHelp ||= command.commands.length > 0;
    } else if (asksHelp && /^\w/.test(word)) command.error(`error: unknown command '${word}'`);
    else return;
  }
  const isDeep = command.parent !== null && command.parent !== program;
  if (asksTwice || (asksHelp && isDeep)) command.help();
}

/** The program for these words, those of the command line. */
export async function createProgram(
  context: CliContext,
  version: () => string,
  words: readonly string[],
): Promise<Command> {
  const program = new Command('npx plotnost')
    .description('Finds order-book densities (walls) on Bybit USDT perpetuals and the signals they give.')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      context.print(version());
      throw new CommanderError(EXIT.ok, 'commander.version', '');
    })
    .enablePositionalOptions()
    .addHelpText('after', GUIDE);
  for (const add of meantBy(words)) await add({ program, context, version });

  const { columns = COLUMNS } = context.stdout;
  // Global options may stand before or after the command. A command's own option of the same name stays its own.
  for (const command of [program, ...descendants(program)]) {
    command.addHelpOption(new Option('-h, --help', 'display help for command').helpGroup(GLOBAL_GROUP));
    const own = new Set(command.options.map((option) => option.long));
    if (!WITHOUT_CONFIG.has(command.name()))
      for (const option of globalOptions()) if (!own.has(option.long)) command.addOption(option);
    nameFiles(command);
    command
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError(`(see ${pathOf(command)} --help)`)
      .configureOutput({
        writeOut: (text) => context.stdout.write(wrapped(text, columns)),
        writeErr: (text) => context.stderr.write(wrapped(text, columns)),
        outputError: (text) => {
          if (text.trim() !== '') context.stderr.write(text);
        },
      });
  }
  answerHelp(program, words);
  return program.hook('preAction', (_program, action) => {
    refuseUnread(action);
    const options = optionsInForce(action);
    context.use(options);
    const ownJson = action.options.find((option) => option.long === '--json');
    if (options.json === true && ownJson !== undefined) action.setOptionValue('json', true);
  });
}

/** Runs the command. With --json, `nothing is stored` is an answer on stdout as well. */
export async function obey(program: Command, context: CliContext, words: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    // Known by its name: its class would bring the store to every command.
    const { name, code, message } = error as Error & { readonly code?: unknown };
    if (context.json && name === 'StoreError' && code === 'absent')
      context.printJson({ answered: false, reason: message });
    throw error;
  }
}
