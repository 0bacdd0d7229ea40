// Does anything grow with time? `npm run soak -- --minutes N`: the load run for long, looked at again and again.
import { parseArgs } from 'node:util';
import { look, measure, withLoad, type LoadResult, type LoadTerms } from '../load/run.ts';
import { readTerms } from '../load/terms.ts';
import { areBooksWhole } from '../load/worth.ts';
import { machine } from '../measure/processes.ts';
import { keepResult, sourceState } from '../report/results.ts';
import { isGrowth, type Slope } from './slope.ts';
import { isOver, MEASURED, slopesOf, verdictOf, type Look, type Measured } from './looks.ts';

const USAGE_ERROR = 64;
const USAGE = `npm run soak -- --minutes N [flags]
  --minutes N      how long (10): before, what settles looks like growth
  --symbols N --depth N --rate N --mode MODE --workers N --seed N   of the load (200, 200, 5000, pool, 1, 7)
  --json           one JSON object on standard output
  --reference      the result replaces the one that is part of the repository
`;
const WINDOWS = 60;
const WINDOW_SECONDS_MIN = 1;
const MINUTES_MIN = 0.5;

export interface Soak {
  readonly framesSent: number;
  readonly framesApplied: number;
  readonly framesWithheld: number;
  readonly gcMaxMs: number;
  /** Books compared with the sender's. */
  readonly audits: LoadResult['audits'];
  readonly looks: readonly Look[];
  readonly slopes: Readonly<Record<Measured, Slope>>;
  /** What surely grows. */
  readonly grows: readonly Measured[];
}

/** Stretches of load one after the other; behind each the garbage is collected, so that what is left is what is kept. */
async function soak(terms: LoadTerms, onLook: (look: Look, result: LoadResult) => void): Promise<Soak> {
  const seconds = Math.max(WINDOW_SECONDS_MIN, Math.round(terms.seconds / WINDOWS));
  const looks: Look[] = [];
  let [framesSent, framesApplied, framesWithheld, gcMaxMs] = [0, 0, 0, 0];
  const audits = { equal: 0, wrong: 0 };
  await withLoad(terms, ['--expose-gc'], async (load) => {
    const begun = performance.now();
    while (!isOver(looks.length, looks.at(-1)?.seconds ?? 0, terms.seconds)) {
      const result = await measure({ ...load, terms: { ...terms, seconds } });
      const { memory, handles } = await look(load.engine, 'collect');
      const { heapKept, external, rss } = memory;
      const since = (performance.now() - begun) / 1_000;
      const { p99 } = result.bookAgeMs;
      looks.push({ seconds: since, heapKept, external, rss, handles, p99Ms: p99, gcMaxMs: result.gcMaxMs });
      framesSent += result.framesSent;
      framesApplied += result.framesApplied;
      framesWithheld += result.framesWithheld;
      gcMaxMs = Math.max(gcMaxMs, result.gcMaxMs);
      audits.equal += result.audits.equal;
      audits.wrong += result.audits.wrong;
      onLook(looks.at(-1) as Look, result);
    }
  });
  const slopes = slopesOf(looks);
  return {
    framesSent,
    framesApplied,
    framesWithheld,
    gcMaxMs,
    audits,
    looks,
    slopes,
    grows: MEASURED.filter((what) => isGrowth(slopes[what])),
  };
}

const UNITS: Readonly<Record<Measured, readonly [unit: string, divisor: number]>> = {
  heapKept: ['MB', 1e6],
  external: ['MB', 1e6],
  rss: ['MB', 1e6],
  handles: ['handles', 1],
  p99Ms: ['ms', 1],
};

function describe(result: Soak, verdict: string): string {
  const lines = MEASURED.map((what) => {
    const [unit, divisor] = UNITS[what];
    const { mean, perHour, confidence } = result.slopes[what];
    const text = (value: number): string => (value / divisor).toFixed(2);
    return `${what.padEnd(9)} ${text(mean).padStart(9)} ${unit}, ${text(perHour).padStart(9)} ± ${text(confidence)} an hour`;
  });
  return [
    `${result.framesSent} frames sent, ${result.framesApplied} applied; longest pause for garbage ${result.gcMaxMs.toFixed(1)} ms; ` +
      `${result.audits.equal} books compared with the sender's and equal, ${result.audits.wrong} different`,
    ...lines,
    `verdict: ${verdict}`,
    '',
  ].join('\n');
}

interface Asked {
  readonly terms: LoadTerms;
  readonly json: boolean;
  readonly reference: boolean;
}

/** A word of what is wrong where the arguments are. */
function ask(args: readonly string[]): Asked | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '10' },
        symbols: { type: 'string', default: '200' },
        depth: { type: 'string', default: '200' },
        rate: { type: 'string', default: '5000' },
        mode: { type: 'string', default: 'pool' },
        workers: { type: 'string', default: '1' },
        seed: { type: 'string', default: '7' },
        json: { type: 'boolean', default: false },
        reference: { type: 'boolean', default: false },
      },
    });
    const { json, reference } = values;
    const minutes = Number(values.minutes);
    // Less is too few looks for any verdict.
    if (!(minutes >= MINUTES_MIN)) return `--minutes must be a number from ${MINUTES_MIN} on, and is ${values.minutes}`;
    return { json, reference, terms: { ...readTerms(values), seconds: minutes * 60 } };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    throw error;
  }
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  const asked = ask(args);
  if (typeof asked === 'string') {
    process.stderr.write(`${asked}\n${USAGE}`);
    return USAGE_ERROR;
  }
  const { terms, json, reference } = asked;
  const result = await soak(terms, ({ seconds, heapKept, rss, handles, p99Ms }) => {
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    process.stderr.write(
      `${seconds.toFixed(0)} s: heap ${megabytes(heapKept)} MB, rss ${megabytes(rss)} MB, ${handles} handles, p99 ${p99Ms.toFixed(1)} ms\n`,
    );
  });
  const context = { bench: 'soak', machine: machine(false), node: process.versions.node, source: sourceState(), terms };
  const whole = `${JSON.stringify({ ...context, ...result })}\n`;
  const verdict = verdictOf(result, terms.seconds);
  process.stdout.write(json ? whole : describe(result, verdict));
  process.stderr.write(keepResult('soak', whole, { isReference: reference, isWhole: areBooksWhole(result) }));
  return verdict === 'steady' ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
