// Does a position go where the list of failure modes sends it, in every state, on every event, the impossible ones included?
import { describe, expect, test } from 'vitest';
import {
  isLeaving,
  nextPositionState,
  POSITION_EVENTS,
  POSITION_STATES,
  POSITION_TABLE,
  type PositionEvent,
  type PositionState,
} from '../../src/position/state.ts';
import { OneSymbol } from '../order/one-symbol.ts';
import { POSITION_ROWS, STAYS, VIOLATION, type Outcome } from './state-rows.ts';

type Pair = readonly [PositionState, PositionEvent, Outcome];

const PAIRS: readonly Pair[] = POSITION_STATES.flatMap((state) =>
  POSITION_EVENTS.map((event): Pair => [state, event, POSITION_ROWS[state][event]]),
);

process.stdout.write(
  `position machine: ${POSITION_STATES.length} states × ${POSITION_EVENTS.length} events = ${PAIRS.length} pairs, of them ` +
    `${PAIRS.filter(([, , outcome]) => outcome === VIOLATION).length} impossible\n`,
);

/** How a symbol that is flat comes to be so. */
const WAYS: Readonly<Record<PositionState, readonly PositionEvent[]>> = {
  flat: [],
  opening: ['entry-sent'],
  unprotected: ['entry-sent', 'seen-naked'],
  protected: ['entry-sent', 'seen-protected'],
  amending: ['entry-sent', 'seen-protected', 'tighten'],
  closing: ['entry-sent', 'seen-protected', 'exit'],
  'emergency-closing': ['entry-sent', 'seen-naked', 'emergency'],
  'exchange-closing': ['entry-sent', 'seen-protected', 'taken'],
  foreign: ['foreign'],
  quarantined: ['contradiction'],
};

function symbolIn(state: PositionState): OneSymbol {
  const symbol = new OneSymbol();
  for (const event of WAYS[state]) symbol.actor.step(event);
  symbol.wanted();
  return symbol;
}

/** What the symbol must be, and what must be told, afterwards. */
function expected(state: PositionState, outcome: Outcome): object {
  if (outcome === STAYS) return { next: state, state, told: [], records: [] };
  if (outcome !== VIOLATION) return { next: outcome, state: outcome, told: ['position.state'], records: [] };
  const told = ['position.illegal_transition'];
  if (isLeaving(state) || state === 'quarantined') return { next: undefined, state, told, records: [] };
  return { next: undefined, state: 'quarantined', told: [...told, 'position.quarantined'], records: [] };
}

test('every state and every event has its rows, and the rows speak of no other', () => {
  expect(Object.keys(POSITION_ROWS).toSorted()).toEqual([...POSITION_STATES].toSorted());
  expect(Object.keys(POSITION_TABLE).toSorted()).toEqual([...POSITION_STATES].toSorted());
  for (const state of POSITION_STATES) {
    const events = Object.keys(POSITION_ROWS[state]).toSorted();
    expect([state, ...events]).toEqual([state, ...[...POSITION_EVENTS].toSorted()]);
    expect(POSITION_EVENTS).toEqual(expect.arrayContaining(Object.keys(POSITION_TABLE[state])));
  }
  expect(new Set(POSITION_STATES).size * new Set(POSITION_EVENTS).size).toBe(PAIRS.length);
});

describe('a position', () => {
  test.each(POSITION_STATES)('comes to be %s', (state) => {
    expect(symbolIn(state).actor.state).toBe(state);
  });

  test.each(PAIRS)('that is %s, on %s', (state, event, outcome) => {
    const { actor, wanted } = bound(symbolIn(state));
    actor.step(event);
    const next = nextPositionState(state, event);
    expect({ next, state: actor.state, ...wanted() }).toEqual(expected(state, outcome));
  });

  test.each(POSITION_STATES)('that is %s goes on a contradiction where its table says', (state) => {
    const { actor, wanted } = bound(symbolIn(state));
    actor.contradict('I-09');
    const outcome = POSITION_ROWS[state].contradiction;
    const isMoved = outcome !== STAYS;
    expect(actor.state).toBe(isMoved ? 'quarantined' : state);
    expect(wanted().told).toEqual(['position.contradiction', ...(isMoved ? ['position.quarantined'] : [])]);
  });
});

function bound(symbol: OneSymbol): { actor: OneSymbol['actor']; wanted: OneSymbol['wanted'] } {
  return { actor: symbol.actor, wanted: () => symbol.wanted() };
}

test('an emergency is never refused where something of ours may stand', () => {
  const refused = POSITION_STATES.filter((state) => nextPositionState(state, 'emergency') !== 'emergency-closing');
  expect(refused).toEqual(['flat', 'foreign']);
});

test('a position that is being brought home is left only on size 0, for a stranger, or to the exchange', () => {
  const ways = (state: PositionState): PositionState[] =>
    POSITION_EVENTS.map((event) => nextPositionState(state, event)).filter((next) => next !== undefined);
  expect(new Set(ways('emergency-closing'))).toEqual(new Set(['emergency-closing', 'flat', 'foreign']));
  expect(new Set(ways('closing'))).toEqual(
    new Set(['closing', 'emergency-closing', 'exchange-closing', 'flat', 'foreign']),
  );
});
