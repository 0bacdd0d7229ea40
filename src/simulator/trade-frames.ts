// How are trades published? In real time, taker order by taker order, before the book shows what they consumed.
import type { Rng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { BID } from '../market/side.ts';
import type { Frame, FrameWriter } from './frame-writer.ts';
import type { Print } from './matching.ts';

const PER_MESSAGE_MAX = 1_024;
const KEPT_MAX = 1_000;

/** A print with the id under which the exchange knows it. */
export interface KnownTrade {
  readonly id: string;
  readonly print: Print;
}

export class TradeFrames {
  readonly topic: string;
  /** The last trades, oldest first. */
  readonly recent: KnownTrade[] = [];
  readonly #instrument: Instrument;
  readonly #writer: FrameWriter;
  readonly #rng: Rng;

  constructor(instrument: Instrument, writer: FrameWriter, rng: Rng) {
    this.topic = `publicTrade.${instrument.symbol}`;
    this.#instrument = instrument;
    this.#writer = writer;
    this.#rng = rng;
  }

  /** Remembers the prints; with `encode` it returns their frames. */
  take(prints: readonly Print[], nowMs: number, encode: boolean): Frame[] {
    const trades = prints.map((print) => ({ id: this.#id(), print }));
    this.recent.push(...trades);
    if (this.recent.length > 2 * KEPT_MAX) this.recent.splice(0, this.recent.length - KEPT_MAX);
    if (!encode) return [];
    const frames: Frame[] = [];
    for (let i = 0; i < trades.length; i += PER_MESSAGE_MAX)
      frames.push(this.#frame(trades.slice(i, i + PER_MESSAGE_MAX), nowMs));
    return frames;
  }

  #frame(trades: readonly KnownTrade[], nowMs: number): Frame {
    const { symbol, tickScaled, priceScale, lotScaled, lotScale } = this.#instrument;
    const writer = this.#writer.text(`{"topic":"${this.topic}","type":"snapshot","ts":${nowMs},"data":[`);
    trades.forEach(({ id, print }, i) => {
      writer.text(
        `${i > 0 ? ',' : ''}{"T":${print.timeMs},"s":"${symbol}","S":"${print.hit === BID ? 'Sell' : 'Buy'}","v":"`,
      );
      writer
        .scaled(print.lots * lotScaled, lotScale)
        .text('","p":"')
        .scaled(print.tick * tickScaled, priceScale);
      writer.text(
        `","L":"${print.uptick}","i":"${id}","BT":${print.kind === 'block'},"RPI":${print.kind === 'rpi'},"seq":${print.seq}}`,
      );
    });
    return { topic: this.topic, symbol, depth: 0, kind: 'trade', bytes: writer.text(']}').take() };
  }

  /** The shape of a version-5 UUID. */
  #id(): string {
    const hex = (): string => this.#rng.below(0x1_0000_0000).toString(16).padStart(8, '0');
    const [a, b, c, d] = [hex(), hex(), hex(), hex()];
    return `${a}-${b.slice(0, 4)}-5${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
  }
}
