// hot: ten times a second, 200 × 900 cells; budget 1 ms for a whole repaint, a column else.
// Which pixels are the sizes? One cell is one pixel of a small picture that the sheet stretches over the plot.
import { el } from '../element.ts';
import type { Columns } from './columns.ts';

const CELLS = 0x10000;
const SAMPLES = 24;
/** Of the cells that hold something, this part is below the dark end of the ramp, and this one above its bright end. */
const DARK_PART = 0.35;
const BRIGHT_PART = 0.996;
/** The least size still shows; what nobody knows is left transparent. */
const FAINT = 10;

export class HeatImage {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #lut = new Uint32Array(CELLS);
  readonly #histogram = new Uint32Array(256);
  #image: ImageData;
  #pixels: Uint32Array;
  #colours: Uint32Array;
  #dark = 0;
  #bright = 0;
  #gain = 0;
  #painted = -1;
  #lowRow = 0;
  #isStale = true;

  constructor(colours: Uint32Array) {
    this.canvas = el('canvas.heat', { 'aria-hidden': 'true' });
    this.#context = this.canvas.getContext('2d') as CanvasRenderingContext2D;
    this.#image = this.#context.createImageData(1, 1);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#colours = colours;
  }

  recolour(colours: Uint32Array): void {
    this.#colours = colours;
    this.#fillLut();
  }

  /** Steps of a doubling by which the ramp is moved: a higher one shows smaller sizes brighter. */
  brighten(gain: number): void {
    this.#gain = gain;
    this.#fillLut();
  }

  forget(): void {
    this.#painted = -1;
    this.#dark = 0;
    this.#bright = 0;
    this.#isStale = true;
  }

  /** Rows `lowRow` … `lowRow + rows − 1` of the newest `shown` columns; what was painted already only moves on. */
  paint(columns: Columns, lowRow: number, rows: number, shown: number): void {
    if (this.canvas.width !== shown || this.canvas.height !== rows) {
      this.canvas.width = shown;
      this.canvas.height = rows;
      this.#image = this.#context.createImageData(shown, rows);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
      this.#isStale = true;
    }
    if (this.#bright === 0 || columns.newest % 20 === 0) this.#adapt(columns);
    const moved = columns.newest - this.#painted;
    if (this.#isStale || lowRow !== this.#lowRow || moved < 0 || moved >= shown) {
      this.#lowRow = lowRow;
      this.#isStale = false;
      for (let x = 0; x < shown; x++) this.#column(columns, x, shown, rows);
    } else {
      // Rows lie one behind the other: what one loses on its left comes in on the right of the one before, and is painted over.
      if (moved > 0) this.#pixels.copyWithin(0, moved);
      for (let x = shown - 1 - moved; x < shown; x++) this.#column(columns, x, shown, rows);
    }
    this.#context.putImageData(this.#image, 0, 0);
    this.#painted = columns.newest;
  }

  #column(columns: Columns, x: number, shown: number, rows: number): void {
    const pixels = this.#pixels;
    const lut = this.#lut;
    const lowRow = this.#lowRow;
    const number = columns.newest - shown + 1 + x;
    const place = Math.max(0, columns.place(number));
    const base = columns.base[place] as number;
    const cells = columns.cells;
    const cell = place * columns.rows - base;
    // What may be asked for: in the picture, in the column, and where the book could be seen.
    const isThere = columns.has(number);
    const from = isThere ? Math.max(lowRow, base, columns.knownLow[place] as number) : lowRow;
    const past = isThere
      ? Math.min(lowRow + rows, base + columns.rows, (columns.knownHigh[place] as number) + 1)
      : lowRow;
    let at = (rows - 1) * shown + x;
    for (let row = lowRow; row < lowRow + rows; row++) {
      pixels[at] = row >= from && row < past ? (lut[cells[cell + row] as number] as number) : 0;
      at -= shown;
    }
  }

  /** Fits the ramp to what is there now; small drifts are left alone, they would make the past flicker. */
  #adapt(columns: Columns): void {
    const histogram = this.#histogram.fill(0);
    let count = 0;
    for (let i = 0; i < SAMPLES; i++) {
      const number = columns.newest - Math.round((i * columns.capacity) / SAMPLES);
      if (!columns.has(number)) continue;
      const first = columns.place(number) * columns.rows;
      for (let row = 0; row < columns.rows; row++) {
        const cell = columns.cells[first + row] as number;
        if (cell === 0) continue;
        const bin = cell >>> 8;
        histogram[bin] = (histogram[bin] as number) + 1;
        count++;
      }
    }
    if (count === 0) return;
    const dark = quantile(histogram, count * DARK_PART);
    const bright = Math.max(quantile(histogram, count * BRIGHT_PART), dark + 8);
    const isNear = Math.abs(dark - this.#dark) <= 3 && Math.abs(bright - this.#bright) <= 3;
    if (isNear) return;
    this.#dark = dark;
    this.#bright = bright;
    this.#fillLut();
  }

  #fillLut(): void {
    const shift = this.#gain * 1_024;
    const dark = this.#dark * 256 - shift;
    const span = Math.max(1, this.#bright * 256 - shift - dark);
    this.#lut[0] = this.#colours[0] as number;
    for (let cell = 1; cell < CELLS; cell++) {
      const part = (cell - dark) / span;
      // Sizes grow by doublings: a little curve keeps the many small ones calm.
      const level = part <= 0 ? FAINT : FAINT + (255 - FAINT) * Math.min(1, part) ** 1.7;
      this.#lut[cell] = this.#colours[level | 0] as number;
    }
    this.#isStale = true;
  }
}

function quantile(histogram: Uint32Array, wanted: number): number {
  let sum = 0;
  for (let bin = 0; bin < histogram.length; bin++) {
    sum += histogram[bin] as number;
    if (sum >= wanted) return bin;
  }
  return histogram.length - 1;
}
