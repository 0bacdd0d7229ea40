// What does it cost to scan a book after a typical message, here and as the original design had it?
import { compare } from '../measure/comparison.ts';
import type { Entry } from '../measure/comparison.ts';
import { syntheticFrames } from '../frames/synthetic.ts';
import { recordedFrames } from '../frames/recorded.ts';
import { describeStreams } from '../report/report.ts';
import type { Options, Report } from '../report/report.ts';
import { ORIGINAL_DEFAULT, ORIGINAL_NARROW, OWN_DENSITIES, OWN_SCAN } from './subject.ts';
import { ownVersion } from '../measure/versions.ts';

export async function benchScan(options: Options): Promise<Report> {
  const { size, seed, say } = options;
  const sets = [
    ...size.depths.map((depth) => syntheticFrames(depth, size.symbols, size.scanDeltas[depth], seed)),
    ...(size.copies > 0 ? [recordedFrames(size.copies)] : []),
  ];
  // The original is ours to write down, so it is here even where the packages are not.
  const entries = sets.flatMap((set): Entry[] =>
    [OWN_DENSITIES, OWN_SCAN, ORIGINAL_NARROW, ORIGINAL_DEFAULT].map((variant) => ({
      bench: 'scan',
      variant,
      version: ownVersion(),
      own: variant === OWN_DENSITIES || variant === OWN_SCAN,
      keepsBook: true,
      set,
    })),
  );
  return { rows: await compare(entries, size, say), streams: describeStreams(sets), figures: {} };
}
