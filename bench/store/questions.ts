// How long does each question of `report`, `report densities` and `why` take, and by which index is it answered?
import pg from 'pg';
import type { Ms } from '../../src/lib/brand.ts';
import { explain } from '../../src/store/read/explain.ts';
import { readDensities } from '../../src/store/read/report-densities.ts';
import { readTrades } from '../../src/store/read/report.ts';
import { connectClient } from '../../src/store/session.ts';
import { equityOf, figuresOf, GROUPINGS, groupsOf } from '../../src/store/read/trade-figures.ts';
import { median } from '../measure/processes.ts';

const DAY_MS = 86_400_000;
const EXPLAIN_MS_MAX = 120_000;

/** What was asked of the server, and how long the answer took. */
interface Asked {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly ms: number;
}

/** Whatever the program itself asks, in its own words: no list of its statements could grow old here. */
async function listen(work: () => Promise<unknown>): Promise<Asked[]> {
  const asked: Asked[] = [];
  type Query = (this: pg.Client, text: unknown, values?: readonly unknown[]) => Promise<unknown>;
  const asking = pg.Client.prototype as unknown as { query: Query };
  const query: Query = asking.query;
  const heard: Query = async function heard(this: pg.Client, text, values) {
    const started = performance.now();
    const answer = await query.call(this, text, values);
    if (typeof text === 'string' && /^\s*(SELECT|WITH)/.test(text) && !/\b(migrations|to_regclass)\b/.test(text))
      asked.push({ text, values: values ?? [], ms: performance.now() - started });
    return answer;
  };
  asking.query = heard;
  try {
    await work();
  } finally {
    asking.query = query;
  }
  return asked;
}

type Ask = (connection: pg.ClientConfig) => Promise<unknown>;

export interface Question {
  readonly name: string;
  readonly ask: Ask;
  /** These it reads from end to end, for it asks about all of them. */
  readonly whole: readonly string[];
}

/** At `now`, of a symbol that has rows and of one that has none. */
export function questionsAt(now: Ms, symbol: string): readonly Question[] {
  const spans = { day: 1, week: 7, month: 30, all: undefined };
  const over = (name: string, days: number | undefined): Question[] => {
    const span = { from: days === undefined ? undefined : ((now - days * DAY_MS) as Ms), until: now };
    // A month, and all, are most of what there is.
    const isMost = days === undefined || days >= 30;
    return [
      {
        name: `report ${name}`,
        whole: isMost ? ['trades'] : [],
        ask: async (connection) => {
          const { trades } = await readTrades(connection, span);
          return [figuresOf(trades), equityOf(trades), ...GROUPINGS.map((grouping) => groupsOf(trades, grouping))];
        },
      },
      {
        name: `report densities ${name}`,
        whole: ['rollup_pending', ...(isMost ? ['density_hours', 'signal_hours'] : [])],
        ask: (connection) => readDensities(connection, span),
      },
    ];
  };
  const why = (name: string, of: string, at?: Ms, last?: number): Question => ({
    name: `why ${name}`,
    // Of a symbol without rows it is told which have some.
    whole: ['rollup_pending', 'density_hours', 'signal_hours'],
    ask: (connection) => explain(connection, of, last, at),
  });
  return [
    ...Object.entries(spans).flatMap(([name, days]) => over(name, days)),
    why('now', symbol),
    why('--last 1000', symbol, undefined, 1_000),
    why('--at 15 days ago', symbol, (now - 15 * DAY_MS) as Ms),
    why('before everything', symbol, (now - 90 * DAY_MS) as Ms),
    why('of an unknown symbol', 'NOBODYUSDT'),
  ];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

/** Of a partition the name of its parent. */
const parentOf = (name: string): string => name.replace(/_\d{8}/, '');

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)].filter((one) => one['Actual Loops'] > 0);
}

export interface Plan {
  readonly indexes: readonly string[];
  readonly sequential: readonly string[];
}

async function planOf(client: pg.Client, { text, values }: Asked): Promise<Plan> {
  const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
    `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`,
    [...values],
  );
  const nodes = nodesOf((rows[0] as (typeof rows)[number])['QUERY PLAN'][0].Plan);
  const names = (of: (node: PlanNode) => string | undefined): string[] => [
    ...new Set(nodes.flatMap((node) => of(node) ?? [])),
  ];
  return {
    indexes: [...new Set(names((node) => node['Index Name']).map(parentOf))],
    sequential: names((node) => (node['Node Type'] === 'Seq Scan' ? node['Relation Name'] : undefined)),
  };
}

/** More than a megabyte: what is smaller is read as a whole with good reason. */
async function bigTables(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 1048576`,
  );
  return new Set(rows.map(({ name }) => name));
}

export interface Answer extends Record<string, string | number> {
  readonly question: string;
  readonly ms: number;
  readonly sequential: string;
}

/** One row a statement, and one for the whole of each question. */
export async function askAll(
  connection: pg.ClientConfig,
  questions: readonly Question[],
  times: number,
): Promise<readonly Answer[]> {
  const client = await connectClient(connection, () => undefined, EXPLAIN_MS_MAX);
  const big = await bigTables(client);
  const answers: Answer[] = [];
  for (const { name, ask, whole } of questions) {
    const all: number[] = [];
    const rounds: Asked[][] = [];
    for (let round = 0; round < times; round++) {
      const started = performance.now();
      rounds.push(await listen(() => ask(connection)));
      all.push(performance.now() - started);
    }
    const total = {
      question: name,
      of: 'everything',
      ms: Math.round(median(all)),
      worst: Math.round(Math.max(...all)),
    };
    answers.push({ ...total, indexes: '', sequential: '' });
    for (const [place, asked] of (rounds[0] as Asked[]).entries()) {
      const spent = rounds.map((round) => (round[place] as Asked).ms);
      const { indexes, sequential } = await planOf(client, asked);
      const wrong = sequential.filter((table) => big.has(table) && !whole.includes(parentOf(table)));
      answers.push({
        question: name,
        of: /FROM (\w+)/.exec(asked.text)?.[1] ?? '',
        ms: Math.round(median(spent)),
        worst: Math.round(Math.max(...spent)),
        indexes: indexes.join(' '),
        sequential: [...new Set(wrong.map(parentOf))].join(' '),
      });
    }
  }
  await client.end();
  return answers;
}
