// What does a run that nobody disturbs trade, and do its books close? The real daemon and its own exchange.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LedgerLine } from '../../src/simulator/ledger/ledger.ts';
import { runToEnd, tempStateDir } from './daemon.ts';
import { reconcile, type Reconciled } from './reconcile.ts';
import { keptIn } from './rows.ts';

export interface FreeRun extends Reconciled {
  readonly code: number | null;
  readonly stderr: string;
  readonly warnings: Readonly<Record<string, number>>;
}

interface Last {
  readonly warnings: Readonly<Record<string, number>>;
}

interface Report {
  readonly trades: number;
  readonly open: number;
  readonly netProfit: number;
  readonly fees: number;
}

export async function runFreely(seed: number, duration: string, settings: readonly string[] = []): Promise<FreeRun> {
  const dir = await tempStateDir();
  const ledgerFile = path.join(dir.path, 'ledger.jsonl');
  try {
    const sets = ['dashboard.port=0', ...settings].flatMap((setting) => ['--set', setting]);
    const flags = [
      '--environment',
      'simulator',
      '--mode',
      'live',
      '--seed',
      `${seed}`,
      '--duration',
      duration,
      '--json',
    ];
    const at = ['--state-dir', dir.path];
    const { code, last, stderr } = await runToEnd<Last>(['run', ...flags, ...at, '--ledger', ledgerFile, ...sets]);
    const ledger = (await readFile(ledgerFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LedgerLine);
    const { trades, executions } = await keptIn(dir.path);
    const uid = ledger.find(({ kind }) => kind === 'fill')?.['uid'] as number;
    const reconciled = reconcile(ledger, uid, trades, executions);
    const report = await runToEnd<Report>(['report', '--json', ...at]);
    return {
      ...reconciled,
      code,
      stderr,
      warnings: last?.warnings ?? {},
      faults: [...reconciled.faults, ...reportFaults(report.last, reconciled)],
    };
  } finally {
    await dir.remove();
  }
}

/** The operator is told the same. */
function reportFaults(report: Report | undefined, { ended }: Reconciled): string[] {
  if (report === undefined) return ['there is no report'];
  const pairs = [
    ['trades', report.trades, ended.count],
    // Its exchange is gone, and what stood there with it.
    ['open', report.open, 0],
    ['netProfit', report.netProfit, ended.net],
    ['fees', report.fees, ended.fees],
  ] as const;
  return pairs
    .filter(([, told, was]) => told !== was)
    .map(([what, told, was]) => `report: ${what} ${told}, it was ${was}`);
}
