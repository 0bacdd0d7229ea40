// How does a row become SQL, and a row again? One description a table; the statements are built from it once.
import type pg from 'pg';
import type { Row, Table } from './rows.ts';
import { TABLES } from './rows.ts';

type SqlType = 'text' | 'bytea' | 'numeric' | 'bigint' | 'integer' | 'boolean' | 'jsonb' | 'timestamptz';

interface NewestBy {
  readonly newestBy: string;
  /** What a newer row that does not know it leaves as it was. */
  readonly keeps?: string;
  /** An object of which a newer row may know a part: what else was known of it stays. */
  readonly joins?: string;
}

interface Shape {
  readonly columns: Readonly<Record<string, SqlType>>;
  /** What makes a row the same row when it is sent again. */
  readonly key: readonly string[];
  /** State tables keep one row a key: what to set, or the field by which the newest row replaces all of an older one. */
  readonly update?: string | NewestBy;
}

type FieldOf<T extends Table> = Exclude<keyof Extract<Row, { table: T }>, 'table'>;
type Shapes = { readonly [T in Table]: Shape & { readonly columns: Record<FieldOf<T>, SqlType> } };

const SHAPES: Shapes = {
  sessions: {
    columns: {
      sessionId: 'text',
      startedAt: 'timestamptz',
      endedAt: 'timestamptz',
      environment: 'text',
      mode: 'text',
      version: 'text',
      node: 'text',
      config: 'jsonb',
      totals: 'jsonb',
    },
    key: ['sessionId'],
    // A late copy of the opening row must not reopen a session.
    update:
      'ended_at = COALESCE(EXCLUDED.ended_at, sessions.ended_at), totals = COALESCE(EXCLUDED.totals, sessions.totals)',
  },
  trades: {
    columns: {
      account: 'text',
      tradeId: 'text',
      revision: 'bigint',
      sessionId: 'text',
      symbol: 'text',
      side: 'text',
      signalType: 'text',
      signalId: 'text',
      entryTime: 'timestamptz',
      exitTime: 'timestamptz',
      entryPrice: 'numeric',
      expectedPrice: 'numeric',
      exitPrice: 'numeric',
      positionSize: 'numeric',
      notional: 'numeric',
      leverage: 'numeric',
      stopLossPrice: 'numeric',
      stopLossTriggered: 'boolean',
      exitReason: 'text',
      grossProfit: 'numeric',
      fees: 'numeric',
      funding: 'numeric',
      profitLoss: 'numeric',
      profitLossPercent: 'numeric',
      configHash: 'text',
      parametersSnapshot: 'jsonb',
      details: 'jsonb',
      updatedAt: 'timestamptz',
    },
    key: ['account', 'tradeId'],
    update: { newestBy: 'revision', keeps: 'expectedPrice', joins: 'parametersSnapshot' },
  },
  executions: {
    columns: {
      account: 'text',
      execId: 'text',
      time: 'timestamptz',
      sessionId: 'text',
      tradeId: 'text',
      symbol: 'text',
      orderId: 'text',
      linkId: 'text',
      kind: 'text',
      createType: 'text',
      side: 'text',
      price: 'numeric',
      size: 'numeric',
      closedSize: 'numeric',
      value: 'numeric',
      fee: 'numeric',
      feeRate: 'numeric',
      isMaker: 'boolean',
      sequence: 'bigint',
    },
    key: ['account', 'execId'],
    // The same execution again: only its trade may have become known meanwhile.
    update: 'trade_id = COALESCE(executions.trade_id, EXCLUDED.trade_id)',
  },
  system_events: {
    columns: {
      time: 'timestamptz',
      sessionId: 'text',
      ordinal: 'bigint',
      eventType: 'text',
      severity: 'text',
      symbol: 'text',
      details: 'jsonb',
    },
    key: ['sessionId', 'ordinal'],
  },
  densities: {
    columns: {
      time: 'timestamptz',
      sessionId: 'text',
      lifeId: 'text',
      moment: 'text',
      ordinal: 'integer',
      symbol: 'text',
      side: 'text',
      price: 'numeric',
      lowPrice: 'numeric',
      highPrice: 'numeric',
      notional: 'numeric',
      volume: 'numeric',
      volumePercent: 'numeric',
      relativeStrength: 'numeric',
      isCluster: 'boolean',
      isRound: 'boolean',
      state: 'text',
      label: 'text',
      appearedAt: 'timestamptz',
      confirmedAt: 'timestamptz',
      disappearedAt: 'timestamptz',
      initialNotional: 'numeric',
      peakNotional: 'numeric',
      eaten: 'numeric',
      pulled: 'numeric',
      refilled: 'numeric',
      rpiEaten: 'numeric',
      touches: 'integer',
      crossed: 'boolean',
      criteria: 'jsonb',
    },
    key: ['sessionId', 'lifeId', 'moment', 'ordinal', 'time'],
  },
  signals: {
    columns: {
      time: 'timestamptz',
      sessionId: 'text',
      signalId: 'text',
      outcome: 'text',
      reason: 'text',
      kind: 'text',
      direction: 'text',
      symbol: 'text',
      lifeId: 'text',
      price: 'numeric',
      mid: 'numeric',
      priority: 'numeric',
      relativeStrength: 'numeric',
      updateId: 'bigint',
      exchangeMs: 'bigint',
      receivedMs: 'bigint',
      scannedMs: 'bigint',
      criteria: 'jsonb',
    },
    key: ['sessionId', 'signalId', 'time'],
  },
  market_stats: {
    columns: {
      symbol: 'text',
      volume24h: 'numeric',
      priceChange24hPercent: 'numeric',
      currentPrice: 'numeric',
      isActive: 'boolean',
      rank: 'integer',
      updatedAt: 'timestamptz',
    },
    key: ['symbol'],
    update: { newestBy: 'updatedAt' },
  },
  orderbook_snapshots: {
    columns: {
      time: 'timestamptz',
      sessionId: 'text',
      symbol: 'text',
      packedBids: 'bytea',
      packedAsks: 'bytea',
      priceStep: 'numeric',
      sizeStep: 'numeric',
      totalBidVolume: 'numeric',
      totalAskVolume: 'numeric',
      midPrice: 'numeric',
      updateId: 'bigint',
      sequence: 'bigint',
    },
    key: ['symbol', 'time', 'sessionId'],
  },
};

/** `priceChange24hPercent` → `price_change_24h_percent` */
function columnName(field: string): string {
  return field
    .replace(/([a-z])(\d|[A-Z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

interface Statement {
  /** `INSERT … SELECT … FROM unnest($1::…[], …) ON CONFLICT …` */
  readonly text: string;
  readonly columns: readonly (readonly [field: string, type: SqlType])[];
  readonly key: readonly string[];
  readonly updates: boolean;
}

function updateOf(table: Table, { columns, key, update }: Shape): string {
  if (typeof update !== 'object') return update ?? '';
  const sets = Object.keys(columns)
    .filter((field) => !key.includes(field))
    .map(columnName)
    .map((name) => {
      const [before, now] = [`${table}.${name}`, `EXCLUDED.${name}`];
      const isOf = (field: string | undefined): boolean => field !== undefined && name === columnName(field);
      if (isOf(update.joins)) return `${name} = COALESCE(${before} || ${now}, ${now}, ${before})`;
      return `${name} = ${isOf(update.keeps) ? `COALESCE(${now}, ${before})` : now}`;
    });
  const age = columnName(update.newestBy);
  return `${sets.join(', ')} WHERE ${table}.${age} <= EXCLUDED.${age}`;
}

function build(table: Table): Statement {
  const shape: Shape = SHAPES[table];
  const columns = Object.entries(shape.columns);
  const names = columns.map(([field]) => columnName(field)).join(', ');
  const arrays = columns.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ');
  const key = shape.key.map(columnName).join(', ');
  const conflict = shape.update === undefined ? 'DO NOTHING' : `DO UPDATE SET ${updateOf(table, shape)}`;
  return {
    text: `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays}) ON CONFLICT (${key}) ${conflict}`,
    columns,
    key: shape.key,
    updates: shape.update !== undefined,
  };
}

const STATEMENTS = Object.fromEntries(TABLES.map((table) => [table, build(table)])) as Record<Table, Statement>;

function encode(value: unknown, type: SqlType): string | null {
  if (value === undefined || value === null) return null;
  if (type === 'jsonb') return JSON.stringify(value);
  if (type === 'timestamptz') {
    const time = new Date(value as number);
    // The server refuses the text of no time, and with it this one row.
    return Number.isNaN(time.getTime()) ? 'no time' : time.toISOString();
  }
  return String(value as string | number | boolean);
}

/** One upsert may touch a key once only: what each row of one key knows is written in its turn. */
export function inTurns(table: Table, rows: readonly Row[]): readonly (readonly Row[])[] {
  const { key, updates } = STATEMENTS[table];
  if (!updates) return [rows];
  const turns: Row[][] = [];
  const taken = new Map<string, number>();
  for (const row of rows) {
    const fields = row as unknown as Record<string, unknown>;
    const id = JSON.stringify(key.map((field) => fields[field]));
    const turn = taken.get(id) ?? 0;
    taken.set(id, turn + 1);
    (turns[turn] ??= []).push(row);
  }
  return turns;
}

/** The one statement that writes the rows of a turn, all of `table`, doubling none however often it is sent. */
export function insertOf(table: Table, rows: readonly Row[]): { text: string; values: (string | null)[][] } {
  const { text, columns } = STATEMENTS[table];
  const values = columns.map(([field, type]) =>
    rows.map((row) => encode((row as unknown as Record<string, unknown>)[field], type)),
  );
  return { text, values };
}

function decode(value: unknown, type: SqlType): unknown {
  if (value instanceof Date) return value.getTime();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  if (type === 'bigint') return Number(value);
  return value;
}

/** Rows as they were written; `condition` is SQL of ours, with `$1` … for `values`. */
export async function readRows<T extends Table>(
  client: pg.ClientBase,
  table: T,
  condition: string,
  values: readonly unknown[],
): Promise<readonly Extract<Row, { table: T }>[]> {
  const { columns } = STATEMENTS[table];
  const names = columns.map(([field]) => columnName(field)).join(', ');
  const { rows } = await client.query<Record<string, unknown>>(`SELECT ${names} FROM ${table} WHERE ${condition}`, [
    ...values,
  ]);
  return rows.map((row) => {
    const fields = columns
      .map(([field, type]) => [field, row[columnName(field)], type] as const)
      .filter(([, value]) => value !== null)
      .map(([field, value, type]) => [field, decode(value, type)]);
    return { table, ...Object.fromEntries(fields) } as Extract<Row, { table: T }>;
  });
}
