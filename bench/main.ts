// Which bench shall run? `npm run bench` for a table of everything small, `npm run bench -- NAME` for one part in depth.
import { compareResults, describeComparison, readResult, ResultError } from './report/compare.ts';
import { printOverview, runOverview } from './report/overview.ts';
import { ensurePeers, PeerError } from './measure/peers.ts';
import { printReport } from './report/report.ts';
import type { Options, Report } from './report/report.ts';
import { keepResult } from './report/results.ts';
import { FULL, QUICK, SMALL, type Size } from './measure/size.ts';

const BENCHES: Readonly<
  Record<string, { readonly says: string; readonly load: () => Promise<(options: Options) => Promise<Report>> }>
> = {
  book: {
    says: 'raw frame → updated book, beside other packages',
    load: async () => (await import('./book/bench.ts')).benchBook,
  },
  scan: {
    says: 'scan of a book after a typical message, beside the original design in objects',
    load: async () => (await import('./scan/bench.ts')).benchScan,
  },
  path: {
    says: 'frame handed over → signal read by main, and over a socket',
    load: async () => (await import('./path/bench.ts')).benchPath,
  },
  functions: {
    says: 'each hot function by itself, and what the machine takes for a wake-up',
    load: async () => (await import('./functions/bench.ts')).benchFunctions,
  },
  orders: {
    says: 'signal read → order bytes on the socket, through gates and journal, against the simulator',
    load: async () => (await import('./orders/bench.ts')).benchOrders,
  },
  scaling: {
    says: 'the whole engine under load, against books, depth, rate and workers',
    load: async () => (await import('./load/scaling.ts')).benchScaling,
  },
  store: {
    says: 'rows into PostgreSQL both ways, the size of a stored book, a month of history: retention and every question asked of it',
    load: async () => (await import('./store/bench.ts')).benchStore,
  },
};

const FLAGS: Readonly<Record<string, string>> = {
  '--json': 'one JSON object on standard output',
  '--quick': 'the small size: shows that the bench works',
  '--without-peers': 'only ours and what Node brings; no comparison',
  '--reference': 'the result replaces the one that is part of the repository',
};

const USAGE_ERROR = 64;
const BAD_DATA = 65;
const UNAVAILABLE = 69;
const SEED = 7;

function usage(): string {
  return [
    'npm run bench [-- NAME] [flags]',
    '  no name          everything small, in minutes and one table',
    ...Object.entries(BENCHES).map(([name, { says }]) => `  ${name.padEnd(17)}${says}`),
    '  compare A B      what has changed between two results of --json, or of bench/results',
    ...Object.entries(FLAGS).map(([flag, says]) => `  ${flag.padEnd(17)}${says}`),
    '',
  ].join('\n');
}

function compareFiles(files: readonly string[]): number {
  const [before, after, ...more] = files;
  if (before === undefined || after === undefined || more.length > 0) {
    process.stderr.write(`compare takes two files\n${usage()}`);
    return USAGE_ERROR;
  }
  try {
    process.stdout.write(describeComparison(compareResults(readResult(before), readResult(after))));
    return 0;
  } catch (error) {
    if (!(error instanceof ResultError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return BAD_DATA;
  }
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

function optionsOf(flags: readonly string[], size: Size): Options {
  return {
    size: flags.includes('--quick') ? QUICK : size,
    seed: SEED,
    peers: !flags.includes('--without-peers'),
    say,
  };
}

/** A quick run shows that it works, and nothing that anybody will want to compare. */
function keep(name: string, json: string, flags: readonly string[], isWhole = true): void {
  if (flags.includes('--quick')) return;
  process.stderr.write(keepResult(name, json, { isReference: flags.includes('--reference'), isWhole }));
}

async function benchAll(flags: readonly string[]): Promise<number> {
  const options = optionsOf(flags, SMALL);
  const { PARTS } = await import('./report/overview-parts.ts');
  const overview = await runOverview(PARTS, options);
  process.stdout.write(printOverview(overview, options, flags.includes('--json')));
  const isWhole = overview.failed.length === 0;
  keep('all', printOverview(overview, options, true), flags, isWhole);
  return isWhole ? 0 : 1;
}

async function benchOne(
  name: string,
  bench: (options: Options) => Promise<Report>,
  flags: readonly string[],
): Promise<number> {
  const options = optionsOf(flags, FULL);
  try {
    if (options.peers && name === 'book') ensurePeers(say);
    const report = await bench(options);
    process.stdout.write(printReport(name, report, options, flags.includes('--json')));
    keep(name, printReport(name, report, options, true), flags);
    return 0;
  } catch (error) {
    process.stderr.write(`bench ${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof PeerError ? UNAVAILABLE : 1;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const name = args[0]?.startsWith('--') === false ? args[0] : '';
  const flags = name === '' ? args : args.slice(1);
  if (flags.includes('--help')) {
    process.stdout.write(usage());
    return 0;
  }
  if (name === 'compare') return compareFiles(flags);
  const unknown = flags.find((flag) => !(flag in FLAGS));
  const bench = BENCHES[name];
  if ((bench === undefined && name !== '') || unknown !== undefined) {
    process.stderr.write(
      `${unknown === undefined ? `no bench is called ${name}` : `unknown flag ${unknown}`}\n${usage()}`,
    );
    return USAGE_ERROR;
  }
  const lacks = ['--quick', '--without-peers'].find((flag) => flags.includes(flag));
  if (lacks !== undefined && flags.includes('--reference')) {
    process.stderr.write(`a reference is a whole comparison: --reference goes without ${lacks}\n${usage()}`);
    return USAGE_ERROR;
  }
  return bench === undefined ? benchAll(flags) : benchOne(name, await bench.load(), flags);
}

process.exitCode = await main(process.argv.slice(2));
