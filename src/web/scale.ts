// Where on the map is a price and a moment? The plot's own arithmetic, in CSS pixels.

export interface Scale {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Ticks at the lower and at the upper edge. */
  readonly low: number;
  readonly high: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export function yOf(scale: Scale, tick: number): number {
  return scale.top + ((scale.high - tick) / (scale.high - scale.low)) * scale.height;
}

export function xOf(scale: Scale, ms: number): number {
  return scale.left + ((ms - scale.fromMs) / (scale.toMs - scale.fromMs)) * scale.width;
}

export function tickAt(scale: Scale, y: number): number {
  return scale.high - ((y - scale.top) / scale.height) * (scale.high - scale.low);
}

export function msAt(scale: Scale, x: number): number {
  return scale.fromMs + ((x - scale.left) / scale.width) * (scale.toMs - scale.fromMs);
}

const STEPS = [1, 2, 2.5, 5, 10];

/** The smallest round step that leaves at most `linesMax` lines over `span`. */
export function roundStep(span: number, linesMax: number): number {
  const rough = span / Math.max(1, linesMax);
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  return (STEPS.find((step) => step * magnitude >= rough) ?? 10) * magnitude;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600].map((seconds) => seconds * 1_000);

export function timeStep(span: number, linesMax: number): number {
  return TIME_STEPS.find((step) => span / step <= linesMax) ?? 3_600_000;
}

export interface Label<T> {
  readonly item: T;
  /** Where it belongs. */
  readonly at: number;
  /** Where its middle is drawn, so that no two overlap. */
  y: number;
}

/** Moves labels of equal height apart, none farther than it must and all between `top` and `bottom` as long as they fit. */
export function spread<T>(labels: Label<T>[], height: number, top: number, bottom: number): Label<T>[] {
  labels.sort((a, b) => a.at - b.at);
  let edge = top;
  for (const label of labels) {
    label.y = Math.max(label.at, edge + height / 2);
    edge = label.y + height / 2;
  }
  edge = bottom;
  for (const label of labels.toReversed()) {
    if (label.y + height / 2 <= edge) break;
    label.y = edge - height / 2;
    edge = label.y - height / 2;
  }
  return labels;
}
