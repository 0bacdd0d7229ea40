// Who is in a hurry? Bought and sold in bars under the map.
import { compact } from '../format.ts';
import { FONT_SMALL, type MapFrame } from './frame.ts';

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
