// Does a soak tell what grows from what wavers?
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isGrowth, slopeOf } from '../../../bench/soak/slope.ts';
import { isOver, MEASURED, slopesOf, verdictOf } from '../../../bench/soak/looks.ts';

const seconds = Array.from({ length: 50 }, (_, i) => 10 * i);

test('a leak of a megabyte an hour is growth, whatever wavers around it; a level that wavers is none', () => {
  const wavering = (i: number): number => 1e4 * Math.sin(7 * i);
  const leak = slopeOf(
    seconds,
    seconds.map((at, i) => 20e6 + (1e6 * at) / 3_600 + wavering(i)),
  );
  expect(Math.abs(leak.perHour - 1e6)).toBeLessThan(leak.confidence);
  expect(isGrowth(leak)).toBe(true);
  const level = slopeOf(
    seconds,
    seconds.map((_, i) => 20e6 + wavering(i)),
  );
  expect(Math.abs(level.perHour)).toBeLessThan(level.confidence);
  expect(isGrowth(level)).toBe(false);
});

test('slope and certainty are those of the textbook, and the certainty is never too narrow', () => {
  const { perHour, confidence, mean } = slopeOf([0, 1, 2, 3, 4], [1, 3, 2, 5, 4]);
  expect([perHour / 3_600, mean]).toEqual([0.8, 3]);
  // Three degrees of freedom, squares of 3.6 left over a width of 10.
  expect(confidence / 3_600).toBeCloseTo(12.9 * Math.sqrt(3.6 / 3 / 10), 9);
  const times = Array.from({ length: 19 }, (_, i) => i);
  const values = times.map((i) => (i % 2 === 0 ? 1 : -1));
  // Of nineteen alternating values none has a slope: what is left are their own squares.
  const { confidence: wide, mean: middle } = slopeOf(times, values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const error = Math.sqrt(squares / 17 / times.reduce((sum, i) => sum + (i - 9) ** 2, 0));
  expect(wide / 3_600 / error).toBeGreaterThanOrEqual(3.965);
  expect(wide / 3_600 / error).toBeLessThan(4.01);
});

test('growth is what is sure of it, and more than half in a day', () => {
  expect(isGrowth({ perHour: 3, confidence: 0.5, mean: 100 })).toBe(true);
  expect(isGrowth({ perHour: 3, confidence: 1, mean: 100 })).toBe(false);
});

test('what surely grows by less than half in a day is no verdict, and four looks are too few for any', () => {
  const slow = slopeOf(
    seconds,
    seconds.map((at) => 1e6 + 5 * at),
  );
  expect(slow.perHour).toBeCloseTo(18_000, 3);
  expect(isGrowth(slow)).toBe(false);
  expect(() => slopeOf([1, 2, 3, 4], [1, 1, 1, 1])).toThrow('five values');
  expect(() => slopeOf([1, 2, 3, 4, 5], [1, 1, 1, 1, 1, 1])).toThrow('has 6');
});

test('memory that is taken in the first minutes and stays is no growth; an answer that becomes slower then and stays so is', () => {
  const early = (at: number): number => Math.min(at, 200);
  const looks = seconds.map((at, i) => ({
    seconds: at,
    heapKept: 20e6 + 1e5 * early(at) + 1e4 * Math.sin(7 * i),
    external: 10e6 + 1e5 * early(at) + 1e4 * Math.sin(7 * i),
    rss: 200e6 + 1e6 * early(at) + 1e5 * Math.sin(7 * i),
    handles: 24 + early(at),
    p99Ms: 8 + 0.1 * early(at) + Math.sin(7 * i),
    gcMaxMs: 5,
  }));
  const slopes = slopesOf(looks);
  expect(MEASURED.filter((what) => isGrowth(slopes[what]))).toEqual(['p99Ms']);
});

test('a soak that falls behind, whose few windows take long, goes on until its slopes can be told', () => {
  const looks = seconds.map((at) => ({
    seconds: at,
    heapKept: 1,
    external: 1,
    rss: 1,
    handles: 1,
    p99Ms: 1,
    gcMaxMs: 1,
  }));
  expect([isOver(6, 34, 30), isOver(60, 29.9, 30)]).toEqual([false, false]);
  const enough = looks.findIndex((_, count) => isOver(count, 34, 30));
  expect(MEASURED.filter((what) => isGrowth(slopesOf(looks.slice(0, enough))[what]))).toEqual([]);
});

test('a soak with a wrong book, or without one of its frames, is not steady, whatever grows', () => {
  const fine = { audits: { equal: 9, wrong: 0 }, grows: [], framesSent: 10, framesApplied: 10, framesWithheld: 0 };
  expect(verdictOf(fine, 600)).toBe('steady');
  expect(verdictOf({ ...fine, grows: ['rss'] }, 600)).toBe('GROWS: rss');
  expect(verdictOf({ ...fine, framesWithheld: 2, grows: ['rss'] }, 600)).toBe('LOST: 2 frames');
  expect(verdictOf({ ...fine, audits: { equal: 8, wrong: 1 } }, 600)).toBe("WRONG: 1 books are not the sender's");
});

test('growth in less than ten minutes is told as what may be a start', () => {
  const grows = {
    audits: { equal: 9, wrong: 0 },
    grows: ['rss'],
    framesSent: 1,
    framesApplied: 1,
    framesWithheld: 0,
  } as const;
  expect(verdictOf(grows, 60)).toBe('GROWS: rss (or still settles: ask for ten minutes at least)');
});

test('what no soak can be of, and what is too short for a verdict, is refused before anything is started', async () => {
  const soak = fileURLToPath(new URL('../../../bench/soak/main.ts', import.meta.url));
  for (const args of [
    ['--minutes', '0.03'],
    ['--minutes', 'abc'],
    ['--depth', '77'],
    ['--symbols', '1.5'],
  ]) {
    const { code, errors } = await new Promise<{ code: number; errors: string }>((resolve) => {
      execFile(process.execPath, [soak, ...args], (error, _, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), errors: stderr });
      });
    });
    expect({ args, code, told: errors.split(' ')[0] }).toEqual({ args, code: 64, told: args[0] });
  }
});
