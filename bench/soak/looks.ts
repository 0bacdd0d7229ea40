// What is looked at in a soak, and from when on does it count?
import { missingOf } from '../load/worth.ts';
import { slopeOf, type Slope } from './slope.ts';
import type { Soak } from './main.ts';

export interface Look {
  /** Since the begin. */
  readonly seconds: number;
  readonly heapKept: number;
  readonly external: number;
  readonly rss: number;
  readonly handles: number;
  readonly p99Ms: number;
  readonly gcMaxMs: number;
}

export const MEASURED = ['heapKept', 'external', 'rss', 'handles', 'p99Ms'] as const;
export type Measured = (typeof MEASURED)[number];

/**
 * The share of a run before which growth is none: programs are compiled and arenas touched, and that is no leak. An answer has no such
 * excuse: what becomes slower in the first minutes and stays so has become slower.
 */
const SETTLING: Readonly<Record<Measured, number>> = {
  heapKept: 0.5,
  external: 0.5,
  rss: 0.5,
  handles: 0.5,
  p99Ms: 0.05,
};

/** Half of them are five, and a slope needs as many. */
const LOOKS_MIN = 10;

/** A window that waits for what is behind takes longer: of too few no slope could be told. */
export function isOver(looks: number, seconds: number, secondsAsked: number): boolean {
  return seconds >= secondsAsked && looks >= LOOKS_MIN;
}

/** How each of them went on, from when it counts. */
export function slopesOf(looks: readonly Look[]): Record<Measured, Slope> {
  const slopes = MEASURED.map((what) => {
    const settled = looks.slice(Math.floor(looks.length * SETTLING[what]));
    return [
      what,
      slopeOf(
        settled.map(({ seconds }) => seconds),
        settled.map((one) => one[what]),
      ),
    ];
  });
  return Object.fromEntries(slopes) as Record<Measured, Slope>;
}

const SECONDS_TOLD = 600;

/** `steady`, or what is wrong: growth is no more than a guess where frames are missing or books are wrong. */
export function verdictOf(
  soak: Pick<Soak, 'audits' | 'grows' | 'framesSent' | 'framesApplied' | 'framesWithheld'>,
  secondsAsked: number,
): string {
  const { audits, grows } = soak;
  const missing = missingOf(soak);
  if (audits.wrong > 0) return `WRONG: ${audits.wrong} books are not the sender's`;
  if (missing !== 0) return `LOST: ${missing} frames`;
  if (grows.length === 0) return 'steady';
  const doubt = secondsAsked < SECONDS_TOLD ? ' (or still settles: ask for ten minutes at least)' : '';
  return `GROWS: ${grows.join(', ')}${doubt}`;
}
