// Who is in a hurry? Bought and sold in bars under the map.
import { compact } from '../format.ts';
import { FONT_SMALL, type MapFrame } from './frame.ts';
import { drawText } from './text.ts';

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
    const wide = Math.max(1, per * step - 1);
    const ups = new Path2D();
    const downs = new Path2D();
    sums.forEach(([bought, sold], i) => {
      const x = scale.left + (start + i * per - first) * step;
      const up = largest === 0 ? 0 : (bought / largest) * reach;
      ups.rect(x, middle - up, wide, up);
      downs.rect(x, middle, wide, largest === 0 ? 0 : (sold / largest) * reach);
    });
    context.fillStyle = colours.bid;
    context.fill(ups);
    context.fillStyle = colours.ask;
    context.fill(downs);
    context.fillStyle = colours.line;
    context.fillRect(scale.left, middle - 0.5, scale.width, 1);
  });
  const ink = { font: FONT_SMALL, colour: colours.soft };
  const left = scale.left + scale.width;
  drawText(context, '▲ bought', left + 8, top + height * 0.22, ink);
  drawText(context, '▼ sold', left + 8, top + height * 0.78, ink);
  if (!frame.isNarrow) drawText(context, `max ${compact(largest)}`, left + 66, top + height * 0.5, ink);
}

function clippedStrip({ context, scale }: MapFrame, top: number, height: number, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(scale.left, top, scale.width, height);
  context.clip();
  draw();
  context.restore();
}
