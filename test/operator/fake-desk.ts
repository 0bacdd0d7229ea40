// A desk that trades at once and always gets what it wants: enough to show a page how trading looks.
import type { Ms } from '../../src/lib/brand.ts';
import { priceText, sizeText, type Instrument } from '../../src/market/instrument.ts';
import { EARNS, OPENS, CLOSES } from '../../src/market/side.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import type { DeskDigest, Happening, PositionDigest, TradeTold } from '../../src/operator/port.ts';
import type { CommandReply, CommandRequest } from '../../src/operator/page/protocol.ts';
import type { ExitReason } from '../../src/position/close/reason.ts';
import type { Mode } from '../../src/risk/mode.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';

const POSITIONS_MAX = 4;
const USDT = 250;
const START_USDT = 1_000;
const STOP_PERCENT = 0.5;
const TARGET_PERCENT = 0.25;
const HOLDING_MS = 45_000;
const FEE = 0.00055;

interface Held {
  readonly id: string;
  readonly instrument: Instrument;
  readonly side: 'long' | 'short';
  readonly strategy: 'breakout' | 'bounce';
  readonly signalId: string;
  readonly entryTick: number;
  readonly lots: number;
  readonly openedMs: number;
  readonly event: AnalysisEvent;
}

export class FakeDesk {
  /** Every command that main was told, in order: what tests count. */
  readonly commands: CommandRequest[] = [];
  /** Somebody else holds some of this symbol as well. */
  stranger: string | undefined;
  /** What is held ends by a command only. */
  isPatient = false;
  readonly #tell: (happening: Happening) => void;
  readonly #touch: (instrument: Instrument) => number | undefined;
  readonly #held = new Map<string, Held>();
  readonly #seen = new Map<string, CommandReply>();
  #mode: Mode = 'ACTIVE';
  #latch: string | undefined;
  #pausedMs: number | undefined;
  #profit = 0;
  #orders = 0;
  #executions = 0;

  /** `touch`: the mid in ticks. */
  constructor(tell: (happening: Happening) => void, touch: (instrument: Instrument) => number | undefined) {
    this.#tell = tell;
    this.#touch = touch;
  }

  get positions(): number {
    return this.#held.size;
  }

  offer(event: AnalysisEvent, instrument: Instrument, signalId: string, now: number): void {
    const { symbol } = instrument;
    const refusal =
      this.#mode !== 'ACTIVE' || this.#pausedMs !== undefined
        ? 'G01 mode'
        : this.#held.has(symbol)
          ? 'G19 same_side'
          : this.#held.size >= POSITIONS_MAX
            ? 'G18 positions'
            : undefined;
    const detail = refusal === undefined ? 'an order was sent' : `${this.#held.size} of ${POSITIONS_MAX} are open`;
    this.#tell({ kind: 'verdict', atMs: now as Ms, symbol, signalId, refusal, detail });
    const middle = this.#touch(instrument);
    if (refusal !== undefined || middle === undefined) return;
    const isLong = (event.signal === 'breakout') === (event.side === 1);
    const tick = Math.round(middle);
    const lots = Math.max(1, Math.round(USDT / (tick * instrument.notionalUnit)));
    const held: Held = {
      id: `PLE-${++this.#orders}`,
      instrument,
      side: isLong ? 'long' : 'short',
      strategy: event.signal === 'breakout' ? 'breakout' : 'bounce',
      signalId,
      entryTick: tick,
      lots,
      openedMs: now,
      event,
    };
    this.#held.set(symbol, held);
    this.#fill(held, OPENS[held.side], tick, now);
    this.#tell({ kind: 'trade', atMs: now as Ms, row: this.#row(held, undefined, undefined, now) });
    this.#say('info', 'position.opened', symbol, { side: held.side, lots }, now);
  }

  /** Stops, targets and the end of patience. */
  step(now: number): void {
    for (const held of this.#held.values()) {
      const middle = this.#touch(held.instrument);
      if (middle === undefined || this.isPatient) continue;
      const moved = ((middle - held.entryTick) * EARNS[held.side] * 100) / held.entryTick;
      if (moved <= -STOP_PERCENT) this.#close(held, 'stop_loss', middle, now);
      else if (moved >= TARGET_PERCENT) this.#close(held, 'take_profit_counter_density', middle, now);
      else if (now - held.openedMs > HOLDING_MS) this.#close(held, 'timeout', middle, now);
    }
    if (this.#mode === 'EMERGENCY' && this.#held.size === 0) this.#mode = 'HALTED';
  }

  command(command: CommandRequest, now: number): CommandReply {
    const before = this.#seen.get(command.id);
    if (before !== undefined) return before;
    this.commands.push(command);
    const answer = this.#carryOut(command, now);
    this.#seen.set(command.id, answer);
    this.#say('warning', 'command.taken', command.symbol, { id: command.id, command: command.kind }, now);
    return answer;
  }

  digest(now: number): DeskDigest {
    const equity = START_USDT + this.#profit;
    const exposure = this.#held.size * USDT;
    return {
      mode: this.#mode,
      latch: this.#latch,
      isKilled: this.#latch === 'kill_switch',
      blocks:
        this.#pausedMs === undefined
          ? []
          : [{ reason: 'operator.paused', sinceMs: this.#pausedMs as Ms, sticky: true }],
      reconciledMs: (now - 2_000) as Ms,
      positions: [
        ...[...this.#held.values()].map((held) => positionOf(held, now)),
        ...(this.stranger === undefined ? [] : [strangerOf(this.stranger)]),
      ],
      unread: [],
      positionsMax: POSITIONS_MAX,
      tooSmall: ['BTCUSDT'],
      account: {
        equity: equity.toFixed(8),
        free: (equity - exposure / 10).toFixed(8),
        dayProfit: this.#profit.toFixed(8),
        exposure: exposure.toFixed(8),
        exposureMax: '2000',
      },
      links: { rest: true, trade: true, private: true },
      ordersSent: this.#orders,
      orderRefusals: { price: 1 },
      journalRecords: this.#orders * 7,
    };
  }

  #carryOut(command: CommandRequest, now: number): CommandReply {
    switch (command.kind) {
      case 'pause':
        this.#pausedMs = now;
        return { accepted: true, text: 'entries are off, over restarts; positions are managed; `resume` lifts it' };
      case 'resume':
        this.#pausedMs = undefined;
        this.#latch = undefined;
        this.#mode = 'ACTIVE';
        return { accepted: true, text: 'cleared' };
      case 'close': {
        const held = this.#held.get(command.symbol ?? '');
        if (held === undefined) return { accepted: false, text: `no position of ours in ${command.symbol}` };
        this.#close(held, 'manual', this.#touch(held.instrument) ?? held.entryTick, now);
        return { accepted: true, text: `${command.symbol} is being closed` };
      }
      case 'flatten':
      case 'kill': {
        const count = this.#held.size;
        const reason = command.kind === 'kill' ? 'kill_switch' : 'manual';
        for (const held of this.#held.values())
          this.#close(held, reason, this.#touch(held.instrument) ?? held.entryTick, now);
        if (command.kind === 'kill') {
          this.#mode = 'EMERGENCY';
          this.#latch = 'kill_switch';
        } else this.#pausedMs = now;
        return {
          accepted: true,
          text: `${count} positions are being closed; entries are off, over restarts, until \`resume\``,
        };
      }
    }
  }

  #close(held: Held, reason: ExitReason, middle: number, now: number): void {
    const tick = Math.round(middle);
    this.#held.delete(held.instrument.symbol);
    this.#fill(held, CLOSES[held.side], tick, now);
    const row = this.#row(held, tick, reason, now);
    this.#profit += Number(row.profitLoss);
    this.#tell({ kind: 'trade', atMs: now as Ms, row });
    this.#say('info', 'position.closed', held.instrument.symbol, { reason, profit: row.profitLoss ?? '' }, now);
  }

  #fill(held: Held, side: 'buy' | 'sell', tick: number, now: number): void {
    const { instrument } = held;
    const price = priceText(tick as Tick, instrument);
    const size = sizeText(held.lots as Lot, instrument);
    const row = { execId: `x${++this.#executions}`, tradeId: held.id, timeMs: now as Ms, symbol: instrument.symbol };
    this.#tell({ kind: 'execution', atMs: now as Ms, row: { ...row, side, price, size, kind: 'trade' } });
  }

  #row(held: Held, exitTick: number | undefined, exitReason: ExitReason | undefined, now: number): TradeTold {
    const { instrument, entryTick, lots, side } = held;
    const worth = (tick: number): number => tick * lots * instrument.notionalUnit;
    const fees = worth(entryTick) * FEE * (exitTick === undefined ? 1 : 2);
    const gross = exitTick === undefined ? 0 : (worth(exitTick) - worth(entryTick)) * EARNS[side];
    return {
      id: held.id,
      symbol: instrument.symbol,
      side,
      signalType: held.strategy,
      signalId: held.signalId,
      entryMs: held.openedMs as Ms,
      entryPrice: priceText(entryTick as Tick, instrument),
      size: sizeText(lots as Lot, instrument),
      stopLossPrice: stopOf(held),
      exitMs: exitTick === undefined ? undefined : (now as Ms),
      exitPrice: exitTick === undefined ? undefined : priceText(exitTick as Tick, instrument),
      fees: fees.toFixed(8),
      funding: '0',
      profitLoss: exitTick === undefined ? undefined : (gross - fees).toFixed(8),
      profitLossPercent: exitTick === undefined ? undefined : (((gross - fees) / worth(entryTick)) * 100).toFixed(4),
      exitReason,
    };
  }

  #say(
    level: 'info' | 'warning',
    name: string,
    symbol: string | undefined,
    fields: Readonly<Record<string, string | number>>,
    now: number,
  ): void {
    this.#tell({ kind: 'told', atMs: now as Ms, level, name, symbol, fields });
    const time = new Date(now).toISOString();
    const line = JSON.stringify({ level: level === 'info' ? 'info' : 'warn', time, symbol, ...fields, event: name });
    this.#tell({ kind: 'log', atMs: now as Ms, line: `${line}\n` });
  }
}

function stopOf({ entryTick, side, instrument }: Held): string {
  const tick = Math.round(entryTick * (1 - (STOP_PERCENT / 100) * EARNS[side]));
  return priceText(tick as Tick, instrument);
}

function positionOf(held: Held, now: number): PositionDigest {
  const { instrument, event, side } = held;
  const price = (tick: number): string => priceText(tick as Tick, instrument);
  // The stop of a new one is on its way for a moment.
  const isYoung = now - held.openedMs < 1_500;
  return {
    symbol: instrument.symbol,
    state: isYoung ? 'unprotected' : 'protected',
    side,
    size: sizeText(held.lots as Lot, instrument),
    foreignSize: '0',
    entryPrice: price(held.entryTick),
    stop: { price: stopOf(held), by: 'mark', isConfirmed: !isYoung },
    isBreakeven: false,
    nakedSinceMs: undefined,
    strategy: held.strategy,
    tradeId: held.id,
    signalId: held.signalId,
    openedMs: held.openedMs as Ms,
    expiresMs: (held.openedMs + HOLDING_MS) as Ms,
    leverage: 10,
    wall: {
      side: event.side === 0 ? 'bid' : 'ask',
      low: price(event.low),
      high: price(event.high),
    },
    entryOrder: undefined,
    closing: undefined,
  };
}

function strangerOf(symbol: string): PositionDigest {
  return {
    symbol,
    state: 'foreign',
    side: undefined,
    size: '0',
    foreignSize: '0.25',
    entryPrice: undefined,
    stop: undefined,
    isBreakeven: false,
    nakedSinceMs: undefined,
    strategy: undefined,
    tradeId: undefined,
    signalId: undefined,
    openedMs: undefined,
    expiresMs: undefined,
    leverage: undefined,
    wall: undefined,
    entryOrder: undefined,
    closing: undefined,
  };
}
