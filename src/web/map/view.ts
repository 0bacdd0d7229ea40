// How does a person see and move the depth map? Two canvases: what the market drew, and above it what the pointer asks.
import type { Column, ColumnMessage } from '../../operator/page/protocol-columns.ts';
import type { LifeView, MarketView, Watching, Zoom } from '../../operator/page/protocol-market.ts';
import type { PositionView } from '../../operator/page/protocol-status.ts';
import { el } from '../element.ts';
import { compact, priceOf, usd } from '../format.ts';
import type { Kept } from '../kept.ts';
import { palette } from '../palette.ts';
import type { Scale } from '../scale.ts';
import type { Colours } from '../theme.ts';
import { Columns } from './columns.ts';
import { MapCursor } from './cursor.ts';
import type { Layer, MapFrame, Spot } from './frame.ts';
import { HeatImage } from './image.ts';
import { drawMap } from './painter.ts';
import { MapPlace } from './place.ts';
import { Stopwatch } from '../stopwatch.ts';

const NARROW = 560;
const LABELS_WIDE = 128;
const LABELS_NARROW = 100;
const TIME_HEIGHT = 18;
const FLOW_HEIGHT = 44;
const SUMMARY_MS = 5_000;
const NO_LIVES: readonly LifeView[] = [];

export interface MapWishes {
  /** Another zoom than the one at hand needs the server. */
  onZoom(zoom: Zoom): void;
  onFollow(isFollowing: boolean): void;
}

export class MapView {
  readonly #canvas = el('canvas.plot', { role: 'img', 'aria-label': 'Depth map', tabindex: 0 });
  readonly #empty = el('div.empty', {}, 'Waiting for the book');
  readonly #context: CanvasRenderingContext2D;
  readonly #cursor: MapCursor;
  readonly #kept: Kept;
  readonly #wishes: MapWishes;
  readonly #place = new MapPlace();
  readonly layers = new Set<Layer>(['densities', 'trades', 'signals', 'orders']);
  /** Time that drawings took. */
  readonly frames = new Stopwatch();
  #colours: Colours;
  #image: HeatImage;
  #watching: Watching | undefined;
  #columns: Columns | undefined;
  #market: MarketView | undefined;
  #position: PositionView | undefined;
  #spots: readonly Spot[] = [];
  #scale: Scale | undefined;
  #gain = 0;
  #isDue = false;
  #isFrozen = false;
  /** What has come since the picture is held still. */
  #late: Column[] = [];
  #summaryAt = -SUMMARY_MS;
  #stretched = { width: 0, height: 0 };
  #width = 0;
  #height = 0;

  constructor(body: HTMLElement, kept: Kept, colours: Colours, wishes: MapWishes) {
    this.#kept = kept;
    this.#colours = colours;
    this.#wishes = wishes;
    this.#image = new HeatImage(palette(colours.kind));
    this.#context = this.#canvas.getContext('2d') as CanvasRenderingContext2D;
    const cursorCanvas = el('canvas.cursor', { 'aria-hidden': 'true' });
    const tip = el('div.tip', { role: 'tooltip', hidden: true });
    body.append(this.#image.canvas, this.#canvas, cursorCanvas, tip, this.#empty);
    this.#cursor = new MapCursor(this.#canvas, cursorCanvas, tip, {
      scale: () => this.#scale,
      colours: () => this.#colours,
      spots: () => this.#spots,
      read: (tick, ms) => this.#read(tick, ms),
      onDrag: (pixels) => this.pan(pixels / ((this.#scale?.height ?? 1) / this.#place.rows)),
      onWheel: (steps, isTime) => (isTime ? this.zoomTime(steps) : this.zoomPrice(steps)),
    });
    new ResizeObserver(() => this.#resize(body)).observe(body);
  }

  watching(watching: Watching): void {
    this.#watching = watching;
    this.#columns = new Columns(watching.columnsKept, watching.rows, watching.bucketTicks, watching.columnMs);
    this.#market = undefined;
    this.#late = [];
    this.#place.forget();
    this.#image.forget();
    this.#summaryAt = -SUMMARY_MS;
    this.#wishes.onFollow(true);
    this.draw();
  }

  /** The symbol is not there: nothing is shown as if it were. */
  clear(): void {
    this.#watching = undefined;
    this.#columns = undefined;
    this.#empty.hidden = false;
  }

  take(message: ColumnMessage): void {
    const columns = this.#columns;
    if (message.stream !== this.#watching?.stream || columns === undefined) return;
    if (this.#isFrozen && columns.newest >= 0) {
      this.#late = [...this.#late, ...message.columns].slice(-columns.capacity);
      return;
    }
    for (const column of message.columns) columns.take(column);
    this.draw();
  }

  market(market: MarketView): void {
    const isHeld = this.#isFrozen && this.#market !== undefined;
    if (market.symbol === this.#watching?.symbol && !isHeld) this.#market = market;
  }

  position(position: PositionView | undefined): void {
    this.#position = position;
  }

  recolour(colours: Colours): void {
    this.#colours = colours;
    this.#image.recolour(palette(colours.kind));
    this.draw();
  }

  zoomPrice(steps: 1 | -1): void {
    const zoom = this.#watching?.zoom ?? 1;
    const wanted = this.#place.zoomPrice(steps, zoom);
    if (wanted !== zoom) this.#wishes.onZoom(wanted);
    this.draw();
  }

  zoomTime(steps: 1 | -1): void {
    this.#place.zoomTime(steps);
    this.draw();
  }

  showAll(): void {
    this.#place.showAll();
    this.draw();
  }

  pan(rows: number): void {
    this.#place.pan(rows);
    this.#wishes.onFollow(false);
    this.draw();
  }

  follow(): void {
    this.#place.follow();
    this.#wishes.onFollow(true);
    this.draw();
  }

  brighten(steps: 1 | -1): void {
    this.#gain = Math.max(-6, Math.min(6, this.#gain + steps));
    this.#image.brighten(this.#gain);
    this.draw();
  }

  /** Holds the picture still while it is read, also where it is moved or drawn anew; what comes meanwhile is kept. */
  freeze(): boolean {
    this.#isFrozen = !this.#isFrozen;
    this.#place.isHeld = this.#isFrozen;
    if (!this.#isFrozen) {
      for (const column of this.#late) this.#columns?.take(column);
      this.#late = [];
      this.draw();
    }
    return this.#isFrozen;
  }

  /** However often it is asked for: once a frame of the screen. */
  draw(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      const started = performance.now();
      if (this.#paint()) this.frames.note(performance.now() - started);
    });
  }

  #resize(body: HTMLElement): void {
    const { width, height } = body.getBoundingClientRect();
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.#width = Math.floor(width);
    this.#height = Math.floor(height);
    this.#canvas.width = Math.max(1, Math.round(this.#width * ratio));
    this.#canvas.height = Math.max(1, Math.round(this.#height * ratio));
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#cursor.resize(this.#width, this.#height, ratio);
    this.draw();
  }

  #paint(): boolean {
    const columns = this.#columns;
    const watching = this.#watching;
    const isEmpty = columns === undefined || watching === undefined || columns.newest < 0;
    this.#empty.hidden = !isEmpty;
    if (isEmpty || this.#width < 60 || this.#height < 60) return false;
    const isNarrow = this.#width < NARROW;
    const axisWidth =
      14 +
      7 * Math.max(6, priceOf(columns.middle ?? 0, watching.grid.tickSize / 2, watching.grid.priceDecimals).length);
    const labelsWidth = isNarrow ? LABELS_NARROW : LABELS_WIDE;
    const flowHeight = this.#height > 300 ? FLOW_HEIGHT : 0;
    const plotWidth = this.#width - axisWidth - (isNarrow ? 0 : labelsWidth);
    const plotHeight = this.#height - TIME_HEIGHT - flowHeight;
    this.#place.fit(plotWidth, plotHeight, columns.newest - columns.oldest + 1);
    const lowRow = this.#place.lowRow(columns, watching);
    const { rows } = this.#place;
    const shown = Math.min(this.#place.shown, columns.capacity);
    this.#image.paint(columns, lowRow, rows, shown);
    this.#stretch(plotWidth, plotHeight);
    const toMs = (columns.at[columns.place(columns.newest)] as number) + watching.columnMs;
    const scale: Scale = {
      left: 0,
      top: 0,
      width: plotWidth,
      height: plotHeight,
      low: lowRow * watching.bucketTicks,
      high: (lowRow + rows) * watching.bucketTicks,
      fromMs: toMs - shown * watching.columnMs,
      toMs,
    };
    const { symbol } = watching;
    const frame: MapFrame = {
      context: this.#context,
      scale,
      colours: this.#colours,
      watching,
      columns,
      first: columns.newest - shown + 1,
      shown,
      labelsLeft: plotWidth - (isNarrow ? labelsWidth : 0),
      labelsWidth,
      axisLeft: this.#width - axisWidth,
      width: this.#width,
      height: this.#height,
      isNarrow,
      lives: this.#market?.lives ?? NO_LIVES,
      endings: this.#kept.endings.filter((one) => one.symbol === symbol),
      signals: this.#kept.signals.filter((one) => one.symbol === symbol),
      fills: this.#kept.fills.filter((one) => one.symbol === symbol),
      position: this.#position?.symbol === symbol ? this.#position : undefined,
      layers: this.layers,
    };
    this.#scale = scale;
    this.#spots = drawMap(frame, plotHeight, flowHeight, plotHeight + flowHeight);
    this.#cursor.draw();
    this.#summarize();
    return true;
  }

  /** The picture of cells lies under the plot, and is as large. */
  #stretch(width: number, height: number): void {
    if (width === this.#stretched.width && height === this.#stretched.height) return;
    this.#stretched = { width, height };
    this.#image.canvas.style.width = `${width}px`;
    this.#image.canvas.style.height = `${height}px`;
  }

  /** What rests at a place of the plot, for the pointer. */
  #read(at: number, ms: number): string[] {
    const watching = this.#watching;
    const columns = this.#columns;
    if (watching === undefined || columns === undefined) return [];
    const { tickSize, priceDecimals } = watching.grid;
    const back = Math.floor(((this.#scale?.toMs ?? ms) - ms) / watching.columnMs);
    const number = columns.newest - back;
    // A tick's row reaches up to the next one.
    const tick = Math.floor(at);
    const price = priceOf(tick, tickSize, priceDecimals);
    if (!columns.has(number)) return [price, 'not seen'];
    const i = columns.place(number);
    const row = Math.floor(tick / watching.bucketTicks) - (columns.base[i] as number);
    const { rows } = columns;
    const place = row + (columns.base[i] as number);
    const isKnown = place >= (columns.knownLow[i] as number) && place <= (columns.knownHigh[i] as number);
    if (row < 0 || row >= rows || !isKnown) return [price, 'beyond what the book shows'];
    const cell = columns.cells[i * rows + row] as number;
    const rests = cell === 0 ? 'nothing rests' : `${compact(2 ** (cell / 1_024) - 1)} USDT rest`;
    const middle = ((columns.bid[i] as number) + (columns.ask[i] as number)) / 2;
    const away = middle === 0 ? '' : ` · ${usd(((tick - middle) / middle) * 100, 2)} % from the mid`;
    return [`${price}${away}`, rests];
  }

  /** For who does not see the picture: seldom, and only what matters. */
  #summarize(): void {
    const now = performance.now();
    const watching = this.#watching;
    const market = this.#market;
    if (now - this.#summaryAt < SUMMARY_MS || watching === undefined || market === undefined) return;
    this.#summaryAt = now;
    const { tickSize, priceDecimals } = watching.grid;
    const standing = market.lives.filter((life) => life.state === 'confirmed' || life.state === 'eroding');
    const told = standing
      .slice(0, 6)
      .map((life) => `${life.side} ${priceOf(life.price, tickSize, priceDecimals)}, ${compact(life.current)} USDT`);
    const mid = priceOf((this.#columns?.middle ?? 0) / 2, tickSize, priceDecimals);
    const text = `${watching.symbol} depth map. Mid ${mid}, book ${market.trust}. ${standing.length} densities${told.length > 0 ? `: ${told.join('; ')}` : ''}.`;
    this.#canvas.setAttribute('aria-label', text);
  }
}
