// Do the gates and the table agree on one situation, and where not, on what not?
import { GATE_NAMES } from '../../src/risk/gate-name.ts';
import { decide } from '../../src/risk/gate.ts';
import { plainDecision, type PlainAnswer } from '../oracle/gates.ts';
import type { DraftSituation } from './sound-situation.ts';

export interface Comparison {
  /** 1 to 34; 0 where it was approved. */
  readonly gate: number;
  readonly agree: boolean;
  readonly text: string;
}

export function compare(situation: DraftSituation): Comparison {
  const verdict = decide(situation);
  const plain = plainDecision(situation);
  const ours: PlainAnswer =
    verdict.kind === 'denied'
      ? { gate: GATE_NAMES.indexOf(verdict.denied) + 1 }
      : {
          order: {
            long: verdict.entry.side === 'buy',
            lots: BigInt(verdict.entry.lots),
            cap: BigInt(verdict.entry.capTick),
            stop: BigInt(verdict.entry.stop.tick),
          },
        };
  const [said, expected] = [textOf(ours), textOf(plain)];
  return {
    gate: 'gate' in ours ? ours.gate : 0,
    agree: said === expected,
    text: `gates: ${said}${verdict.kind === 'denied' ? ` (${verdict.detail})` : ''}; table: ${expected}`,
  };
}

function textOf(answer: PlainAnswer): string {
  if ('gate' in answer) return `refused by G${answer.gate}`;
  const { long, lots, cap, stop } = answer.order;
  return `${long ? 'long' : 'short'} ${lots}, cap ${cap}, stop ${stop}`;
}
