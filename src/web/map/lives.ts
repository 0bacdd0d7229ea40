// How is a density drawn? As a band as long as its life, with a label that says how large, how old, and where its size went.
import type { EndingView, LifeView } from '../../operator/protocol.ts';
import { age, compact, duration, priceOf, words } from '../format.ts';
import { spread, xOf, yOf, type Label } from '../scale.ts';
import { clipped, FONT_BOLD, FONT_SMALL, type MapFrame, type Spot } from './frame.ts';

const LABEL_HEIGHT = 29;
const LABELS_MAX = 9;
const BAND_MIN = 4;
const DASHES = { forming: [2, 3], confirmed: [], eroding: [7, 3], gone: [2, 5] } as const;

/** Shorter lives are told by the list, not on the map. */
const ENDED_PIXELS_MIN = 3;
const ENDED_MAX = 80;
const ENDS_NAMED_MAX = 12;

interface End {
  readonly ending: EndingView;
  readonly x: number;
  readonly y: number;
}

export function drawEndings(frame: MapFrame, spots: Spot[]): void {
  const { context, scale, colours, watching } = frame;
  const recent = frame.endings.filter(
    (ending) => ending.atMs > scale.fromMs && ending.high >= scale.low && ending.low <= scale.high,
  );
  const ends: End[] = [];
  clipped(frame, () => {
    for (const ending of recent.slice(-ENDED_MAX)) {
      const { top, bottom } = bandOf(frame, ending);
      const left = Math.max(scale.left, xOf(scale, ending.firstSeenMs));
      const right = xOf(scale, ending.atMs);
      if (right - left < ENDED_PIXELS_MIN) continue;
      context.globalAlpha = 0.5;
      context.strokeStyle = ending.side === 'bid' ? colours.bid : colours.ask;
      context.lineWidth = 1;
      context.setLineDash([]);
      context.beginPath();
      context.moveTo(left, top);
      context.lineTo(right, top);
      context.lineTo(right, bottom);
      context.lineTo(left, bottom);
      context.stroke();
      context.globalAlpha = 1;
      drawEnd(frame, ending, right, (top + bottom) / 2);
      ends.push({ ending, x: right, y: (top + bottom) / 2 });
      const lines = endingLines(ending, watching.grid.tickSize, watching.grid.priceDecimals);
      spots.push({ left, right: right + 12, top: top - 3, bottom: bottom + 3, lines });
    }
    nameEnds(frame, ends);
  });
}

/** Eaten: a full square. Pulled: an empty one. Anything else: a bar. The word beside it says the same. */
function drawEnd({ context, colours }: MapFrame, ending: EndingView, x: number, y: number): void {
  const size = 7;
  context.fillStyle = colours.panel;
  context.strokeStyle = ending.side === 'bid' ? colours.bid : colours.ask;
  context.lineWidth = 1.5;
  if (ending.label === 'eaten') {
    context.fillStyle = context.strokeStyle;
    context.fillRect(x - size / 2, y - size / 2, size, size);
  } else if (ending.label === 'pulled') {
    context.fillRect(x - size / 2, y - size / 2, size, size);
    context.strokeRect(x - size / 2, y - size / 2, size, size);
  } else {
    context.beginPath();
    context.moveTo(x, y - size / 2 - 1);
    context.lineTo(x, y + size / 2 + 1);
    context.stroke();
  }
}

/** The largest say how they ended, as long as no word covers another; the pointer tells the rest. */
function nameEnds({ context, colours, scale }: MapFrame, ends: End[]): void {
  const taken: { readonly left: number; readonly right: number; readonly y: number }[] = [];
  context.font = FONT_SMALL;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const { ending, x, y } of ends.toSorted((a, b) => b.ending.peak - a.ending.peak)) {
    if (taken.length === ENDS_NAMED_MAX) return;
    const text = `${words(ending.label)} ${compact(ending.peak)}`;
    const wide = context.measureText(text).width + 6;
    const left = x + 7 + wide > scale.left + scale.width ? x - 7 - wide : x + 7;
    const isFree = taken.every((one) => Math.abs(one.y - y) > 15 || one.left > left + wide || one.right < left);
    if (!isFree) continue;
    taken.push({ left, right: left + wide, y });
    context.globalAlpha = 0.82;
    context.fillStyle = colours.panel;
    context.fillRect(left, y - 7, wide, 14);
    context.globalAlpha = 1;
    context.fillStyle = colours.text;
    context.fillText(text, left + 3, y + 0.5);
  }
}

/** Most of it is still there: what is left of the others is no wall any more, only the memory of one. */
function isLarge({ current, peak }: LifeView): boolean {
  return current >= 0.35 * peak;
}

export function drawLives(frame: MapFrame, spots: Spot[]): void {
  const { context, scale, colours, watching } = frame;
  const shown = frame.lives.filter((life) => life.state !== 'gone' && life.high >= scale.low && life.low <= scale.high);
  clipped(frame, () => {
    for (const life of shown) {
      const { top, bottom } = bandOf(frame, life);
      const left = Math.max(scale.left - 2, xOf(scale, life.firstSeenMs));
      const right = scale.left + scale.width;
      const colour = life.side === 'bid' ? colours.bid : colours.ask;
      context.strokeStyle = colour;
      context.globalAlpha = isLarge(life) ? 1 : 0.45;
      context.lineWidth = life.state === 'forming' || !isLarge(life) ? 1 : 1.5;
      context.setLineDash(DASHES[life.state]);
      context.beginPath();
      context.moveTo(right, top);
      context.lineTo(left, top);
      context.lineTo(left, bottom);
      context.lineTo(right, bottom);
      context.stroke();
    }
    context.setLineDash([]);
    context.globalAlpha = 1;
  });
  const room = Math.min(LABELS_MAX, Math.floor(scale.height / LABEL_HEIGHT));
  const largest = shown
    .filter((life) => life.state !== 'forming' && isLarge(life))
    .toSorted((a, b) => b.current - a.current)
    .slice(0, room);
  const labels = largest.map((life): Label<LifeView> => {
    const { top, bottom } = bandOf(frame, life);
    return { item: life, at: (top + bottom) / 2, y: 0 };
  });
  spread(labels, LABEL_HEIGHT, scale.top, scale.top + scale.height);
  for (const label of labels) {
    drawLabel(frame, label);
    const { top, bottom } = bandOf(frame, label.item);
    const lines = lifeLines(label.item, watching.grid.tickSize, watching.grid.priceDecimals, scale.toMs);
    const left = Math.max(scale.left, xOf(scale, label.item.firstSeenMs));
    spots.push({ left, right: scale.left + scale.width, top: top - 2, bottom: bottom + 2, lines });
    spots.push({
      left: frame.labelsLeft,
      right: frame.axisLeft,
      top: label.y - LABEL_HEIGHT / 2,
      bottom: label.y + LABEL_HEIGHT / 2,
      lines,
    });
  }
}

function drawLabel(frame: MapFrame, { item: life, at, y }: Label<LifeView>): void {
  const { context, colours, scale, labelsLeft, labelsWidth } = frame;
  const colour = life.side === 'bid' ? colours.bid : colours.ask;
  const left = labelsLeft + 9;
  const width = labelsWidth - 13;
  const top = y - LABEL_HEIGHT / 2 + 1.5;
  const height = LABEL_HEIGHT - 3;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (!frame.isNarrow) {
    context.beginPath();
    context.moveTo(scale.left + scale.width, at);
    context.lineTo(left, y);
    context.stroke();
  }
  context.globalAlpha = frame.isNarrow ? 0.86 : 1;
  context.fillStyle = colours.panel;
  context.fillRect(left, top, width, height);
  context.globalAlpha = 1;
  context.fillStyle = colour;
  context.fillRect(left, top, 3, height);
  context.textBaseline = 'middle';
  context.font = FONT_BOLD;
  context.textAlign = 'left';
  context.fillStyle = colours.text;
  const name = life.side === 'bid' ? 'B' : 'A';
  context.fillText(`${name} ${compact(life.current)}`, left + 8, top + 8);
  context.font = FONT_SMALL;
  context.fillStyle = colours.soft;
  context.textAlign = 'right';
  context.fillText(age(scale.toMs - life.firstSeenMs), left + width - 4, top + 8);
  context.textAlign = 'left';
  context.fillText(fateText(life), left + 8, top + 19);
}

/** What is left of it, and where most of the rest went. */
function fateText({ state, current, peak, eaten, pulled }: LifeView): string {
  const left = peak > 0 ? Math.round((current / peak) * 100) : 100;
  if (left >= 99 || eaten + pulled === 0) return state === 'confirmed' ? 'stands' : state;
  return `${left} % · ${eaten >= pulled ? 'eaten' : 'pulled'}`;
}

/** On whole rows: the band holds the cells that the heat is in. */
function bandOf(
  frame: MapFrame,
  { low, high }: { readonly low: number; readonly high: number },
): {
  top: number;
  bottom: number;
} {
  const { bucketTicks } = frame.watching;
  const top = yOf(frame.scale, (Math.floor(high / bucketTicks) + 1) * bucketTicks);
  const bottom = yOf(frame.scale, Math.floor(low / bucketTicks) * bucketTicks);
  const missing = Math.max(0, BAND_MIN - (bottom - top)) / 2;
  return { top: Math.round(top - missing) - 0.5, bottom: Math.round(bottom + missing) + 0.5 };
}

function rangeText(low: number, high: number, tickSize: number, decimals: number): string {
  const from = priceOf(low, tickSize, decimals);
  return low === high ? from : `${from} … ${priceOf(high, tickSize, decimals)}`;
}

export function lifeLines(life: LifeView, tickSize: number, decimals: number, nowMs: number): string[] {
  const flags = [life.isCluster ? 'cluster' : '', life.isRound ? 'round price' : '', life.inView ? '' : 'out of view'];
  return [
    `${life.side} density ${rangeText(life.low, life.high, tickSize, decimals)}`,
    [life.state, ...flags].filter((word) => word !== '').join(' · '),
    `${compact(life.current)} USDT of ${compact(life.peak)} at its peak`,
    `${life.relative.toFixed(1)} × its neighbours, ${life.sharePercent.toFixed(1)} % of the side`,
    `age ${duration(nowMs - life.firstSeenMs)}, ${life.touches} touches`,
    `eaten ${compact(life.eaten)} · pulled ${compact(life.pulled)} · refilled ${compact(life.refilled)}`,
  ];
}

function endingLines(ending: EndingView, tickSize: number, decimals: number): string[] {
  return [
    `${ending.side} density ${rangeText(ending.low, ending.high, tickSize, decimals)}`,
    `ended: ${words(ending.label)} after ${duration(ending.atMs - ending.firstSeenMs)}`,
    `${compact(ending.peak)} USDT at its peak, ${ending.touches} touches`,
    `eaten ${compact(ending.eaten)} · pulled ${compact(ending.pulled)} · refilled ${compact(ending.refilled)}`,
  ];
}
