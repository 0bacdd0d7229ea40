// How is a density drawn? As a band as long as its life, with a label that says how large, how old, and where its size went.
import type { LifeView } from '../../operator/page/protocol-market.ts';
import { WALL_PART } from '../book-view.ts';
import { age, compact, duration } from '../format.ts';
import { spread, xOf, type Label } from '../scale.ts';
import { addBand, bandOf, rangeText } from './band.ts';
import { clipped, FONT_BOLD, FONT_SMALL, type MapFrame, type Spot } from './frame.ts';
import { drawText } from './text.ts';

const LABEL_HEIGHT = 29;
const LABELS_MAX = 9;
/** On a phone they lie over the newest columns. */
const LABELS_NARROW_MAX = 4;
const DASHES = { forming: [2, 3], confirmed: [], eroding: [7, 3], gone: [2, 5] } as const;

/** Most of it is still there: what is left of the others is no wall any more, only the memory of one. */
function isLarge({ current, peak }: LifeView): boolean {
  return current >= WALL_PART * peak;
}

export function drawLives(frame: MapFrame, spots: Spot[]): void {
  const { scale, watching } = frame;
  const { tickSize, priceDecimals } = watching.grid;
  const shown = frame.lives.filter((life) => life.state !== 'gone' && life.high >= scale.low && life.low <= scale.high);
  const right = scale.left + scale.width;
  const paths = new Map<string, { readonly life: LifeView; readonly path: Path2D }>();
  for (const life of shown) {
    const { top, bottom } = bandOf(frame, life);
    const left = Math.max(scale.left - 2, xOf(scale, life.firstSeenMs));
    const kind = `${life.side} ${life.state} ${String(isLarge(life))}`;
    const drawn = paths.get(kind) ?? { life, path: new Path2D() };
    paths.set(kind, drawn);
    addBand(drawn.path, left, right, top, bottom, false);
    const lines = (): string[] => lifeLines(life, tickSize, priceDecimals, scale.toMs);
    spots.push({ left, right, top: top - 2, bottom: bottom + 2, lines });
  }
  clipped(frame, () => {
    const { context, colours } = frame;
    for (const { life, path } of paths.values()) {
      const isWall = isLarge(life);
      context.strokeStyle = colours[life.side];
      context.globalAlpha = isWall ? 1 : 0.45;
      context.lineWidth = life.state === 'forming' || !isWall ? 1 : 1.5;
      context.setLineDash(DASHES[life.state]);
      context.stroke(path);
    }
  });
  drawLabels(frame, shown, spots);
}

function drawLabels(frame: MapFrame, shown: readonly LifeView[], spots: Spot[]): void {
  const { scale, watching } = frame;
  const { tickSize, priceDecimals } = watching.grid;
  const most = frame.isNarrow ? LABELS_NARROW_MAX : LABELS_MAX;
  const room = Math.min(most, Math.floor(scale.height / LABEL_HEIGHT));
  const labels = shown
    .filter((life) => life.state !== 'forming' && isLarge(life))
    .toSorted((a, b) => b.current - a.current)
    .slice(0, room)
    .map((life): Label<LifeView> => {
      const { top, bottom } = bandOf(frame, life);
      return { item: life, at: (top + bottom) / 2, y: 0 };
    });
  spread(labels, LABEL_HEIGHT, scale.top, scale.top + scale.height);
  for (const label of labels) {
    drawLabel(frame, label);
    const reach = LABEL_HEIGHT / 2;
    const lines = (): string[] => lifeLines(label.item, tickSize, priceDecimals, scale.toMs);
    spots.push({ left: frame.labelsLeft, right: frame.axisLeft, top: label.y - reach, bottom: label.y + reach, lines });
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
  const name = life.side === 'bid' ? 'B' : 'A';
  const bold = { font: FONT_BOLD, colour: colours.text };
  const soft = { font: FONT_SMALL, colour: colours.soft };
  drawText(context, `${name} ${compact(life.current)}`, left + 8, top + 8, bold);
  drawText(context, age(scale.toMs - life.firstSeenMs), left + width - 4, top + 8, { ...soft, align: 'right' });
  drawText(context, fateText(life), left + 8, top + 19, soft);
}

/** What is left of it, and where most of the rest went. */
function fateText({ state, current, peak, eaten, pulled }: LifeView): string {
  const left = peak > 0 ? Math.round((current / peak) * 100) : 100;
  if (left >= 99 || eaten + pulled === 0) return state === 'confirmed' ? 'stands' : state;
  return `${left} % · ${eaten >= pulled ? 'eaten' : 'pulled'}`;
}

function lifeLines(life: LifeView, tickSize: number, decimals: number, nowMs: number): string[] {
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
