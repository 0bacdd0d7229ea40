// How is the end of a density drawn? Its band is closed, with a mark and a word for what became of it.
import type { EndingView } from '../../operator/page/protocol-events.ts';
import { compact, duration, words } from '../format.ts';
import { xOf } from '../scale.ts';
import { addBand, bandOf, rangeText } from './band.ts';
import { clipped, FONT_SMALL, type MapFrame, type Spot } from './frame.ts';
import { drawText, widthOf } from './text.ts';

/** Shorter lives are told by the list, not on the map. */
const ENDED_PIXELS_MIN = 3;
const ENDED_MAX = 60;
const NAMED_MAX = 10;
const MARK = 7;

export interface End {
  readonly ending: EndingView;
  readonly x: number;
  readonly y: number;
}

export function drawEndings(frame: MapFrame, spots: Spot[]): readonly End[] {
  const { scale, watching } = frame;
  const { tickSize, priceDecimals } = watching.grid;
  const bands = { bid: new Path2D(), ask: new Path2D() };
  const ends: End[] = [];
  const recent = frame.endings.filter(
    (ending) => ending.atMs > scale.fromMs && ending.high >= scale.low && ending.low <= scale.high,
  );
  for (const ending of recent.slice(-ENDED_MAX)) {
    const { top, bottom } = bandOf(frame, ending);
    const left = Math.max(scale.left, xOf(scale, ending.firstSeenMs));
    const right = xOf(scale, ending.atMs);
    if (right - left < ENDED_PIXELS_MIN) continue;
    addBand(bands[ending.side], left, right, top, bottom, true);
    ends.push({ ending, x: right, y: (top + bottom) / 2 });
    const lines = (): string[] => endingLines(ending, tickSize, priceDecimals);
    spots.push({ left, right: right + 12, top: top - 3, bottom: bottom + 3, lines });
  }
  clipped(frame, () => {
    const { context, colours } = frame;
    context.setLineDash([]);
    for (const side of ['bid', 'ask'] as const) {
      context.strokeStyle = colours[side];
      context.lineWidth = 1;
      context.globalAlpha = 0.5;
      context.stroke(bands[side]);
      context.globalAlpha = 1;
      drawMarks(
        frame,
        ends.filter(({ ending }) => ending.side === side),
        colours[side],
      );
    }
  });
  return ends;
}

/** Eaten: a full square. Pulled: an empty one. Anything else: a bar. The word beside it says the same. */
function drawMarks({ context, colours }: MapFrame, ends: readonly End[], colour: string): void {
  const full = new Path2D();
  const empty = new Path2D();
  const bar = new Path2D();
  for (const { ending, x, y } of ends) {
    if (ending.label === 'eaten') full.rect(x - MARK / 2, y - MARK / 2, MARK, MARK);
    else if (ending.label === 'pulled') empty.rect(x - MARK / 2, y - MARK / 2, MARK, MARK);
    else {
      bar.moveTo(x, y - MARK / 2 - 1);
      bar.lineTo(x, y + MARK / 2 + 1);
    }
  }
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.fill(full);
  context.fillStyle = colours.panel;
  context.fill(empty);
  context.stroke(empty);
  context.stroke(bar);
}

/** The largest say how they ended, as long as no word covers another; the pointer tells the rest. */
export function nameEnds({ context, colours, scale, isNarrow, labelsLeft }: MapFrame, ends: readonly End[]): void {
  const taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  const largest = ends.toSorted((a, b) => b.ending.peak - a.ending.peak).slice(0, 2 * NAMED_MAX);
  for (const { ending, x, y } of largest) {
    if (taken.length === NAMED_MAX) return;
    const text = `${words(ending.label)} ${compact(ending.peak)}`;
    const wide = widthOf(FONT_SMALL, text) + 6;
    const left = x + 7 + wide > scale.left + scale.width ? x - 7 - wide : x + 7;
    // On a phone the labels of what lives lie over the plot.
    if (isNarrow && left + wide > labelsLeft) continue;
    const isFree = taken.every((one) => Math.abs(one.y - y) > 15 || one.left > left + wide || one.right < left);
    if (!isFree) continue;
    taken.push({ left, right: left + wide, y });
    context.globalAlpha = 0.82;
    context.fillStyle = colours.panel;
    context.fillRect(left, y - 7, wide, 14);
    context.globalAlpha = 1;
    drawText(context, text, left + 3, y + 0.5, { font: FONT_SMALL, colour: colours.text });
  }
}

function endingLines(ending: EndingView, tickSize: number, decimals: number): string[] {
  return [
    `${ending.side} density ${rangeText(ending.low, ending.high, tickSize, decimals)}`,
    `ended: ${words(ending.label)} after ${duration(ending.atMs - ending.firstSeenMs)}`,
    `${compact(ending.peak)} USDT at its peak, ${ending.touches} touches`,
    `eaten ${compact(ending.eaten)} · pulled ${compact(ending.pulled)} · refilled ${compact(ending.refilled)}`,
  ];
}
