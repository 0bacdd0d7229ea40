import { expect, test } from 'vitest';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import {
  createLives,
  ERODING,
  GENERATION,
  L_CURRENT,
  L_ID,
  L_STATE,
  LIFE_COUNT,
  lifeAt,
  SLOT_WORDS,
} from '../../src/scan/layout.ts';
import { StandingDensities } from '../../src/engine/standing.ts';

const SOL = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
const SLOT = 1;

test('a density whose end was told to nobody stands no longer than it lives', () => {
  const lives = createLives(2);
  const standing = new StandingDensities();
  for (const life of [7, 8]) {
    const event = { kind: 'state', slot: SLOT, life, side: 0, confirmedMs: 5, state: 'confirmed' };
    expect(standing.note({ ...event, confirmedMs: 0 } as AnalysisEvent, SOL), 'not before it is confirmed').toBe(false);
    expect(standing.note(event as AnalysisEvent, SOL)).toBe(true);
    expect(standing.note(event as AnalysisEvent, SOL), 'it is counted once').toBe(false);
  }
  const lifeIn = (place: number, id: number): void => {
    lives.numbers[lifeAt(lives, SLOT, place) + L_ID] = id;
  };
  lives.words[SLOT * SLOT_WORDS + LIFE_COUNT] = 1;
  lifeIn(0, 8);
  // A scan is under way: who lives is not known.
  lives.words[SLOT * SLOT_WORDS + GENERATION] = 1;
  expect(standing.ended(lives)).toEqual([]);
  lives.words[SLOT * SLOT_WORDS + GENERATION] = 2;
  for (const density of standing.ended(lives)) standing.forget(density);
  lives.numbers[lifeAt(lives, SLOT, 0) + L_CURRENT] = 250;
  lives.numbers[lifeAt(lives, SLOT, 0) + L_STATE] = ERODING;
  expect([...standing.all(lives)]).toMatchObject([{ life: 8, current: 250, state: 'eroding' }]);
  const label = { kind: 'label', slot: SLOT, life: 8, side: 0, confirmedMs: 5, state: 'ended' };
  expect(standing.note(label as AnalysisEvent, SOL)).toBe(false);
  expect(standing.count).toBe(0);
});
