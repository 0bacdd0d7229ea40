// What did we do here? Executions as letters in a frame, and the lines of the open position.
import { clockMs, priceOf, signedPercent, words } from '../format.ts';
import { xOf, yOf } from '../scale.ts';
import { clipped, FONT_BOLD, type MapFrame, type Spot } from './frame.ts';
import { drawText, widthOf } from './text.ts';

export function drawFills(frame: MapFrame, spots: Spot[]): void {
  const { context, scale, colours } = frame;
  const { tickSize, priceDecimals } = frame.watching.grid;
  clipped(frame, () => {
    for (const fill of frame.fills) {
      if (fill.atMs < scale.fromMs) continue;
      const x = xOf(scale, fill.atMs);
      const y = yOf(scale, fill.price / tickSize + 0.5);
      const isBuy = fill.side === 'buy';
      context.beginPath();
      context.roundRect(x - 7, y - 7, 14, 14, 3);
      context.fillStyle = colours.panel;
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = isBuy ? colours.bid : colours.ask;
      context.stroke();
      drawText(context, isBuy ? 'B' : 'S', x, y + 1, { font: FONT_BOLD, colour: colours.text, align: 'center' });
      const lines = (): string[] => [
        `${fill.side} ${fill.size} at ${fill.price.toFixed(priceDecimals)}`,
        `${words(fill.kind)} · ${clockMs(fill.atMs)}`,
      ];
      spots.push({ left: x - 10, right: x + 10, top: y - 10, bottom: y + 10, lines });
    }
  });
}

/** Entry and stop of the open position, across the plot and at the price axis. */
export function drawPosition(frame: MapFrame): void {
  const { context, scale, colours, position } = frame;
  if (position === undefined) return;
  const { tickSize, priceDecimals } = frame.watching.grid;
  const line = (price: string | undefined, colour: string, dash: number[], text: string): void => {
    if (price === undefined) return;
    const tick = Number(price) / tickSize;
    const y = yOf(scale, tick + 0.5);
    if (y < scale.top || y > scale.top + scale.height) return;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(scale.left, y);
    context.lineTo(scale.left + scale.width, y);
    context.stroke();
    context.setLineDash([]);
    const wide = widthOf(FONT_BOLD, text) + 10;
    context.fillStyle = colours.panel;
    context.fillRect(scale.left + 4, y - 9, wide, 18);
    context.strokeRect(scale.left + 4, y - 9, wide, 18);
    drawText(context, text, scale.left + 9, y + 0.5, { font: FONT_BOLD, colour: colours.text });
    context.fillStyle = colour;
    context.fillRect(frame.axisLeft, y - 8, frame.width - frame.axisLeft, 16);
    // An average has more digits than the axis has room for.
    const shown = priceOf(tick, tickSize, priceDecimals);
    drawText(context, shown, frame.axisLeft + 6, y + 0.5, { font: FONT_BOLD, colour: colours.panel });
  };
  const profit = position.profitPercent === undefined ? '' : ` ${signedPercent(position.profitPercent)}`;
  line(position.entryPrice, colours.accent, [], `${position.side ?? ''} ${position.size} ${profit}`.trim());
  const state = position.stopState === 'confirmed' ? '' : ` (${position.stopState})`;
  line(position.stop, colours.danger, [8, 4], `${position.isBreakeven ? 'stop at entry' : 'stop'}${state}`);
}
