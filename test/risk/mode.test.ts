// What may the engine do in which mode, and how does it get from one to another? (failure-modes 4)
import { describe, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import {
  INITIAL_MODE,
  modeFromRecord,
  modeToRecord,
  permissionsOf,
  RUNAWAY,
  stepMode,
  type Mode,
  type ModeEvent,
  type ModeState,
} from '../../src/risk/mode.ts';

type Told = readonly (readonly [number, ModeEvent])[];

const kind = (name: 'reconcile' | 'reconciled' | 'flat' | 'resume' | 'drain' | 'stopped' | 'time'): ModeEvent => ({
  kind: name,
});
const block = (reason: string, sticky = false): ModeEvent => ({ kind: 'block', reason, sticky });
const unblock = (reason: string): ModeEvent => ({ kind: 'unblock', reason });
const halt = (reason = 'operator'): ModeEvent => ({ kind: 'halt', reason });
const emergency: ModeEvent = { kind: 'emergency', reason: 'connection_loss' };

const run = (told: Told, from: ModeState = INITIAL_MODE): ModeState =>
  told.reduce((state, [at, event]) => stepMode(state, event, at as Ms).state, from);
const started: Told = [
  [0, kind('reconcile')],
  [1, kind('reconciled')],
];
const states: Readonly<Record<Mode, ModeState>> = {
  BOOT: INITIAL_MODE,
  RECONCILING: run(started.slice(0, 1)),
  ACTIVE: run(started),
  REDUCE_ONLY: run([...started, [2, block('loop_lag')]]),
  HALTED: run([...started, [2, halt()]]),
  EMERGENCY: run([...started, [2, emergency]]),
  DRAINING: run([...started, [2, kind('drain')]]),
  STOPPED: run([...started, [2, kind('drain')], [3, kind('stopped')]]),
};

test('the table of modes and events', () => {
  const events = {
    block: block('auth'),
    unblock: unblock('loop_lag'),
    reconcile: kind('reconcile'),
    reconciled: kind('reconciled'),
    halt: halt(),
    emergency,
    flat: kind('flat'),
    resume: kind('resume'),
    drain: kind('drain'),
    stopped: kind('stopped'),
    time: kind('time'),
  };
  const row = (state: ModeState): string =>
    Object.entries(events)
      .map(([name, event]) => [name, stepMode(state, event, 10 as Ms).state.mode] as const)
      .filter(([, mode]) => mode !== state.mode)
      .map(([name, mode]) => `${name} → ${mode}`)
      .join(', ');
  expect(Object.fromEntries(Object.entries(states).map(([mode, state]) => [mode, row(state)]))).toEqual({
    BOOT: 'reconcile → RECONCILING, emergency → EMERGENCY, drain → DRAINING',
    RECONCILING: 'reconciled → ACTIVE, emergency → EMERGENCY, drain → DRAINING',
    ACTIVE: 'block → REDUCE_ONLY, reconcile → RECONCILING, halt → HALTED, emergency → EMERGENCY, drain → DRAINING',
    REDUCE_ONLY: 'reconcile → RECONCILING, halt → HALTED, emergency → EMERGENCY, drain → DRAINING',
    HALTED: 'reconcile → RECONCILING, emergency → EMERGENCY, resume → REDUCE_ONLY, drain → DRAINING',
    EMERGENCY: 'flat → HALTED, drain → DRAINING',
    DRAINING: 'stopped → STOPPED',
    STOPPED: '',
  });
});

test('what each mode allows', () => {
  const allowed = (state: ModeState): string =>
    Object.entries(permissionsOf(state))
      .filter(([, may]) => may)
      .map(([name]) => name)
      .join(' ');
  expect(Object.fromEntries(Object.entries(states).map(([mode, state]) => [mode, allowed(state)]))).toEqual({
    BOOT: '',
    RECONCILING: '',
    ACTIVE: 'entries discretionary',
    REDUCE_ONLY: 'discretionary',
    HALTED: 'discretionary',
    EMERGENCY: 'flatten',
    DRAINING: '',
    STOPPED: '',
  });
  expect(allowed(run([...started, [2, halt(RUNAWAY)]]))).toBe('');
  // What was known before the doubt is managed; what a restart finds is not known before the first agreement.
  const doubting: Told = [...started, [2, kind('reconcile')]];
  expect(allowed(run(doubting))).toBe('discretionary');
  expect(allowed(run([...started, [2, halt(RUNAWAY)], [3, kind('reconcile')]]))).toBe('');
  expect(allowed(run([[0, kind('reconcile')]], modeFromRecord(modeToRecord(run(doubting)), 0 as Ms)))).toBe('');
  expect(allowed(run([...started, [2, halt()], [3, halt(RUNAWAY)]]))).toBe('');
  expect(allowed(run([[3, kind('drain')]], states.EMERGENCY))).toBe('flatten');
  // What is open is not known yet.
  expect(allowed(modeFromRecord(modeToRecord(states.EMERGENCY), 0 as Ms))).toBe('');
});

describe('the block set', () => {
  test('Y10: entries come back ten seconds after the last reason has gone, not before', () => {
    const clear = run([...started, [100, block('a')], [200, block('b')], [300, unblock('a')], [400, unblock('b')]]);
    expect(stepMode(clear, kind('time'), 10_399 as Ms).state.mode).toBe('REDUCE_ONLY');
    expect(stepMode(clear, kind('time'), 10_400 as Ms).state.mode).toBe('ACTIVE');
    const half = run([...started, [100, block('a')], [200, block('b')], [300, unblock('a')]]);
    expect(stepMode(half, kind('time'), 20_000 as Ms).state.mode).toBe('REDUCE_ONLY');
    // A reason that was not there begins nothing anew.
    expect(
      run(
        [
          [9_000, unblock('a')],
          [10_400, kind('time')],
        ],
        clear,
      ).mode,
    ).toBe('ACTIVE');
    const again = run(
      [
        [5_000, block('a')],
        [5_001, unblock('a')],
        [10_400, kind('time')],
      ],
      clear,
    );
    expect(again.mode).toBe('REDUCE_ONLY');
  });

  test('Y10: a reason that went while the account was read again has been gone no longer for it: a stream that comes and goes lets nothing in', () => {
    const back: Told = [
      [100, block('private')],
      [101, kind('reconcile')],
      [200, unblock('private')],
      [300, kind('reconciled')],
    ];
    const read = run([...started, ...back]);
    expect(read.mode).toBe('REDUCE_ONLY');
    expect(run([[10_199, kind('time')]], read).mode).toBe('REDUCE_ONLY');
    expect(run([[10_200, kind('time')]], read).mode).toBe('ACTIVE');
    expect(run([...started, [101, kind('reconcile')], [300, kind('reconciled')]]).mode).toBe('ACTIVE');
  });

  test('each change is told once, and a reason takes away only itself', () => {
    const first = stepMode(states.ACTIVE, block('auth', true), 5 as Ms);
    expect(first.facts).toEqual([
      { kind: 'block', reason: 'auth', on: true, sticky: true },
      { kind: 'mode', from: 'ACTIVE', to: 'REDUCE_ONLY', reason: 'auth' },
    ]);
    expect(stepMode(first.state, block('auth'), 6 as Ms).facts).toEqual([]);
    expect(stepMode(first.state, unblock('other'), 6 as Ms).facts).toEqual([]);
    expect(stepMode(first.state, unblock('auth'), 6 as Ms).facts).toEqual([
      { kind: 'block', reason: 'auth', on: false, sticky: true },
    ]);
  });

  test('a reason that is given again is told again only where it now stays until somebody resumes', () => {
    const passing = run([[5, block('auth')]], states.ACTIVE);
    expect(stepMode(passing, block('auth'), 6 as Ms).facts).toEqual([]);
    const staying = stepMode(passing, block('auth', true), 6 as Ms);
    expect(staying.facts).toEqual([{ kind: 'block', reason: 'auth', on: true, sticky: true }]);
    expect(staying.state.blocks.get('auth')).toEqual({ since: 5, sticky: true });
    expect(stepMode(staying.state, block('auth', true), 7 as Ms).facts).toEqual([]);
  });

  test('a reason given before the reconciliation ended keeps entries off after it', () => {
    expect(run([[0, block('journal')], ...started]).mode).toBe('REDUCE_ONLY');
    expect(stepMode(states.RECONCILING, kind('reconciled'), 1 as Ms).facts).toEqual([
      { kind: 'mode', from: 'RECONCILING', to: 'ACTIVE', reason: 'reconciled' },
    ]);
    expect(stepMode(states.RECONCILING, kind('reconcile'), 1 as Ms).facts).toEqual([]);
  });
});

describe('halt and emergency', () => {
  test('a halt while reconciling waits for its end, an emergency does not', () => {
    expect(
      run([
        [0, kind('reconcile')],
        [1, halt()],
      ]).mode,
    ).toBe('RECONCILING');
    expect(
      run([
        [0, kind('reconcile')],
        [1, halt()],
        [2, kind('reconciled')],
      ]).mode,
    ).toBe('HALTED');
    expect(
      run([
        [0, kind('reconcile')],
        [1, emergency],
      ]).mode,
    ).toBe('EMERGENCY');
  });

  test('an emergency ends in a halt with its reason, and the operator cannot resume out of it', () => {
    const inside = run(
      [
        [5, kind('resume')],
        [6, kind('reconcile')],
      ],
      states.EMERGENCY,
    );
    expect(inside.mode).toBe('EMERGENCY');
    expect(run([[7, kind('flat')]], inside)).toMatchObject({
      mode: 'HALTED',
      latch: { kind: 'HALTED', reason: 'connection_loss' },
    });
  });

  test('a halt that comes during an emergency changes neither it nor its reason', () => {
    for (const event of [halt(), halt(RUNAWAY)])
      expect(run([[5, event]], states.EMERGENCY).latch).toEqual({ kind: 'EMERGENCY', reason: 'connection_loss' });
  });

  test('of two emergencies the first is shown', () => {
    const second: ModeEvent = { kind: 'emergency', reason: 'private_stream' };
    expect(run([[5, second]], states.EMERGENCY).latch).toEqual({ kind: 'EMERGENCY', reason: 'connection_loss' });
  });

  test('the operator’s word lifts what waits for it, but for what it may not, and nothing that goes by itself', () => {
    const reasons = [block('auth', true), block('journal', true), block('loop_lag')];
    const halted = run([...started, ...reasons.map((event): [number, ModeEvent] => [2, event]), [3, halt()]]);
    const resumed = run([[4, { kind: 'resume', keeps: ['journal'] }]], halted);
    expect([...resumed.blocks.keys()]).toEqual(['journal', 'loop_lag']);
  });

  test('of two halts the first is shown, but a runaway takes its place', () => {
    const twice = (...reasons: string[]): unknown =>
      run([...started, ...reasons.map((reason, i): [number, ModeEvent] => [2 + i, halt(reason)])]).latch?.reason;
    expect([twice('one', 'other'), twice('one', RUNAWAY), twice(RUNAWAY, 'other')]).toEqual(['one', RUNAWAY, RUNAWAY]);
  });

  test('back from a halt no entry goes out for ten seconds, and sticky reasons are gone', () => {
    const resumed = run([...started, [2, block('auth', true)], [3, halt()], [1_000, kind('resume')]]);
    expect(resumed).toMatchObject({ mode: 'REDUCE_ONLY', latch: undefined });
    expect(resumed.blocks.size).toBe(0);
    expect(run([[10_999, kind('time')]], resumed).mode).toBe('REDUCE_ONLY');
    expect(run([[11_000, kind('time')]], resumed).mode).toBe('ACTIVE');
    const told: Told = [
      [3, kind('reconcile')],
      [1_000, kind('resume')],
      [1_100, kind('reconciled')],
    ];
    const meanwhile = run([...started, [2, halt()], ...told]);
    expect(meanwhile.mode, 'nor where it was said while the account was read').toBe('REDUCE_ONLY');
    expect(run([[11_000, kind('time')]], meanwhile).mode).toBe('ACTIVE');
  });
});

describe('over a restart', () => {
  const restarted = (state: ModeState): ModeState =>
    modeFromRecord(JSON.parse(JSON.stringify(modeToRecord(state))) as ReturnType<typeof modeToRecord>, 0 as Ms);

  test.each([
    ['ACTIVE', 'ACTIVE'],
    ['HALTED', 'HALTED'],
    ['EMERGENCY', 'EMERGENCY'],
  ] as const)('%s begins again at BOOT and ends in %s', (before, after) => {
    const state = restarted(states[before]);
    expect(state.mode).toBe('BOOT');
    expect(run(started, state).mode).toBe(after);
    expect(run([...started, [2, emergency]], state).mode).toBe('EMERGENCY');
  });

  test('sticky reasons stay, the others have to be given again', () => {
    const state = restarted(run([...started, [2, block('auth', true)], [3, block('loop_lag')]]));
    expect([...state.blocks.keys()]).toEqual(['auth']);
    expect(run(started, state).mode).toBe('REDUCE_ONLY');
    expect(run(started, restarted(state)).mode).toBe('REDUCE_ONLY');
  });

  test('a halt remains while the operator’s word is missing, and a drained emergency is not forgotten', () => {
    expect(run([...started, [99_999, kind('time')]], restarted(states.HALTED)).mode).toBe('HALTED');
    const drained = run(
      [
        [3, kind('drain')],
        [4, kind('flat')],
      ],
      states.EMERGENCY,
    );
    expect(drained.mode).toBe('DRAINING');
    expect(run(started, restarted(drained)).mode).toBe('HALTED');
  });
});
