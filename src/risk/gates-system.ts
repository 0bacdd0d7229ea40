// Is the engine itself in a state to enter? (G01–G06, G27–G29)
import { untilFunding } from './funding.ts';
import type { Judged } from './plan.ts';
import {
  CLOCK_AGE_MS_MAX,
  CLOCK_OFFSET_MS_MAX,
  DISK_FREE_MIN,
  FUNDING_MS_MIN,
  FUNDING_SETTLED_MS,
  LOOP_LAG_MS_MAX,
  MAINTENANCE_MS_MIN,
  RECONCILED_AGE_MS_MAX,
} from './limits.ts';
import type { Situation } from './situation.ts';

export function mode({ system }: Situation): string | undefined {
  if (system.mode !== 'ACTIVE') return `mode is ${system.mode ?? 'unknown'}`;
  if (system.blocks === undefined) return 'block set unknown';
  return system.blocks.length === 0 ? undefined : `blocked by ${system.blocks.join(', ')}`;
}

export function killSwitch({ system }: Situation): string | undefined {
  if (system.killedInMemory !== false) return said(system.killedInMemory, 'killed');
  if (system.killedInJournal !== false) return said(system.killedInJournal, 'killed in the journal');
  return system.killedByFile === false ? undefined : said(system.killedByFile, 'killed by file');
}

export function singleInstance({ system }: Situation): string | undefined {
  if (system.lockHeld !== true) return 'the lock file is not held';
  return system.twinSeen === false ? undefined : said(system.twinSeen, 'another instance trades this account');
}

export function privateStream({ system, now }: Situation): string | undefined {
  if (system.privateUp !== true) return 'the private stream is not up';
  if (system.reconciledAt === undefined) return 'not reconciled since the private stream came up';
  const age = now - system.reconciledAt;
  return age < RECONCILED_AGE_MS_MAX ? undefined : `reconciled ${age} ms ago`;
}

export function clockOffset({ system, now }: Situation): string | undefined {
  if (system.clock === undefined) return 'clock offset unknown';
  const { offsetMs, measuredAt } = system.clock;
  if (!(Math.abs(offsetMs) <= CLOCK_OFFSET_MS_MAX)) return `clock is off by ${offsetMs} ms`;
  return now - measuredAt < CLOCK_AGE_MS_MAX ? undefined : `clock offset measured ${now - measuredAt} ms ago`;
}

export function lagAndAge({ system, now, offer, rules }: Situation): string | undefined {
  if (system.loopLagMs === undefined) return 'loop lag unknown';
  if (!(system.loopLagMs < LOOP_LAG_MS_MAX)) return `loop lag ${system.loopLagMs} ms`;
  return ageRefusal(offer.signal.receivedMs, now, rules.maxSignalAgeMs);
}

export function ageRefusal(receivedMs: number, now: number, ageMax: number): string | undefined {
  const age = now - receivedMs;
  return age >= 0 && age <= ageMax ? undefined : `signal is ${age} ms old`;
}

export function fundingAndMaintenance({ system, exchangeMs, contract }: Judged): string | undefined {
  if (exchangeMs === undefined) return 'exchange time unknown';
  const until = untilFunding(contract, exchangeMs);
  if (contract === undefined || until === undefined) return 'next funding unknown';
  if (!(until >= FUNDING_MS_MIN)) return `funding in ${until} ms`;
  const since = contract.fundingIntervalMs - until;
  if (since >= 0 && since < FUNDING_SETTLED_MS) return `funding ${since} ms ago`;
  const { maintenance } = system;
  if (maintenance === undefined) return 'maintenance unknown';
  const near = maintenance.find(
    ({ fromMs, untilMs }) => exchangeMs < untilMs && fromMs - exchangeMs < MAINTENANCE_MS_MIN,
  );
  return near === undefined ? undefined : `maintenance in ${near.fromMs - exchangeMs} ms`;
}

export function rateLane({ system }: Situation): string | undefined {
  return system.entryTokens !== undefined && system.entryTokens >= 1 ? undefined : 'no order left in the entry lane';
}

export function journal({ system }: Situation): string | undefined {
  if (system.journalWritable !== true) return 'the journal cannot be written';
  if (system.diskFreeBytes === undefined) return 'free disk unknown';
  return system.diskFreeBytes > DISK_FREE_MIN ? undefined : `${system.diskFreeBytes} bytes free on disk`;
}

function said(fact: boolean | undefined, words: string): string {
  return fact === undefined ? `not known whether ${words}` : words;
}
