// What does the score take from the engine's events?
import { expect, test } from 'vitest';
import { ObservedLives } from '../../../src/cli/score/observed-lives.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { AnalysisEvent } from '../../../src/scan/event.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;

test('a density counts from its confirmation to its end, and one that held until nobody looked has none', () => {
  const lives = new ObservedLives();
  const born = { slot: 0, side: 0, low: 100, high: 100, firstSeenMs: 1_000, confirmedMs: 0, exchangeMs: 1_000 };
  const see = (life: number, event: object): void =>
    lives.see({ ...born, life, ...event } as unknown as AnalysisEvent, SOL);
  for (const life of [1, 2, 3]) see(life, { kind: 'state' });
  for (const life of [1, 2]) see(life, { kind: 'state', confirmedMs: 4_000, exchangeMs: 4_000 });
  see(1, { kind: 'label', label: 'eaten', confirmedMs: 4_000, exchangeMs: 9_000 });
  see(2, { kind: 'label', label: 'held', confirmedMs: 4_000, exchangeMs: 8_000 });
  expect([...lives.all()].map(({ confirmedMs, endedMs, label }) => [confirmedMs, endedMs, label])).toEqual([
    [4_000, 9_000, 'eaten'],
    [4_000, null, 'held'],
    [null, null, null],
  ]);
  expect(lives.endMs).toBe(9_000);
});
