// Does an order go where the list of failure modes sends it, in every state, on every event, the impossible ones included?
import { describe, expect, test } from 'vitest';
import type { Lot } from '../../src/market/units.ts';
import {
  isOver,
  nextOrderState,
  ORDER_EVENTS,
  ORDER_STATES,
  ORDER_TABLE,
  type OrderEvent,
  type OrderState,
} from '../../src/order/state.ts';
import { oneFill } from './one-fill.ts';
import { BEGUN, NOW, OneSymbol } from './one-symbol.ts';
import { ORDER_ROWS, type Outcome } from './order-rows.ts';

type Pair = readonly [OrderState, OrderEvent, Outcome];

const PAIRS: readonly Pair[] = ORDER_STATES.flatMap((state) =>
  ORDER_EVENTS.map((event): Pair => [state, event, ORDER_ROWS[state][event]]),
);

process.stdout.write(
  `order machine: ${ORDER_STATES.length} states × ${ORDER_EVENTS.length} events = ${PAIRS.length} pairs, of them ` +
    `${PAIRS.filter(([, , { kind }]) => kind === 'violation').length} impossible\n`,
);

test('every state and every event has its rows, and the rows speak of no other', () => {
  expect(Object.keys(ORDER_ROWS).toSorted()).toEqual([...ORDER_STATES].toSorted());
  expect(Object.keys(ORDER_TABLE).toSorted()).toEqual([...ORDER_STATES].toSorted());
  for (const state of ORDER_STATES) {
    expect([state, ...Object.keys(ORDER_ROWS[state]).toSorted()]).toEqual([state, ...[...ORDER_EVENTS].toSorted()]);
    expect(ORDER_EVENTS).toEqual(expect.arrayContaining(Object.keys(ORDER_TABLE[state])));
  }
  expect(new Set(ORDER_STATES).size * new Set(ORDER_EVENTS).size).toBe(PAIRS.length);
});

/** What the order, its journal and its symbol must look like afterwards. */
function expected(state: OrderState, outcome: Outcome): object {
  const stayed = { state, changedAt: BEGUN, repeats: 0, records: [], told: [], symbol: 'flat', isRaised: false };
  switch (outcome.kind) {
    case 'moves': {
      const { next, record } = outcome;
      const isRaised = next === 'zombie';
      const records = record === undefined ? [] : [record];
      return {
        ...stayed,
        next,
        state: next,
        changedAt: NOW,
        records,
        told: isRaised ? ['order.zombie'] : [],
        isRaised,
      };
    }
    case 'counted':
      return { ...stayed, next: state, repeats: 1 };
    case 'violation': {
      const told = ['order.illegal_transition', 'position.quarantined'];
      return { ...stayed, next: undefined, told, symbol: 'quarantined' };
    }
  }
}

describe('an order of ours', () => {
  test.each(PAIRS)('that is %s, when it is told %s', (state, event, outcome) => {
    const symbol = new OneSymbol();
    const order = symbol.order(state);
    symbol.tell(order, event);
    const { changedAt, repeats } = order;
    expect({
      next: nextOrderState(state, event),
      state: order.state,
      changedAt,
      repeats,
      ...symbol.wanted(),
      symbol: symbol.actor.state,
      isRaised: symbol.actor.orders.entry === order,
    }).toEqual(expected(state, outcome));
  });

  test.each(ORDER_STATES)('that is %s has its new executions applied all the same', (state) => {
    const symbol = new OneSymbol();
    const { linkId } = symbol.order(state);
    symbol.actor.onFill(oneFill({ linkId, lots: 4 as Lot }));
    expect(symbol.actor.holding).toMatchObject({ executed: 4, ours: 4, foreign: 0 });
    expect(symbol.wanted().records).toContain('EXEC');
  });
});

test('an order is over once it was denied, aborted, rejected, filled, cancelled or proven absent, and not before', () => {
  expect(ORDER_STATES.filter(isOver)).toEqual(['denied', 'aborted', 'rejected', 'filled', 'cancelled', 'absent']);
});

test('no word of the exchange brings an order back that is over, but for the one that was proven absent', () => {
  const risen = ORDER_STATES.filter(isOver).flatMap((state) =>
    ORDER_EVENTS.filter((event) => !isOver(nextOrderState(state, event) ?? state)).map((event) => [state, event]),
  );
  expect(risen.map(([state]) => state)).toEqual(risen.map(() => 'absent'));
  expect(risen).toHaveLength(5);
});
