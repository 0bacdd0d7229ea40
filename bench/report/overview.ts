// What does everything small cost, in one table? `npm run bench` without a name.
import { contextOf, describeContext, QUICK_NOTE, table } from './report.ts';
import type { Options } from './report.ts';

export interface Line {
  readonly bench: string;
  /** What is measured, and of whom. */
  readonly what: string;
  readonly name: string;
  /** Undefined where it could not be measured: the note says why. */
  readonly value?: number;
  readonly unit?: string;
  /** Over ours, or over what the note says, in the same run. */
  readonly ratio?: number;
  /** (largest − smallest) / median; undefined for a single run. */
  readonly spread?: number;
  readonly note?: string;
}

export interface Part {
  readonly bench: string;
  readonly run: (options: Options) => Promise<readonly Line[]>;
}

export interface Overview {
  readonly lines: readonly Line[];
  /** Parts that broke, as opposed to those for which this machine has not what they need. */
  readonly failed: readonly string[];
}

export async function runOverview(parts: readonly Part[], options: Options): Promise<Overview> {
  const lines: Line[] = [];
  const failed: string[] = [];
  for (const { bench, run } of parts) {
    const begun = performance.now();
    try {
      lines.push(...(await run({ ...options, say: (line) => options.say(`${bench}: ${line}`) })));
    } catch (error) {
      failed.push(bench);
      const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      lines.push({ bench, what: 'the whole part', name: '', note: `failed: ${why}` });
    }
    options.say(`${bench}: took ${((performance.now() - begun) / 1_000).toFixed(0)} s`);
  }
  return { lines, failed };
}

export function printOverview({ lines: all, failed }: Overview, options: Options, asJson: boolean): string {
  const context = contextOf('all', options, []);
  if (asJson) return `${JSON.stringify({ ...context, failed, rows: all })}\n`;
  const cells = all.map(({ bench, what, name, value, unit = '', ratio, spread, note = '' }) => ({
    bench,
    what,
    name,
    figure: value === undefined ? 'not measured' : `${figure(value)} ${unit}`,
    ratio: ratio === undefined ? '' : `${ratio.toFixed(2)}×`,
    spread: spread === undefined ? '' : `${(spread * 100).toFixed(0)} %`,
    note,
  }));
  const lines = [describeContext(context), '', ...table(cells), ...(context.quick ? [QUICK_NOTE] : [])];
  return `${lines.join('\n')}\n`;
}

/** Three digits are more than most spreads allow. */
function figure(value: number): string {
  if (Number.isInteger(value) || value >= 1_000) return value.toFixed(0);
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
