// How do throughput and age go with the number of books, their depth, the rate and the workers, and where is main the limit?
import { availableParallelism } from 'node:os';
import { runLoad, type LoadResult, type LoadTerms } from './run.ts';
import { spread } from '../measure/processes.ts';
import { missingOf, withRightBooks } from './worth.ts';
import type { Options, Report, Table } from '../report/report.ts';

interface Axis {
  readonly name: string;
  readonly terms: readonly Partial<LoadTerms>[];
  /** Where its lines are compared with each other: runs of each, in turns. */
  readonly rounds: number;
}

/** One thing is changed at a time from here. */
const BASE = { symbols: 200, depth: 200, rate: 10_000, mode: 'pool', workers: 1 } as const;

function axes(): readonly Axis[] {
  const workers = Array.from({ length: availableParallelism() }, (_, i) => i + 1);
  return [
    { name: 'books', rounds: 1, terms: [40, 100, 200, 400, 800].map((symbols) => ({ symbols })) },
    { name: 'depth', rounds: 1, terms: [50, 200, 1_000].map((depth) => ({ depth })) },
    { name: 'rate', rounds: 1, terms: [2_000, 5_000, 10_000, 20_000, 40_000, 80_000].map((rate) => ({ rate })) },
    {
      name: 'workers',
      rounds: 3,
      terms: [
        { mode: 'none', workers: 1, rate: 20_000 },
        { mode: 'wake', workers: 1, rate: 20_000 },
        { mode: 'inline', workers: 1, rate: 20_000 },
        ...workers.map((count): Partial<LoadTerms> => ({ mode: 'pool', workers: count, rate: 20_000 })),
        { mode: 'auto', workers: 1, rate: 20_000 },
      ],
    },
  ];
}

const QUICK_AXES: readonly Axis[] = [
  { name: 'books', rounds: 1, terms: [2, 4].map((symbols) => ({ symbols, rate: 400 })) },
  { name: 'workers', rounds: 2, terms: (['wake', 'inline'] as const).map((mode) => ({ symbols: 4, rate: 400, mode })) },
];

export async function benchScaling({ size, seed, say }: Options): Promise<Report> {
  const { seconds } = size.load;
  const tables: Table[] = [];
  let richest: LoadResult | undefined;
  const books: LoadResult[] = [];
  for (const { name, terms, rounds } of size.rounds === 1 ? QUICK_AXES : axes()) {
    const runs = terms.map((): LoadResult[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, changed] of terms.entries()) {
        const all: LoadTerms = { ...BASE, ...changed, seconds, seed };
        say(`${name}: ${all.symbols} books of ${all.depth}, ${all.rate} frames/s, ${workersOf(all)}`);
        const result = withRightBooks(await runLoad(all));
        runs[i]?.push(result);
        if (name === 'books') books.push(result);
        if (all.mode === 'pool' && (richest === undefined || all.rate > richest.terms.rate)) richest = result;
      }
    }
    tables.push({ title: `against ${name}`, rows: runs.map(rowOf) });
  }
  const limit = richest === undefined ? [] : [limitOf(richest)];
  const last = [
    { title: 'what a book costs', rows: [memoryOf(books)] },
    { title: 'where main is the limit', rows: limit },
  ];
  return { rows: [], streams: [], figures: {}, tables: [...tables, ...last] };
}

function workersOf({ mode, workers }: LoadTerms): string {
  if (mode === 'none') return 'none';
  if (mode === 'wake') return '1 (empty)';
  return mode === 'inline' ? '0 (inline)' : `${workers}${mode === 'auto' ? ' (auto)' : ''}`;
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The run that is the median by what a frame costs main, of as many. */
function rowOf(runs: readonly LoadResult[]): Table['rows'][number] {
  const byCost = runs.toSorted((a, b) => a.mainMicrosPerFrame - b.mainMicrosPerFrame);
  const result = byCost[Math.floor(byCost.length / 2)] as LoadResult;
  const { terms, cpu, bookAgeMs } = result;
  return {
    symbols: terms.symbols,
    depth: terms.depth,
    rate: terms.rate,
    workers: workersOf(terms),
    runs: runs.length,
    appliedPerSecond: result.framesPerSecond,
    missing: missingOf(result),
    backlog: result.backlogFrames,
    ageMsP50: round(bookAgeMs.p50, 2),
    ageMsP99: round(bookAgeMs.p99, 1),
    mainCores: round(cpu.main, 2),
    mainMicrosPerFrame: round(result.mainMicrosPerFrame, 2),
    spread: round(spread(byCost.map(({ mainMicrosPerFrame }) => mainMicrosPerFrame)), 2),
    workerCores: round(cpu.workers, 2),
    senderCores: round(cpu.sender, 2),
    KBPerBook: round(result.bytesPerBook / 1_000, 0),
  };
}

/** From the fewest books to the most: what every further one adds, and what was there before the first. */
function memoryOf(books: readonly LoadResult[]): Table['rows'][number] {
  const [few, many] = [books.at(0) as LoadResult, books.at(-1) as LoadResult];
  const bytes = ({ bytesPerBook, terms }: LoadResult): number => bytesPerBook * terms.symbols;
  const further = (bytes(many) - bytes(few)) / (many.terms.symbols - few.terms.symbols);
  return {
    measuredAt: `${few.terms.symbols} and ${many.terms.symbols} books`,
    KBPerFurtherBook: round(further / 1_000, 0),
    MBBeforeTheFirst: round((bytes(few) - further * few.terms.symbols) / 1e6, 1),
  };
}

/**
 * Main reads all sockets and writes all books, so a frame costs it the same however many cores there are; scans are spread over
 * workers. So with cores enough for the workers main alone sets the limit: a second divided by what a frame takes of it.
 */
function limitOf(result: LoadResult): Table['rows'][number] {
  const { cpu, terms, mainMicrosPerFrame, framesPerSecond } = result;
  const workerMicros = (cpu.workers * 1e6) / Math.max(1, framesPerSecond);
  return {
    measuredAt: `${terms.rate} frames/s`,
    mainMicrosPerFrame: round(mainMicrosPerFrame, 2),
    workerMicrosPerFrame: round(workerMicros, 2),
    mainEndsAtFramesPerSecond: Math.round(1e6 / mainMicrosPerFrame),
    workersNeededThere: Math.ceil(workerMicros / mainMicrosPerFrame),
  };
}
