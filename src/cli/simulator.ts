// `simulator`: run the simulated exchange by itself, on loopback, until it is told to stop.
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../lib/clock.ts';
import { MARKET_DEFAULTS } from '../simulator/market.ts';
import { type Simulator, type SimulatorLog, startSimulator } from '../simulator/server.ts';
import { SimulatorError } from '../simulator/simulator-error.ts';

const USAGE_EXIT = 64;

interface SimulatorFlags {
  readonly port: number;
  readonly seed: number;
  readonly symbols: number;
  readonly rate?: number;
  readonly truth?: string;
  readonly settle: number;
  readonly json?: boolean;
  readonly parentPipe?: boolean;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** The process speaks on stdout once; what goes wrong later goes to stderr as JSON lines. */
const stderrLog: SimulatorLog = {
  info: () => undefined,
  debug: () => undefined,
  warn: (fields, event) => void process.stderr.write(`${JSON.stringify({ level: 'warn', event, ...fields })}\n`),
  error: (fields, event) => void process.stderr.write(`${JSON.stringify({ level: 'error', event, ...fields })}\n`),
};

function readyText({ restUrl, publicUrl, controlUrl, parameters }: Simulator): string {
  const lines = Object.entries(parameters).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`);
  return [
    'The simulated exchange is open.',
    `  REST    ${restUrl}`,
    `  public  ${publicUrl}`,
    `  control ${controlUrl}`,
    ...lines,
    'Ctrl-C ends it.',
  ].join('\n');
}

function readyJson({ restUrl, publicUrl, controlUrl, parameters }: Simulator): string {
  return JSON.stringify({
    ready: true,
    rest: restUrl,
    public: publicUrl,
    control: controlUrl,
    seed: parameters['seed'],
    parameters,
  });
}

/** Resolves when the process is asked to end: by a signal, or by the parent's pipe closing. */
function asked(parentPipe: boolean): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    if (!parentPipe) return;
    process.stdin.once('end', resolve).once('close', resolve).once('error', resolve);
    process.stdin.resume();
  });
}

export function addSimulatorCommand(program: Command): void {
  program
    .command('simulator')
    .description('run the simulated exchange: a Bybit V5 market on loopback, made from a seed')
    .addOption(
      new Option('--port <n>', 'port on 127.0.0.1, 0 for any free one').default(0).argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option('--seed <n>', 'the same seed gives the same market')
        .default(MARKET_DEFAULTS.seed)
        .argParser(wholeNumber(0, 2_147_483_647)),
    )
    .addOption(
      new Option('--symbols <n>', 'traded contracts').default(MARKET_DEFAULTS.symbols).argParser(wholeNumber(1, 5_000)),
    )
    .addOption(
      new Option('--rate <n>', 'book frames a second over all symbols (default: natural activity)').argParser(
        wholeNumber(1, 1_000_000),
      ),
    )
    .addOption(
      new Option('--settle <ms>', 'longest time from a subscription to its acknowledgement')
        .default(200)
        .argParser(wholeNumber(0, 10_000)),
    )
    .option('--truth <file>', 'write every wall and how it ended, as JSON lines')
    .option('--parent-pipe', 'end when standard input ends: the parent holds the other end')
    .option('--json', 'one JSON line when ready')
    .addHelpText(
      'after',
      '\nFaults: POST {control}/fault {"kind": "drop-delta", "symbol": "SOLUSDT"}; GET {control}/state shows what runs.\n',
    )
    .action(async (flags: SimulatorFlags, command: Command) => {
      const ended = asked(flags.parentPipe === true);
      let simulator: Simulator;
      try {
        const { port, seed, symbols, rate, truth: truthFile, settle: settleMsMax } = flags;
        simulator = await startSimulator({ port, seed, symbols, rate, truthFile, settleMsMax }, systemClock, stderrLog);
      } catch (error) {
        if (!(error instanceof SimulatorError)) throw error;
        return command.error(error.message, { exitCode: USAGE_EXIT });
      }
      process.stdout.write(`${flags.json === true ? readyJson(simulator) : readyText(simulator)}\n`);
      await ended;
      await simulator.close();
      process.exit(0);
    });
}
