// hot: ten times a second, 200 × 900 cells; budget 1 ms for a whole repaint, a column else.
// Which pixels are the sizes? One cell is one pixel of a small picture that the map stretches over its plot.
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
    this.canvas = document.createElement('canvas');
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

  /** Rows `lowRow` … `lowRow + rows − 1` of all columns; columns that were painted already stay as they are. */
  paint(columns: Columns, lowRow: number, rows: number): void {
    const { capacity } = columns;
    if (this.canvas.width !== capacity || this.canvas.height !== rows) {
      this.canvas.width = capacity;
      this.canvas.height = rows;
      this.#image = this.#context.createImageData(capacity, rows);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
      this.#isStale = true;
    }
    if (this.#bright === 0 || columns.newest % 20 === 0) this.#adapt(columns);
    if (this.#isStale || lowRow !== this.#lowRow || this.#painted < columns.newest - capacity) {
      this.#lowRow = lowRow;
      this.#isStale = false;
      for (let place = 0; place < capacity; place++) this.#column(columns, place, lowRow, rows);
      this.#context.putImageData(this.#image, 0, 0);
    } else {
      for (let number = Math.max(0, this.#painted); number <= columns.newest; number++) {
        const place = columns.place(number);
        this.#column(columns, place, lowRow, rows);
        this.#context.putImageData(this.#image, 0, 0, place, 0, 1, rows);
      }
    }
    this.#painted = columns.newest;
  }

  #column(columns: Columns, place: number, lowRow: number, rows: number): void {
    const pixels = this.#pixels;
    const lut = this.#lut;
    const { capacity } = columns;
    const number = columns.numbers[place] as number;
    const isKnown = number >= 0 && number > columns.newest - capacity && number <= columns.newest;
    const base = columns.base[place] as number;
    const cells = columns.cells;
    const cell = place * columns.rows - base;
    // What may be asked for: in the picture, in the column, and where the book could be seen.
    const from = isKnown ? Math.max(lowRow, base, columns.knownLow[place] as number) : lowRow;
    const past = isKnown
      ? Math.min(lowRow + rows, base + columns.rows, (columns.knownHigh[place] as number) + 1)
      : lowRow;
    let at = (rows - 1) * capacity + place;
    for (let row = lowRow; row < lowRow + rows; row++) {
      pixels[at] = row >= from && row < past ? (lut[cells[cell + row] as number] as number) : 0;
      at -= capacity;
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
