// What may stand behind a command of the tests? `--help` tells it; what is none of it is told with the name it was given.
import { parseArgs, type ParseArgsOptionDescriptor } from 'node:util';

/** `whole`: a number without a fraction, from `least` (0) on. */
type Whole = { readonly type: 'whole'; readonly default?: number; readonly least?: number };
type Flag = { readonly says: string } & (ParseArgsOptionDescriptor | Whole);
type Flags = Readonly<Record<string, Flag>>;

type Given<One extends Flag> = One extends Whole
  ? number
  : One extends { readonly type: 'boolean' }
    ? boolean
    : One extends { readonly multiple: true }
      ? string[]
      : string;
type Values<Options extends Flags> = {
  readonly [Name in keyof Options]:
    | Given<Options[Name]>
    | (Options[Name] extends { readonly default: unknown } ? never : undefined);
};

const USAGE_ERROR = 64;
const BEHIND = { boolean: '', string: ' …', whole: ' N' };
/** The largest seed that the simulated exchange takes. */
const WHOLE_MAX = 2 ** 31 - 1;

/** `operand`: what may stand there without a name. Ends the process where it is asked for help, or refuses. */
export function readFlags<const Options extends Flags>(command: string, options: Options, operand = '') {
  const flags = Object.entries<Flag>(options);
  const rows = flags.map(([name, { type, default: preset, says }]) => {
    const usual = type !== 'boolean' && preset !== undefined && preset !== '' ? ` (${String(preset)})` : '';
    return `  ${`--${name}${BEHIND[type]}`.padEnd(16)} ${says}${usual}\n`;
  });
  const usage = `${[command, operand, ...(rows.length > 0 ? ['[flags]'] : [])].filter(Boolean).join(' ')}\n${rows.join('')}`;
  const refuse = (why: string): never => {
    process.stderr.write(`${why}\n${usage}`);
    process.exit(USAGE_ERROR);
  };
  const wholeOf = (name: string, text: string, least: number): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= WHOLE_MAX) return value;
    return refuse(`--${name} must be a whole number from ${least} to ${WHOLE_MAX}, and is ${text}`);
  };
  if (process.argv.includes('--help')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    const asTexts = flags.map(([name, flag]) => [
      name,
      flag.type === 'whole' ? { type: 'string', default: flag.default?.toString() } : flag,
    ]);
    const { values, positionals } = parseArgs({
      options: Object.fromEntries(asTexts) as Record<string, ParseArgsOptionDescriptor>,
      allowPositionals: operand !== '',
    });
    for (const [name, flag] of flags) {
      const text = values[name];
      if (flag.type === 'whole' && typeof text === 'string')
        Object.assign(values, { [name]: wholeOf(name, text, flag.least ?? 0) });
    }
    return { values: values as Values<Options>, positionals, refuse };
  } catch (error) {
    if (error instanceof TypeError) return refuse(error.message);
    throw error;
  }
}
