// Which part of the market does the map show? It follows the mid until a person moves it, and comes back when asked.
import type { Watching, Zoom } from '../../operator/protocol.ts';
import type { Columns } from './columns.ts';

const ROW_PIXELS = 3.2;
const ROWS_STEPS = [40, 56, 80, 112, 150, 200];
const SHOWN_STEPS = [150, 225, 300, 450, 600, 900];
/** While it follows, the mid stays within this part of the middle. */
const CALM_PART = 0.2;
const GLIDE = 0.25;

export class MapPlace {
  isFollowing = true;
  rows = 120;
  shown = 900;
  /** Row in the middle; a fraction while it glides. */
  #middle = NaN;
  #isGliding = false;
  #isSized = false;

  /** As many rows and columns as can be told apart, unless a person has chosen. */
  fit(width: number, height: number): void {
    if (this.#isSized || width < 50 || height < 50) return;
    this.rows = nearest(ROWS_STEPS, height / ROW_PIXELS);
    this.shown = nearest(SHOWN_STEPS, width * 1.1);
  }

  forget(): void {
    this.#middle = NaN;
    this.isFollowing = true;
  }

  /** Lowest row that shows, after the mid has been looked at. */
  lowRow(columns: Columns, { bucketTicks }: Watching): number {
    const { middle } = columns;
    if (middle !== undefined) {
      const wanted = middle / 2 / bucketTicks;
      if (Number.isNaN(this.#middle)) this.#middle = wanted;
      const away = wanted - this.#middle;
      if (this.isFollowing) {
        if (Math.abs(away) > this.rows) this.#middle = wanted;
        if (Math.abs(away) > (CALM_PART * this.rows) / 2) this.#isGliding = true;
        if (Math.abs(away) < 1) this.#isGliding = false;
        if (this.#isGliding) this.#middle += away * GLIDE;
      }
    }
    return Math.round((Number.isNaN(this.#middle) ? 0 : this.#middle) - this.rows / 2);
  }

  pan(rows: number): void {
    this.isFollowing = false;
    this.#middle += rows;
  }

  follow(): void {
    this.isFollowing = true;
    this.#isGliding = true;
  }

  /** The zoom that has to be asked of the server, where the rows at hand are not fine or wide enough. */
  zoomPrice(steps: 1 | -1, zoom: Zoom): Zoom {
    this.#isSized = true;
    const at = ROWS_STEPS.indexOf(nearest(ROWS_STEPS, this.rows)) - steps;
    const found = ROWS_STEPS[at];
    if (found !== undefined) {
      this.rows = found;
      return zoom;
    }
    const next = zoom - steps;
    if (next < 0 || next > 2) return zoom;
    // A row of the next zoom is four of these: about the same prices stay in view.
    this.rows = steps > 0 ? 150 : 56;
    this.#middle = NaN;
    return next as Zoom;
  }

  zoomTime(steps: 1 | -1): void {
    this.#isSized = true;
    const at = SHOWN_STEPS.indexOf(nearest(SHOWN_STEPS, this.shown)) - steps;
    this.shown = SHOWN_STEPS[Math.min(SHOWN_STEPS.length - 1, Math.max(0, at))] as number;
  }

  /** Everything at once: what the picture can hold at most. */
  showAll(): void {
    this.#isSized = true;
    this.rows = ROWS_STEPS.at(-1) as number;
    this.shown = SHOWN_STEPS.at(-1) as number;
  }
}

function nearest(steps: readonly number[], wanted: number): number {
  return steps.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best));
}
