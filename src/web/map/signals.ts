// What did the engine want here? Signals as arrowheads, on the price at which they came.
import type { SignalView } from '../../operator/page/protocol-events.ts';
import { clockMs, priceOf, words } from '../format.ts';
import { xOf, yOf } from '../scale.ts';
import { clipped, FONT_SMALL, type MapFrame, type Spot } from './frame.ts';
import { drawText } from './text.ts';

const OUTCOMES = { ordered: 'ordered', offered: 'offered', refused: 'refused', candidate: 'criterion failed' } as const;

/** An arrowhead in the direction of the trade: full where it was offered, empty where it was not, crossed out where refused. */
export function drawSignals(frame: MapFrame, spots: Spot[]): void {
  const { context, scale, colours } = frame;
  const { tickSize, priceDecimals } = frame.watching.grid;
  const ink = { font: FONT_SMALL, colour: colours.text, align: 'center' } as const;
  clipped(frame, () => {
    for (const signal of frame.signals) {
      if (signal.outcome === 'candidate' || signal.atMs < scale.fromMs) continue;
      const x = xOf(scale, signal.atMs);
      const isLong = signal.direction === 'long';
      const y = yOf(scale, signal.mid + 0.5) + (isLong ? 15 : -15);
      const colour = isLong ? colours.bid : colours.ask;
      const way = isLong ? -1 : 1;
      context.beginPath();
      context.moveTo(x, y + way * 8);
      context.lineTo(x + 7, y - way * 6);
      context.lineTo(x - 7, y - way * 6);
      context.closePath();
      context.fillStyle = signal.outcome === 'refused' ? colours.panel : colour;
      context.fill();
      context.strokeStyle = signal.outcome === 'refused' ? colours.soft : colours.ink;
      context.lineWidth = 1.5;
      context.stroke();
      if (signal.outcome === 'refused') {
        context.beginPath();
        context.moveTo(x - 8, y + 8);
        context.lineTo(x + 8, y - 8);
        context.stroke();
      }
      drawText(context, signal.kind === 'breakout' ? 'break' : 'bounce', x, y - way * 14, ink);
      const lines = (): string[] => signalLines(signal, tickSize, priceDecimals);
      spots.push({ left: x - 9, right: x + 9, top: y - 11, bottom: y + 11, lines });
    }
  });
}

function signalLines(signal: SignalView, tickSize: number, decimals: number): string[] {
  const passed = signal.criteria.filter((criterion) => criterion.passed).length;
  const why = signal.refusal === undefined ? [] : [`why not: ${words(signal.refusal)}`];
  return [
    `${signal.kind} ${signal.direction} at ${priceOf(signal.mid, tickSize, decimals)}`,
    `${OUTCOMES[signal.outcome]} · ${clockMs(signal.atMs)}`,
    `${passed} of ${signal.criteria.length} criteria, priority ${signal.priority}`,
    ...why,
  ];
}
