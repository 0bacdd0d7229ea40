// Which faults are there? The one table from which orders are checked, help is printed and the README is made.
import type { z } from 'zod';
import { issueText } from '../issue-text.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Fault, fault, type Outcome, type Stage } from './fault.ts';
import { MARKET_ACTS } from './market-acts.ts';
import { REQUEST_FAULTS } from './requests.ts';
import { TRADING_FAULTS } from './trading.ts';
import { WIRE_FAULTS } from './wire.ts';

const clear: Fault = fault('whatever was ordered and has not happened yet is off', {}, (stage) => {
  stage.frames.clear();
  stage.troubles.clear();
  stage.mishaps.clear();
  stage.doors.clear();
  stage.rejected.clear();
  stage.venue.lag(0);
});

export const FAULTS: Readonly<Record<string, Fault>> = {
  ...WIRE_FAULTS,
  ...REQUEST_FAULTS,
  ...TRADING_FAULTS,
  ...MARKET_ACTS,
  clear,
};

/** Does what was ordered, and says so in the ledger; a text says what is wrong with the order. */
export function orderFault(order: unknown, stage: Stage, ledger: Ledger): Outcome {
  if (typeof order !== 'object' || order === null || Array.isArray(order)) return 'an order is {"kind": "…", …}';
  const { kind, ...given } = order as Readonly<Record<string, unknown>>;
  if (typeof kind !== 'string' || !Object.hasOwn(FAULTS, kind))
    return `kind: ${JSON.stringify(kind)} is none of ${Object.keys(FAULTS).join(', ')}`;
  const named = FAULTS[kind] as Fault;
  const parsed = named.parameters.safeParse(given);
  if (!parsed.success) return parsed.error.issues.map((issue) => issueLine(issue, given, named)).join('; ');
  const { symbol } = parsed.data;
  if (typeof symbol === 'string' && stage.market.contract(symbol) === undefined)
    return `symbol: "${symbol}" is not traded here`;
  const { nowMs } = stage.market;
  ledger.acted(nowMs, { act: kind, with: given });
  const outcome = named.act(stage, given);
  if (typeof outcome === 'string') ledger.acted(nowMs, { act: kind, refused: outcome });
  return outcome;
}

function issueLine(issue: z.core.$ZodIssue, given: object, named: Fault): string {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.join(', ')}: not known here; it takes {${parameterText(named)}}`;
  const name = String(issue.path[0]);
  return `${name}: ${issueText(issue, name in given)}`;
}

/** `symbol, depth?, count?` */
function parameterText({ parameters }: Fault): string {
  return Object.entries(parameters.shape)
    .map(([name, schema]) => ((schema as z.ZodType).safeParse(undefined).success ? `${name}?` : name))
    .join(', ');
}

export function faultHelp(): string {
  const widest = Math.max(...Object.keys(FAULTS).map((kind) => kind.length));
  return Object.entries(FAULTS)
    .map(([kind, one]) => {
      const parameters = parameterText(one);
      return `  ${kind.padEnd(widest)}  ${one.does}${parameters === '' ? '' : `  {${parameters}}`}`;
    })
    .join('\n');
}

export function faultRows(): string {
  const rows = Object.entries(FAULTS).map(
    ([kind, one]) => `| \`${kind}\` | ${one.does} | ${parameterText(one) || '–'} |`,
  );
  return ['| fault | what it does | parameters |', '| --- | --- | --- |', ...rows].join('\n');
}
