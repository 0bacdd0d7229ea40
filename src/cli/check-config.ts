// Is the configuration sound, and what exactly is in force?
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { EXIT } from './context.ts';
import type { CliContext } from './context.ts';

interface CheckOptions {
  readonly printEffective?: boolean;
}

const DIGEST_SHOWN = 12;

export function addCheckConfigCommand(program: Command, context: CliContext): void {
  program
    .command('check-config')
    .summary('check the configuration, all mistakes at once')
    .description(
      'Checks the configuration as `run` would read it, flags included. Every mistake is reported with line, column and remedy.',
    )
    .argument('[file]', 'the file to check (default: --config, else config.yaml)')
    .option(
      '--print-effective',
      'print what is in force, every default filled in; of secrets the names, and of alerts the address that the file holds',
    )
    .addHelpText(
      'after',
      `
Examples:
  npx plotnost check-config
  npx plotnost check-config my.yaml --set strategy.cluster_max_levels=4
  npx plotnost check-config --print-effective > effective.yaml

Exit codes: 0 sound, 64 a flag is wrong, 78 the file is wrong or missing`,
    )
    .action((file: string | undefined, options: CheckOptions) => {
      process.exitCode = checkConfig(context, file, options.printEffective ?? false);
    });
}

export function checkConfig(context: CliContext, named: string | undefined, printEffective: boolean): number {
  const { file, result } = context.tryConfig(named);
  if (!result.ok) {
    if (context.json) context.printJson({ file, valid: false, errors: result.errors });
    for (const error of result.errors) context.stderr.write(`${error}\n`);
    return result.fault === 'flags' ? EXIT.usage : EXIT.config;
  }
  const { config, digest, effective, warnings } = result;
  for (const warning of warnings) context.stderr.write(`${warning}\n`);
  if (context.json) {
    context.printJson({ file, valid: true, digest, warnings, ...(printEffective ? { effective } : {}) });
  } else if (printEffective) {
    context.print(stringify(effective).trimEnd());
  } else {
    const { environment } = config.exchange;
    const short = digest.slice(0, DIGEST_SHOWN);
    context.print(`${file}: valid (environment ${environment}, trading ${config.trading.mode}, digest ${short})`);
  }
  return EXIT.ok;
}
