// Where did it trade? The touch of every column, and what was taken from it as dots.
import { yOf } from '../scale.ts';
import { clipped, type MapFrame } from './frame.ts';

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
  // Of numbers alone, this sort asks no function.
  const rising = Float64Array.from(sizes).sort();
  const least = rising[Math.max(0, rising.length - DOTS_MAX)] as number;
  const largest = rising[Math.max(0, rising.length - 5)] as number;
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
