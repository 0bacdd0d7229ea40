// hot: ten times a second; budget 5 ms with 200 × 900 cells. In which order is drawn what lies over the heat?
import { drawAxes, drawDoubt, drawGrid } from './axes.ts';
import { clipped, type MapFrame, type Spot } from './frame.ts';
import { drawEndings, nameEnds } from './endings.ts';
import { drawLives } from './lives.ts';
import { drawFlow } from './flow.ts';
import { drawFills, drawPosition } from './orders.ts';
import { drawSignals } from './signals.ts';
import { drawTouch, drawTrades } from './trades.ts';

/** Draws everything and returns what a person can point at, the topmost last. */
export function drawMap(frame: MapFrame, flowTop: number, flowHeight: number, timeTop: number): Spot[] {
  const { context, layers } = frame;
  const spots: Spot[] = [];
  context.clearRect(0, 0, frame.width, frame.height);
  drawDoubt(frame);
  drawGrid(frame);
  if (layers.has('trades')) drawTrades(frame);
  drawTouch(frame);
  if (layers.has('densities')) {
    const ends = drawEndings(frame, spots);
    drawLives(frame, spots);
    clipped(frame, () => nameEnds(frame, ends));
  }
  if (layers.has('signals')) drawSignals(frame, spots);
  drawAxes(frame, timeTop);
  if (layers.has('orders')) {
    drawFills(frame, spots);
    drawPosition(frame);
  }
  if (flowHeight > 0) drawFlow(frame, flowTop, flowHeight);
  return spots;
}
