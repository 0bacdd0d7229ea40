// What happened on the map? Trades as dots, signals as arrowheads, fills and the lines of an open position.
import type { SignalView } from '../../operator/protocol.ts';
import { clockMs, compact, priceOf, signedPercent, words } from '../format.ts';
import { xOf, yOf } from '../scale.ts';
import { clipped, FONT_BOLD, FONT_SMALL, type MapFrame, type Spot } from './frame.ts';

const DOTS_MAX = 260;
const DOT_MAX = 9;
const DOT_MIN = 1.5;

/** The touch of every column: where the book parted. */
export function drawTouch(frame: MapFrame): void {
  const { context, scale, columns, colours, first, shown } = frame;
  const step = scale.width / shown;
  clipped(frame, () => {
    context.lineWidth = 1.5;
    context.setLineDash([]);
    for (const [ticks, colour, over] of [
      [columns.bid, colours.bid, 0],
      [columns.ask, colours.ask, 1],
    ] as const) {
      context.strokeStyle = colour;
      context.beginPath();
      let isDown = false;
      let last = NaN;
      for (let i = 0; i < shown; i++) {
        const number = first + i;
        const tick = columns.has(number) ? (ticks[columns.place(number)] as number) : 0;
        if (tick === 0) {
          isDown = false;
          continue;
        }
        const x = scale.left + i * step;
        const y = yOf(scale, tick + (1 - over));
        if (!isDown) context.moveTo(x, y);
        else if (y !== last) {
          context.lineTo(x, last);
          context.lineTo(x, y);
        }
        if (i === shown - 1) context.lineTo(x + step, y);
        last = y;
        isDown = true;
      }
      context.stroke();
    }
  });
}

/** Bought: a circle. Sold: a diamond. Area by size; where there are too many the smallest are left out. */
export function drawTrades(frame: MapFrame): void {
  const { context, scale, columns, colours, first, shown } = frame;
  const step = scale.width / shown;
  const sizes: number[] = [];
  for (let i = 0; i < shown; i++) {
    const number = first + i;
    if (!columns.has(number)) continue;
    const at = 2 * columns.place(number);
    for (const side of [0, 1]) {
      const usdt = columns.traded[at + side] as number;
      if (usdt > 0) sizes.push(usdt);
    }
  }
  if (sizes.length === 0) return;
  sizes.sort((a, b) => b - a);
  const least = sizes[Math.min(DOTS_MAX, sizes.length) - 1] as number;
  const largest = sizes[Math.min(4, sizes.length - 1)] as number;
  clipped(frame, () => {
    for (const side of [0, 1] as const) {
      context.beginPath();
      for (let i = 0; i < shown; i++) {
        const number = first + i;
        if (!columns.has(number)) continue;
        const at = 2 * columns.place(number) + side;
        const usdt = columns.traded[at] as number;
        if (usdt < least || usdt === 0) continue;
        const x = scale.left + (i + 0.5) * step;
        const y = yOf(scale, (columns.tradedTick[at] as number) + 0.5);
        dot(context, side, x, y, Math.max(DOT_MIN, Math.min(1, Math.sqrt(usdt / largest)) * DOT_MAX));
      }
      context.globalAlpha = 0.42;
      context.fillStyle = side === 0 ? colours.bid : colours.ask;
      context.fill();
      context.globalAlpha = 0.8;
      context.lineWidth = 0.75;
      context.strokeStyle = side === 0 ? colours.bid : colours.ask;
      context.stroke();
      context.globalAlpha = 1;
    }
  });
}

function dot(context: CanvasRenderingContext2D, side: 0 | 1, x: number, y: number, radius: number): void {
  if (side === 0) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const reach = radius * 1.25;
  context.moveTo(x, y - reach);
  context.lineTo(x + reach, y);
  context.lineTo(x, y + reach);
  context.lineTo(x - reach, y);
  context.closePath();
}

const OUTCOMES = { ordered: 'ordered', offered: 'offered', refused: 'refused', candidate: 'criterion failed' } as const;

/** An arrowhead in the direction of the trade: full where it was offered, empty where it was not, crossed out where refused. */
export function drawSignals(frame: MapFrame, spots: Spot[]): void {
  const { context, scale, colours } = frame;
  const { tickSize, priceDecimals } = frame.watching.grid;
  clipped(frame, () => {
    for (const signal of frame.signals) {
      if (signal.outcome === 'candidate' || signal.atMs < scale.fromMs) continue;
      const x = xOf(scale, signal.atMs);
      const isLong = signal.direction === 'long';
      const y = yOf(scale, signal.mid) + (isLong ? 15 : -15);
      const colour = isLong ? colours.bid : colours.ask;
      const way = isLong ? -1 : 1;
      context.beginPath();
      context.moveTo(x, y + way * 8);
      context.lineTo(x + 7, y - way * 6);
      context.lineTo(x - 7, y - way * 6);
      context.closePath();
      context.fillStyle = signal.outcome === 'refused' ? colours.panel : colour;
      context.fill();
      context.strokeStyle = signal.outcome === 'refused' ? colours.soft : colours.ink;
      context.lineWidth = 1.5;
      context.stroke();
      if (signal.outcome === 'refused') {
        context.beginPath();
        context.moveTo(x - 8, y + 8);
        context.lineTo(x + 8, y - 8);
        context.stroke();
      }
      context.font = FONT_SMALL;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillStyle = colours.text;
      context.fillText(signal.kind === 'breakout' ? 'break' : 'bounce', x, y - way * 14);
      const lines = signalLines(signal, tickSize, priceDecimals);
      spots.push({ left: x - 9, right: x + 9, top: y - 11, bottom: y + 11, lines });
    }
  });
}

function signalLines(signal: SignalView, tickSize: number, decimals: number): string[] {
  const passed = signal.criteria.filter((criterion) => criterion.passed).length;
  const why = signal.refusal === undefined ? [] : [`why not: ${words(signal.refusal)}`];
  return [
    `${signal.kind} ${signal.direction} at ${priceOf(signal.mid, tickSize, decimals)}`,
    `${OUTCOMES[signal.outcome]} · ${clockMs(signal.atMs)}`,
    `${passed} of ${signal.criteria.length} criteria, priority ${signal.priority}`,
    ...why,
  ];
}

export function drawFills(frame: MapFrame, spots: Spot[]): void {
  const { context, scale, colours } = frame;
  const { tickSize, priceDecimals } = frame.watching.grid;
  clipped(frame, () => {
    for (const fill of frame.fills) {
      if (fill.atMs < scale.fromMs) continue;
      const x = xOf(scale, fill.atMs);
      const y = yOf(scale, fill.price / tickSize + 0.5);
      const isBuy = fill.side === 'buy';
      context.beginPath();
      context.roundRect(x - 7, y - 7, 14, 14, 3);
      context.fillStyle = colours.panel;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = isBuy ? colours.bid : colours.ask;
      context.stroke();
      context.font = FONT_BOLD;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillStyle = colours.text;
      context.fillText(isBuy ? 'B' : 'S', x, y + 1);
      const lines = [
        `${fill.side} ${fill.size} at ${fill.price.toFixed(priceDecimals)}`,
        `${words(fill.kind)} · ${clockMs(fill.atMs)}`,
      ];
      spots.push({ left: x - 10, right: x + 10, top: y - 10, bottom: y + 10, lines });
    }
  });
}

/** Entry and stop of the open position, across the plot and at the price axis. */
export function drawPosition(frame: MapFrame): void {
  const { context, scale, colours, position } = frame;
  if (position === undefined) return;
  const { tickSize } = frame.watching.grid;
  const line = (price: string | undefined, colour: string, dash: number[], text: string): void => {
    if (price === undefined) return;
    const y = yOf(scale, Number(price) / tickSize + 0.5);
    if (y < scale.top || y > scale.top + scale.height) return;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(scale.left, y);
    context.lineTo(scale.left + scale.width, y);
    context.stroke();
    context.setLineDash([]);
    context.font = FONT_BOLD;
    const wide = context.measureText(text).width + 10;
    context.fillStyle = colours.panel;
    context.fillRect(scale.left + 4, y - 9, wide, 18);
    context.strokeRect(scale.left + 4, y - 9, wide, 18);
    context.fillStyle = colours.text;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(text, scale.left + 9, y + 0.5);
    context.fillStyle = colour;
    context.fillRect(frame.axisLeft, y - 8, frame.width - frame.axisLeft, 16);
    context.fillStyle = colours.panel;
    context.fillText(price, frame.axisLeft + 6, y + 0.5);
  };
  const profit = position.profitPercent === undefined ? '' : ` ${signedPercent(position.profitPercent)}`;
  line(position.entryPrice, colours.accent, [], `${position.side ?? ''} ${position.size} ${profit}`.trim());
  const state = position.stopState === 'confirmed' ? '' : ` (${position.stopState})`;
  line(position.stop, colours.danger, [8, 4], `${position.isBreakeven ? 'stop at entry' : 'stop'}${state}`);
}

/** Bought above, sold below the middle, added up over a twentieth of what shows. */
export function drawFlow(frame: MapFrame, top: number, height: number): void {
  const { context, scale, columns, colours, first, shown } = frame;
  const bars = Math.max(10, Math.round(scale.width / 7));
  const per = Math.max(1, Math.round(shown / bars));
  const sums: [number, number][] = [];
  let largest = 0;
  // Whole groups by number: a bar keeps its trades as the map moves on.
  const start = Math.floor(first / per) * per;
  for (let from = start; from < first + shown; from += per) {
    const sum: [number, number] = [0, 0];
    for (let number = from; number < from + per; number++) {
      if (!columns.has(number)) continue;
      const at = 2 * columns.place(number);
      sum[0] += columns.traded[at] as number;
      sum[1] += columns.traded[at + 1] as number;
    }
    largest = Math.max(largest, sum[0], sum[1]);
    sums.push(sum);
  }
  const middle = top + height / 2;
  const reach = height / 2 - 2;
  const step = scale.width / shown;
  clippedStrip(frame, top, height, () => {
    sums.forEach(([bought, sold], i) => {
      const x = scale.left + (start + i * per - first) * step;
      const wide = Math.max(1, per * step - 1);
      context.fillStyle = colours.bid;
      const up = largest === 0 ? 0 : (bought / largest) * reach;
      context.fillRect(x, middle - up, wide, up);
      context.fillStyle = colours.ask;
      const down = largest === 0 ? 0 : (sold / largest) * reach;
      context.fillRect(x, middle, wide, down);
    });
    context.fillStyle = colours.line;
    context.fillRect(scale.left, middle - 0.5, scale.width, 1);
  });
  context.font = FONT_SMALL;
  context.fillStyle = colours.soft;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(`▲ bought`, scale.left + scale.width + 8, top + height * 0.22);
  context.fillText(`▼ sold`, scale.left + scale.width + 8, top + height * 0.78);
  if (!frame.isNarrow) context.fillText(`max ${compact(largest)}`, scale.left + scale.width + 66, top + height * 0.5);
}

function clippedStrip({ context, scale }: MapFrame, top: number, height: number, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(scale.left, top, scale.width, height);
  context.clip();
  draw();
  context.restore();
}
