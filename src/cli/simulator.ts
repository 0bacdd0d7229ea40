// `simulator`: run the simulated exchange by itself, on loopback, until it is told to stop.
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { assert } from '../lib/assert.ts';
import { systemClock } from '../lib/clock.ts';
import { faultHelp } from '../simulator/faults/table.ts';
import { LineFile } from '../simulator/line-file.ts';
import { SYMBOLS_MAX } from '../simulator/listing.ts';
import { MARKET_DEFAULTS, RATE_PER_SYMBOL_MAX } from '../simulator/market.ts';
import { playScenario, type ScenarioResult } from '../simulator/scenario/play.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
import { SimulatorError } from '../simulator/simulator-error.ts';
import type { SimulatorLog } from '../simulator/simulator-log.ts';
import { createVirtualExchange } from '../simulator/virtual.ts';
import { EXIT } from './context.ts';
import { endAsked } from './end-asked.ts';
import { loadScenario, resultText } from './scenario.ts';

interface SimulatorFlags {
  readonly port: number;
  readonly seed: number;
  readonly symbols: number;
  readonly rate?: number;
  readonly truth?: string;
  readonly ledger?: string;
  readonly scenario?: string;
  readonly virtual?: boolean;
  readonly settle: number;
  readonly json?: boolean;
  readonly parentPipe?: boolean;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+(?:e\d+)?$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** The process speaks on stdout once; what goes wrong later goes to stderr as JSON lines. */
const stderrLog: SimulatorLog = {
  info: () => undefined,
  warn: (fields, event) => void process.stderr.write(`${JSON.stringify({ level: 'warn', event, ...fields })}\n`),
};

function readyText(simulator: Simulator): string {
  const { restUrl, publicUrl, privateUrl, tradeUrl, controlUrl, keys, parameters } = simulator;
  const lines = Object.entries(parameters).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`);
  return [
    'The simulated exchange is open.',
    `  REST    ${restUrl}`,
    `  public  ${publicUrl}`,
    `  private ${privateUrl}`,
    `  trade   ${tradeUrl}`,
    `  control ${controlUrl}`,
    ...keys.map(({ key, secret, uid }) => `  key     ${key}, secret ${secret} (account ${uid})`),
    ...lines,
    'Ctrl-C ends it.',
  ].join('\n');
}

function readyJson(simulator: Simulator): string {
  const { restUrl, publicUrl, privateUrl, tradeUrl, controlUrl, keys, parameters } = simulator;
  return JSON.stringify({
    ready: true,
    rest: restUrl,
    public: publicUrl,
    private: privateUrl,
    trade: tradeUrl,
    control: controlUrl,
    keys: keys.map(({ key, secret, uid }) => ({ key, secret, uid })),
    seed: parameters['seed'],
    parameters,
  });
}

/** The whole scenario at once, on its own time and without sockets. */
function playVirtually(
  scenario: Scenario,
  seed: number,
  symbols: number,
  ledgerFile: string | undefined,
): ScenarioResult {
  const exchange = createVirtualExchange(seed, { symbols });
  const file = ledgerFile === undefined ? undefined : new LineFile('--ledger', ledgerFile, systemClock, stderrLog);
  for (const line of exchange.ledger.since(0)) file?.write(line);
  exchange.ledger.onLine((line) => file?.write(line));
  let result: ScenarioResult | undefined;
  playScenario(scenario, exchange.stage, exchange.ledger, (ended) => {
    result = ended;
  });
  exchange.advance(scenario.lasts);
  file?.close();
  assert(result !== undefined, 'a scenario ends when its time is over');
  return result;
}

/** Resolves when the process is asked to end: as every command, or by the parent's pipe closing. */
function asked(parentPipe: boolean, over: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => resolve(undefined);
    void endAsked(undefined, over).then(end);
    if (!parentPipe) return;
    process.stdin.once('end', end).once('close', end).once('error', end);
    process.stdin.resume();
  });
}

export function addSimulatorCommand(program: Command): void {
  program
    .command('simulator')
    .summary('the simulated exchange alone: a Bybit V5 market on loopback')
    .description('Runs the simulated exchange: a Bybit V5 market on loopback, made from a seed.')
    .addOption(
      new Option('--port <n>', 'port on 127.0.0.1, 0 for any free one').default(0).argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option('--seed <n>', 'the same seed gives the same market')
        .default(MARKET_DEFAULTS.seed)
        .argParser(wholeNumber(0, 4_294_967_295)),
    )
    .addOption(
      new Option('--symbols <n>', 'traded contracts')
        .default(MARKET_DEFAULTS.symbols)
        .argParser(wholeNumber(1, SYMBOLS_MAX)),
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
    .option('--ledger <file>', 'write every order, fill, position, stop and wallet, as JSON lines')
    .option('--scenario <file>', 'play this and end; exit code 1 when something expected did not happen')
    .option('--virtual', 'with --scenario: at once, without sockets, the same bytes every time')
    .option('--parent-pipe', 'end when standard input ends: the parent holds the other end')
    .option('--json', 'one JSON line when ready')
    .addHelpText(
      'after',
      () => `
Examples:
  npx plotnost simulator --port 7000 --symbols 5
  npx plotnost simulator --scenario examples/scenarios/stop-stripped.yaml --virtual
  curl -s -X POST CONTROL/fault -d '{"kind": "drop-delta", "symbol": "SOLUSDT"}'
  curl -s CONTROL/ledger?from=0      what really happened; CONTROL/state shows what runs

Faults, for POST CONTROL/fault and for the steps of a scenario (? = may be left out):
${faultHelp()}
`,
    )
    .action(async (flags: SimulatorFlags, command: Command) => {
      const { port, rate, truth: truthFile, ledger: ledgerFile, settle: settleMsMax } = flags;
      const scenario = flags.scenario === undefined ? undefined : loadScenario(flags.scenario).scenario;
      if (scenario?.trades !== undefined) {
        return command.error(
          `--scenario ${flags.scenario}: it says what an engine must trade: npx plotnost run --scenario`,
          {
            exitCode: EXIT.usage,
          },
        );
      }
      const chosen = (name: 'seed' | 'symbols'): number =>
        command.getOptionValueSource(name) === 'default' ? (scenario?.[name] ?? flags[name]) : flags[name];
      const [seed, symbols] = [chosen('seed'), chosen('symbols')];
      const rateMax = symbols * RATE_PER_SYMBOL_MAX;
      if (rate !== undefined && rate > rateMax)
        return command.error(`--rate ${rate}: at most ${rateMax} for ${symbols} symbols`, { exitCode: EXIT.usage });
      const say = (text: string): void => void process.stdout.write(`${text}\n`);
      const tell = (result: ScenarioResult): void =>
        say(flags.json === true ? JSON.stringify({ scenario: result }) : resultText(flags.scenario ?? '', result));
      const over = new AbortController();
      try {
        if (flags.virtual === true) {
          if (scenario === undefined)
            return command.error('--virtual: goes with --scenario FILE only', { exitCode: EXIT.usage });
          const result = playVirtually(scenario, seed, symbols, ledgerFile);
          tell(result);
          process.exit(result.passed ? EXIT.ok : EXIT.failure);
        }
        const ended = asked(flags.parentPipe === true, over.signal);
        const options = { port, seed, symbols, rate, truthFile, ledgerFile, settleMsMax };
        const simulator = await startSimulator(options, systemClock, stderrLog);
        say(flags.json === true ? readyJson(simulator) : readyText(simulator));
        const { stage, ledger } = simulator.exchange;
        const played =
          scenario === undefined
            ? ended
            : new Promise<ScenarioResult>((resolve) => playScenario(scenario, stage, ledger, resolve));
        const result = await Promise.race([ended, played]);
        await simulator.close();
        if (result !== undefined) tell(result);
        process.exit(result?.passed === false ? EXIT.failure : EXIT.ok);
      } catch (error) {
        // What waits to be asked, and the parent's pipe, which stays open, would keep us.
        over.abort();
        process.stdin.destroy();
        if (!(error instanceof SimulatorError)) throw error;
        return command.error(error.message, { exitCode: EXIT.usage });
      }
    });
}
