// What may the engine do now, and what stops it from doing more? (failure-modes 4)
import type { Ms } from '../lib/brand.ts';

export type Mode = 'BOOT' | 'RECONCILING' | 'ACTIVE' | 'REDUCE_ONLY' | 'HALTED' | 'EMERGENCY' | 'DRAINING' | 'STOPPED';

/** The reason with which a runaway halts: after it only protection is left. */
export const RUNAWAY = 'risk.runaway';
/** Entries resume only after the block set has been empty for this long (Y10). */
const CLEAR_MS_MIN = 10_000;

export interface Block {
  readonly since: Ms;
  /** Stays over restarts, and until its owner or an operator's `resume` takes it away. */
  readonly sticky: boolean;
}

/** What reconciliation has to lead to: a halt and an emergency outlive a restart and a lost stream. */
interface Latch {
  readonly kind: 'HALTED' | 'EMERGENCY';
  readonly reason: string;
}

export interface ModeState {
  readonly mode: Mode;
  readonly blocks: ReadonlyMap<string, Block>;
  /** Since when the block set has been empty. */
  readonly clearSince: Ms | undefined;
  readonly latch: Latch | undefined;
  /** The account was agreed with since the start: RECONCILING is from now on a doubt of what was known. */
  readonly hasReconciled: boolean;
}

export type ModeEvent =
  | { readonly kind: 'block'; readonly reason: string; readonly sticky: boolean }
  | { readonly kind: 'unblock'; readonly reason: string }
  /** The journal is read and requests to the exchange begin; also after a loss of the private stream (I-16). */
  | { readonly kind: 'reconcile' }
  /** Two complete readings agree, and no request is open. */
  | { readonly kind: 'reconciled' }
  | { readonly kind: 'halt'; readonly reason: string }
  | { readonly kind: 'emergency'; readonly reason: string }
  /** All our positions are flat by the exchange's word. */
  | { readonly kind: 'flat' }
  /** `keeps`: reasons that `resume` does not lift. */
  | { readonly kind: 'resume'; readonly keeps?: readonly string[] }
  | { readonly kind: 'drain' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'time' };

/** Reported to the operator, the log and the journal. */
export type ModeFact =
  | { readonly kind: 'mode'; readonly from: Mode; readonly to: Mode; readonly reason: string }
  | { readonly kind: 'block'; readonly reason: string; readonly on: boolean; readonly sticky: boolean };

export interface ModeStep {
  readonly state: ModeState;
  readonly facts: readonly ModeFact[];
}

export const INITIAL_MODE: ModeState = {
  mode: 'BOOT',
  blocks: new Map(),
  clearSince: undefined,
  latch: undefined,
  hasReconciled: false,
};

export function stepMode(before: ModeState, event: ModeEvent, now: Ms): ModeStep {
  switch (event.kind) {
    case 'block':
      return block(before, event.reason, event.sticky, now);
    case 'unblock':
      return unblock(
        before,
        [event.reason].filter((reason) => before.blocks.has(reason)),
        now,
      );
    case 'reconcile':
      return isLeaving(before) || before.mode === 'EMERGENCY' ? same(before) : to(before, 'RECONCILING', 'reconcile');
    case 'reconciled':
      return before.mode === 'RECONCILING'
        ? to({ ...before, hasReconciled: true }, settled(before, now), before.latch?.reason ?? 'reconciled')
        : same(before);
    case 'halt':
      return latch(before, { kind: 'HALTED', reason: event.reason });
    case 'emergency':
      return latch(before, { kind: 'EMERGENCY', reason: event.reason });
    case 'flat': {
      if (before.latch?.kind !== 'EMERGENCY') return same(before);
      const halted: Latch = { kind: 'HALTED', reason: before.latch.reason };
      const state = { ...before, latch: halted };
      return before.mode === 'EMERGENCY' ? to(state, 'HALTED', halted.reason) : same(state);
    }
    case 'resume':
      return resume(before, event.keeps ?? [], now);
    case 'drain':
      return isLeaving(before) ? same(before) : to(before, 'DRAINING', 'drain');
    case 'stopped':
      return before.mode === 'DRAINING' ? to(before, 'STOPPED', 'stopped') : same(before);
    case 'time':
      return before.mode === 'REDUCE_ONLY' && isClear(before, now) ? to(before, 'ACTIVE', 'clear') : same(before);
  }
}

export interface Permissions {
  readonly entries: boolean;
  /** Density, take-profit, breakeven; on a fresh book and a fresh account only, which their owner checks. */
  readonly discretionary: boolean;
  readonly flatten: boolean;
}

export function permissionsOf(state: ModeState): Permissions {
  const { mode, hasReconciled } = state;
  const isManaged = mode === 'ACTIVE' || mode === 'REDUCE_ONLY' || mode === 'HALTED';
  const afterRunaway = state.latch?.reason === RUNAWAY;
  return {
    entries: mode === 'ACTIVE' && state.blocks.size === 0,
    // A private stream that is lost for an hour must not leave a position to its stop alone for an hour (W10).
    discretionary: (isManaged || (mode === 'RECONCILING' && hasReconciled)) && !afterRunaway,
    // A shutdown during an emergency goes on flattening as long as there is time.
    flatten: mode === 'EMERGENCY' || (mode === 'DRAINING' && state.latch?.kind === 'EMERGENCY'),
  };
}

export interface ModeRecord {
  readonly mode: Mode;
  readonly sticky: readonly string[];
  readonly latch: Latch | null;
}

export function modeToRecord(state: ModeState): ModeRecord {
  const sticky = [...state.blocks].filter(([, { sticky: stays }]) => stays).map(([reason]) => reason);
  return { mode: state.mode, sticky, latch: state.latch ?? null };
}

/** A restart begins at BOOT and can only end where the record allows. */
export function modeFromRecord(record: ModeRecord, now: Ms): ModeState {
  const blocks = new Map(record.sticky.map((reason) => [reason, { since: now, sticky: true }]));
  return { ...INITIAL_MODE, blocks, latch: record.latch ?? undefined };
}

function block(before: ModeState, reason: string, sticky: boolean, now: Ms): ModeStep {
  const known = before.blocks.get(reason);
  if (known !== undefined && (known.sticky || !sticky)) return same(before);
  const blocks = new Map(before.blocks).set(reason, { since: known?.since ?? now, sticky });
  const told: ModeFact = { kind: 'block', reason, on: true, sticky };
  const blocked = { ...before, blocks, clearSince: undefined };
  return before.mode === 'ACTIVE' ? to(blocked, 'REDUCE_ONLY', reason, [told]) : { state: blocked, facts: [told] };
}

function unblock(before: ModeState, reasons: readonly string[], now: Ms): ModeStep {
  if (reasons.length === 0) return same(before);
  const blocks = new Map(before.blocks);
  const facts = reasons.map((reason): ModeFact => {
    const sticky = blocks.get(reason)?.sticky === true;
    blocks.delete(reason);
    return { kind: 'block', reason, on: false, sticky };
  });
  return { state: { ...before, blocks, clearSince: clearSince(blocks, now) }, facts };
}

/** An operator's `resume`: by way of REDUCE_ONLY, so that nothing enters at the same moment. */
function resume(before: ModeState, keeps: readonly string[], now: Ms): ModeStep {
  if (before.latch?.kind === 'EMERGENCY') return same(before);
  const isLifted = ([reason, { sticky }]: [string, Block]): boolean => sticky && !keeps.includes(reason);
  const sticky = [...before.blocks].filter(isLifted).map(([reason]) => reason);
  const { state, facts } = unblock({ ...before, latch: undefined }, sticky, now);
  if (before.latch === undefined) return { state, facts };
  const resumed = { ...state, clearSince: clearSince(state.blocks, now) };
  return state.mode === 'HALTED' ? to(resumed, 'REDUCE_ONLY', 'resume', facts) : { state: resumed, facts };
}

/** The graver one stays, and of equals the first: that is the reason to be shown. */
function latch(before: ModeState, wanted: Latch): ModeStep {
  const graver = before.latch === undefined || (before.latch.kind === 'HALTED' && wanted.kind === 'EMERGENCY');
  const runaway = before.latch?.kind === 'HALTED' && wanted.reason === RUNAWAY;
  if (!graver && !runaway) return same(before);
  const latched = { ...before, latch: wanted };
  if (isLeaving(before)) return { state: latched, facts: [] };
  // A halt waits for the end of a reconciliation; an emergency waits for nothing.
  if (wanted.kind === 'HALTED' && (before.mode === 'BOOT' || before.mode === 'RECONCILING')) {
    return { state: latched, facts: [] };
  }
  return to(latched, wanted.kind, wanted.reason);
}

/** A reason that went while the account was read has been gone no longer for it; where there was none nothing is waited for. */
function settled(state: ModeState, now: Ms): Mode {
  const isFree = state.blocks.size === 0 && (state.clearSince === undefined || isClear(state, now));
  return state.latch?.kind ?? (isFree ? 'ACTIVE' : 'REDUCE_ONLY');
}

function isLeaving(state: ModeState): boolean {
  return state.mode === 'DRAINING' || state.mode === 'STOPPED';
}

function clearSince(blocks: ModeState['blocks'], now: Ms): Ms | undefined {
  return blocks.size === 0 ? now : undefined;
}

function isClear(state: ModeState, now: Ms): boolean {
  return state.clearSince !== undefined && now - state.clearSince >= CLEAR_MS_MIN;
}

function same(state: ModeState): ModeStep {
  return { state, facts: [] };
}

function to(state: ModeState, mode: Mode, reason: string, before: readonly ModeFact[] = []): ModeStep {
  if (state.mode === mode) return { state, facts: before };
  return { state: { ...state, mode }, facts: [...before, { kind: 'mode', from: state.mode, to: mode, reason }] };
}
