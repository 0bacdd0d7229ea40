// What is one drawing of the map made of? Everything its painters need, put together once a frame.
import type { EndingView, FillView, SignalView } from '../../operator/page/protocol-events.ts';
import type { LifeView, Watching } from '../../operator/page/protocol-market.ts';
import type { PositionView } from '../../operator/page/protocol-status.ts';
import type { Colours } from '../theme.ts';
import type { Scale } from '../scale.ts';
import type { Columns } from './columns.ts';

export interface MapFrame {
  readonly context: CanvasRenderingContext2D;
  readonly scale: Scale;
  readonly colours: Colours;
  readonly watching: Watching;
  readonly columns: Columns;
  /** Number of the first column that shows, and how many do. */
  readonly first: number;
  readonly shown: number;
  /** Right of the plot: labels, then prices. */
  readonly labelsLeft: number;
  readonly labelsWidth: number;
  readonly axisLeft: number;
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
  readonly lives: readonly LifeView[];
  readonly endings: readonly EndingView[];
  readonly signals: readonly SignalView[];
  readonly fills: readonly FillView[];
  readonly position: PositionView | undefined;
  readonly layers: ReadonlySet<Layer>;
}

export const LAYERS = ['densities', 'trades', 'signals', 'orders'] as const;
export type Layer = (typeof LAYERS)[number];

export const FONT = '11px Inter, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif';
export const FONT_BOLD = `600 ${FONT}`;
export const FONT_SMALL = FONT.replace('11px', '10px');

/** A rectangle that a person can point at, and what it says. */
export interface Spot {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  lines(): readonly string[];
}

/** Keeps what is drawn inside of the plot. */
export function clipped({ context, scale }: MapFrame, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(scale.left, scale.top, scale.width, scale.height);
  context.clip();
  draw();
  context.restore();
}
