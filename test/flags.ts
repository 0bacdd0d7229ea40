// What may stand behind a command of the tests? `--help` tells it; what is none of it is told with the name it was given.
import { parseArgs, type ParseArgsOptionDescriptor } from 'node:util';

type Flags = Readonly<Record<string, ParseArgsOptionDescriptor & { readonly says: string }>>;

const USAGE_ERROR = 64;

/** `operand`: what may stand there without a name. Ends the process where it is asked for help, or refuses. */
export function readFlags<const Options extends Flags>(command: string, options: Options, operand = '') {
  const rows = Object.entries<Flags[string]>(options).map(([name, { type, default: preset, says }]) => {
    const usual = type === 'string' && preset !== undefined && preset !== '' ? ` (${String(preset)})` : '';
    return `  ${`--${name}${type === 'string' ? ' …' : ''}`.padEnd(16)} ${says}${usual}\n`;
  });
  const usage = `${[command, operand, ...(rows.length > 0 ? ['[flags]'] : [])].filter(Boolean).join(' ')}\n${rows.join('')}`;
  const refuse = (why: string): never => {
    process.stderr.write(`${why}\n${usage}`);
    process.exit(USAGE_ERROR);
  };
  if (process.argv.includes('--help')) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return { ...parseArgs({ options, allowPositionals: operand !== '' }), refuse };
  } catch (error) {
    if (error instanceof TypeError) return refuse(error.message);
    throw error;
  }
}
