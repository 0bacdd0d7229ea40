// What does the subscriber of one depth see? Exactly N levels a side, sent as a snapshot and then as deltas.
import { priceText, sizeText, type Instrument } from '../market/instrument.ts';
import { ASK, BID, isBetter, SIDES, type Side } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import { createWindow, type ExchangeBook, type Window } from './exchange-book.ts';
import type { Frame, FrameWriter } from './frame-writer.ts';
import type { Matching } from './matching.ts';

const REPEAT_MS = 3_000;
const COMMA = 44;

export type LevelText = [string, string];
export interface BookState {
  readonly b: LevelText[];
  readonly a: LevelText[];
  readonly u: number;
  readonly seq: number;
  readonly cts: number;
}

export class BookView {
  readonly topic: string;
  readonly depth: number;
  readonly intervalMs: number;
  dueMs: number;
  u: number;
  seq = 0;
  cts = 0;
  readonly #instrument: Instrument;
  readonly #writer: FrameWriter;
  #shown: [Window, Window];
  #next: [Window, Window];
  #version = -1;
  #sentMs = 0;

  constructor(
    instrument: Instrument,
    depth: number,
    intervalMs: number,
    firstU: number,
    dueMs: number,
    writer: FrameWriter,
  ) {
    this.topic = `orderbook.${depth}.${instrument.symbol}`;
    this.depth = depth;
    this.intervalMs = intervalMs;
    this.u = firstU;
    this.dueMs = dueMs;
    this.#instrument = instrument;
    this.#writer = writer;
    this.#shown = [createWindow(depth), createWindow(depth)];
    this.#next = [createWindow(depth), createWindow(depth)];
  }

  /** What subscribers have been sent. */
  window(side: Side): Window {
    return this.#shown[side];
  }

  /** Starts over from the book as it is; the next message is a difference from here. */
  open(matching: Matching, nowMs: number): void {
    for (const side of SIDES) matching.book.gather(side, this.#shown[side]);
    this.#stamp(matching, nowMs);
  }

  /** What has changed since the last message, as a frame; undefined when nothing has. `encode` false only follows. */
  publish(matching: Matching, nowMs: number, encode: boolean): Frame | 'unseen' | undefined {
    if (matching.book.version === this.#version) return this.#repeat(nowMs, encode);
    this.#gather(matching.book);
    if (SIDES.every((side) => sameWindow(this.#shown[side], this.#next[side]))) {
      this.#version = matching.book.version;
      return this.#repeat(nowMs, encode);
    }
    const { seq, cts } = matching;
    this.u++;
    let frame: Frame | 'unseen' = 'unseen';
    if (encode && this.depth > 1) {
      this.#head('delta', nowMs);
      for (const side of SIDES) this.#difference(side);
      frame = this.#tail('delta', seq, cts);
    }
    [this.#shown, this.#next] = [this.#next, this.#shown];
    this.#stamp(matching, nowMs);
    return encode && this.depth === 1 ? this.snapshot(nowMs) : frame;
  }

  /** The state that subscribers have, as a snapshot. */
  snapshot(nowMs: number): Frame {
    this.#head('snapshot', nowMs);
    for (const side of SIDES) {
      const { ticks, lots, count } = this.#shown[side];
      this.#writer.text(side === BID ? '"b":[' : '],"a":[');
      for (let i = 0; i < count; i++) this.#level(i, ticks[i] as number, lots[i] as number);
    }
    return this.#tail('snapshot', this.seq, this.cts);
  }

  state(): BookState {
    const levels = (side: Side): LevelText[] => windowText(this.#shown[side], this.#instrument);
    return { b: levels(BID), a: levels(ASK), u: this.u, seq: this.seq, cts: this.cts };
  }

  /** Depth 1 says again what it said when nothing has changed for three seconds. */
  #repeat(nowMs: number, encode: boolean): Frame | undefined {
    if (this.depth !== 1 || !encode || nowMs - this.#sentMs < REPEAT_MS) return undefined;
    this.#sentMs = nowMs;
    return this.snapshot(nowMs);
  }

  #gather(book: ExchangeBook): void {
    for (const side of SIDES) book.gather(side, this.#next[side]);
  }

  #stamp(matching: Matching, nowMs: number): void {
    this.#version = matching.book.version;
    this.seq = matching.seq;
    this.cts = matching.cts;
    this.#sentMs = nowMs;
  }

  #head(type: string, nowMs: number): void {
    this.#writer.text(`{"topic":"${this.topic}",`);
    if (this.depth === 1) this.#writer.text(`"ts":${nowMs},"type":"${type}"`);
    else this.#writer.text(`"type":"${type}","ts":${nowMs}`);
    this.#writer.text(`,"data":{"s":"${this.#instrument.symbol}",`);
  }

  #tail(kind: 'snapshot' | 'delta', seq: number, cts: number): Frame {
    const bytes = this.#writer.text(`],"u":${this.u},"seq":${seq}},"cts":${cts}}`).take();
    return { topic: this.topic, symbol: this.#instrument.symbol, depth: this.depth, kind, bytes };
  }

  /** Walks both windows from the touch outward: gone levels as 0, new and changed ones with their size. */
  #difference(side: Side): void {
    const old = this.#shown[side];
    const now = this.#next[side];
    this.#writer.text(side === BID ? '"b":[' : '],"a":[');
    let written = 0;
    let i = 0;
    let j = 0;
    while (i < old.count || j < now.count) {
      const was = i < old.count ? (old.ticks[i] as number) : undefined;
      const is = j < now.count ? (now.ticks[j] as number) : undefined;
      if (was !== undefined && was === is) {
        if (old.lots[i] !== now.lots[j]) this.#level(written++, was, now.lots[j] as number);
        i++;
        j++;
      } else if (is === undefined || (was !== undefined && isBetter(side, was, is))) {
        this.#level(written++, was as number, 0);
        i++;
      } else {
        this.#level(written++, is, now.lots[j] as number);
        j++;
      }
    }
  }

  #level(index: number, tick: number, lots: number): void {
    const { tickScaled, priceScale, lotScaled, lotScale } = this.#instrument;
    if (index > 0) this.#writer.byte(COMMA);
    this.#writer
      .text('["')
      .scaled(tick * tickScaled, priceScale)
      .text('","');
    if (lots === 0) this.#writer.text('0"]');
    else this.#writer.scaled(lots * lotScaled, lotScale).text('"]');
  }
}

function sameWindow(a: Window, b: Window): boolean {
  if (a.count !== b.count) return false;
  for (let i = 0; i < a.count; i++) {
    if (a.ticks[i] !== b.ticks[i] || a.lots[i] !== b.lots[i]) return false;
  }
  return true;
}

/** A window as decimal texts, touch first. */
export function windowText(window: Window, instrument: Instrument): LevelText[] {
  return Array.from({ length: window.count }, (_, i) => [
    priceText(window.ticks[i] as Tick, instrument),
    sizeText(window.lots[i] as Lot, instrument),
  ]);
}
