// Which price and which time? Lines that are round numbers, the mid where it is now, and where the book was not to be believed.
import { clock, priceOf } from '../format.ts';
import { roundStep, timeStep, xOf, yOf } from '../scale.ts';
import { LIVE_TRUST } from './columns.ts';
import { clipped, FONT, FONT_BOLD, FONT_SMALL, type MapFrame } from './frame.ts';
import { drawText } from './text.ts';

const PRICE_LINE_PIXELS = 46;
const TIME_LINE_PIXELS = 92;

export function drawGrid(frame: MapFrame): void {
  const { context, scale, colours } = frame;
  context.strokeStyle = colours.soft;
  context.globalAlpha = 0.13;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of priceLines(frame)) {
    const y = Math.round(yOf(scale, tick)) + 0.5;
    context.moveTo(scale.left, y);
    context.lineTo(scale.left + scale.width, y);
  }
  for (const ms of timeLines(frame)) {
    const x = Math.round(xOf(scale, ms)) + 0.5;
    context.moveTo(x, scale.top);
    context.lineTo(x, scale.top + scale.height);
  }
  context.stroke();
  context.globalAlpha = 1;
}

export function drawAxes(frame: MapFrame, timeTop: number): void {
  const { context, scale, colours, axisLeft } = frame;
  const { tickSize, priceDecimals } = frame.watching.grid;
  const soft = { font: FONT, colour: colours.soft };
  for (const tick of priceLines(frame)) {
    drawText(context, priceOf(tick, tickSize, priceDecimals), axisLeft + 6, yOf(scale, tick), soft);
  }
  const withSeconds = !frame.isNarrow || scale.toMs - scale.fromMs < 60_000;
  for (const ms of timeLines(frame)) {
    const x = xOf(scale, ms);
    if (x < scale.left + 24 || x > scale.left + scale.width - 24) continue;
    drawText(context, clock(ms, withSeconds), x, timeTop + 9, { ...soft, align: 'center' });
  }
  const { middle } = frame.columns;
  if (middle === undefined) return;
  const y = yOf(scale, middle / 2 + 0.5);
  if (y < scale.top || y > scale.top + scale.height) return;
  context.fillStyle = colours.text;
  context.beginPath();
  context.moveTo(axisLeft, y);
  context.lineTo(axisLeft + 5, y - 9);
  context.lineTo(frame.width, y - 9);
  context.lineTo(frame.width, y + 9);
  context.lineTo(axisLeft + 5, y + 9);
  context.fill();
  const price = priceOf(middle / 2, tickSize, priceDecimals);
  drawText(context, price, axisLeft + 8, y + 0.5, { font: FONT_BOLD, colour: colours.paper });
}

/** Hatched: nobody knows what stood there then. */
export function drawDoubt(frame: MapFrame): void {
  const { context, scale, columns, colours, first, shown } = frame;
  const step = scale.width / shown;
  let from = -1;
  clipped(frame, () => {
    for (let i = 0; i <= shown; i++) {
      const number = first + i;
      const isDoubtful =
        i < shown && columns.has(number) && (columns.trust[columns.place(number)] as number) !== LIVE_TRUST;
      if (isDoubtful && from < 0) from = i;
      if (isDoubtful || from < 0) continue;
      hatch(context, scale.left + from * step, scale.top, (i - from) * step, scale.height, colours.warn);
      if ((i - from) * step > 40) {
        const ink = { font: FONT_SMALL, colour: colours.warn };
        drawText(context, 'no live book', scale.left + from * step + 4, scale.top + 10, ink);
      }
      from = -1;
    }
  });
}

function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: string,
): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.3;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height; x < left + width; x += 9) {
    context.moveTo(x, top + height);
    context.lineTo(x + height, top);
  }
  context.stroke();
  context.restore();
}

function priceLines({ scale, watching }: MapFrame): number[] {
  const { tickSize } = watching.grid;
  const lines = Math.max(2, Math.floor(scale.height / PRICE_LINE_PIXELS));
  const step = Math.max(1, Math.round(roundStep((scale.high - scale.low) * tickSize, lines) / tickSize));
  const found: number[] = [];
  for (let tick = Math.ceil(scale.low / step) * step; tick < scale.high; tick += step) found.push(tick);
  return found;
}

function timeLines({ scale }: MapFrame): number[] {
  const step = timeStep(scale.toMs - scale.fromMs, Math.max(2, Math.floor(scale.width / TIME_LINE_PIXELS)));
  const found: number[] = [];
  for (let ms = Math.ceil(scale.fromMs / step) * step; ms < scale.toMs; ms += step) found.push(ms);
  return found;
}
