// How is the real daemon run, so that it may be killed? As a process of its own, with everything that it leaves behind looked for.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MAIN } from '../program.ts';
import { bindToUs } from '../lifeline.ts';

export const DIE_AT = new URL('die-at.ts', import.meta.url).href;
export const THROWN = 'nobody catches this';
export const THROW_AT = new URL('throw-at.ts', import.meta.url).href;

/** So permissive that there is always an entry: walls everywhere, and every wall a reason. */
export const PERMISSIVE = [
  'safety.crash_loop_exits=100000',
  'safety.max_consecutive_losses=20',
  'safety.max_orders_per_minute=300',
  'safety.max_daily_loss_percent=20',
  'trading.position_size_usd=100',
  'trading.max_exposure_percent=20',
  'trading.max_concurrent_positions=15',
  'strategy.density_threshold_abs=5000',
  'strategy.density_threshold_relative=2',
  'strategy.density_threshold_percent=1',
  'strategy.density_min_lifetime_ms=200',
  'strategy.signal_cooldown_ms=0',
  'strategy.trend_min_change_percent=0',
  'strategy.trend_min_imbalance=0',
  'strategy.tp_min_reward_ratio=0',
  'strategy.max_cost_to_stop_ratio=1',
  'strategy.max_stop_percent=5',
  'strategy.max_slippage_percent=0.5',
  'strategy.max_spread_percent=1',
  'strategy.bounce_stability_window_ms=500',
  'strategy.bounce_min_time_to_eat_ms=0',
  'strategy.breakout_erosion_percent=5',
];

/** Something is always open. */
export const EAGER = [
  ...PERMISSIVE,
  'strategy.bounce_density_erosion_exit_percent=100',
  'strategy.breakout_breakeven_profit_percent=0.13',
  'analysis.mode=inline',
];

const STDERR_MAX = 100_000;

export interface DaemonOptions {
  readonly stateDir: string;
  readonly settings: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Loaded before the program. */
  readonly preload?: string;
  /** `point:n`, for that one. */
  readonly dieAt?: string;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly wallMs: number;
}

export type Written = Readonly<Record<string, number>>;

interface StatusLine {
  readonly store: { readonly written?: Written };
  readonly refused: Readonly<Record<string, number>>;
}

export interface Daemon {
  readonly pid: number;
  readonly startedMs: number;
  readonly ended: Promise<End>;
  readonly end: () => End | undefined;
  /** Rows of this run that the database had acknowledged when it last said so, table by table. */
  readonly acknowledged: () => Written;
  /** Signals of this run that became no order. */
  readonly signalsRefused: () => number;
  readonly stderr: () => string;
  send(signal: NodeJS.Signals): void;
  /** Nobody reads its words any more. */
  hangUp(): void;
  /** Resolves with what lives on of it after so many ms. */
  leftAfter(ms: number): Promise<readonly string[]>;
}

export function startDaemon({ stateDir, settings, env = {}, preload, dieAt = '' }: DaemonOptions): Daemon {
  const sets = [...EAGER, ...settings].flatMap((setting) => ['--set', setting]);
  const hooks = preload === undefined ? [] : ['--import', preload];
  const args = ['--no-warnings', ...hooks, MAIN, 'run', '--json', '--state-dir', stateDir, ...sets];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env, PLOTNOST_DIE_AT: dieAt },
    // A session of its own, in which whatever it leaves behind is found.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  bindToUs(child);
  const pid = child.pid as number;
  const startedMs = Date.now();
  let acknowledged: Written = {};
  let signalsRefused = 0;
  let stderr = '';
  let end: End | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const status = JSON.parse(line) as StatusLine | { readonly error: string };
    if ('error' in status) return; // a start that was refused, which its exit code tells
    const { store, refused } = status;
    acknowledged = store.written ?? {};
    signalsRefused = Object.values(refused).reduce((sum, count) => sum + count, 0);
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-STDERR_MAX);
  });
  const ended = new Promise<End>((resolve) => {
    child.once('exit', (code, signal) => resolve((end = { code, signal, wallMs: Date.now() })));
  });
  return {
    pid,
    startedMs,
    ended,
    end: () => end,
    acknowledged: () => acknowledged,
    signalsRefused: () => signalsRefused,
    stderr: () => stderr,
    send: (signal) => void child.kill(signal),
    hangUp: () => void child.stdout.destroy(),
    async leftAfter(ms) {
      const until = performance.now() + ms;
      for (;;) {
        const left = leftBehind(pid, stateDir);
        if (left.length === 0 || performance.now() >= until) return left;
        await new Promise((next) => setTimeout(next, 50));
      }
    },
  };
}

/** Processes of its session, those that name its directory, and all below these. */
function leftBehind(session: number, stateDir: string): readonly string[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,sid=,stat=,args='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => {
      const [pid, parent, sid, state, ...command] = row.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), sid: Number(sid), state, command: command.join(' ') };
    })
    .filter(({ state }) => state?.startsWith('Z') === false);
  const found = rows.filter(({ sid, command }) => sid === session || command.includes(stateDir));
  for (const { pid } of found) found.push(...rows.filter((row) => row.parent === pid && !found.includes(row)));
  return found.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`);
}
