// Which part of the market does the map show? It follows the mid until a person moves it, and comes back when asked.
import type { Watching, Zoom } from '../../operator/page/protocol-market.ts';
import type { Columns } from './columns.ts';

const ROW_PIXELS = 3.2;
const ROWS_MAX = 400;
const ROWS_STEPS = [40, 56, 80, 112, 150, 200, 280, ROWS_MAX];
const SHOWN_STEPS = [75, 150, 225, 300, 450, 600, 900];
/** While it follows, the mid stays within this part of the middle. */
const CALM_PART = 0.14;
/** It is at most this part of the rows away from the middle, so that what lies ahead of it is seen. */
const MID_PART = 0.22;
/** The way of the price fills at most this part of the rows. */
const PATH_PART = 0.6;
const GLIDE = 0.25;
/** A row of another zoom is four of these, or a quarter of one: about the same prices stay in view. */
const ROWS_AFTER_ZOOM = 112;

export class MapPlace {
  isFollowing = true;
  /** Until it is let go it follows nothing. */
  isHeld = false;
  rows = 120;
  shown = 900;
  /** Row in the middle; a fraction while it glides. */
  #middle = NaN;
  #isGliding = false;
  #isSized = false;
  #usual = 120;

  /** As many rows and columns as can be told apart, unless a person has chosen. */
  fit(width: number, height: number, known: number): void {
    if (this.#isSized || width < 50 || height < 50) return;
    this.#usual = nearest(ROWS_STEPS, height / ROW_PIXELS);
    // A young map is not mostly empty.
    const enough = SHOWN_STEPS.find((shown) => shown >= known) ?? Infinity;
    this.shown = Math.min(enough, nearest(SHOWN_STEPS, width * 1.1));
  }

  forget(): void {
    this.#middle = NaN;
    this.isFollowing = true;
  }

  /** Lowest row that shows: the way that the price has gone is in the picture, and the mid never at its edge. */
  lowRow(columns: Columns, { bucketTicks }: Watching): number {
    const { middle } = columns;
    const path = columns.path(columns.newest - this.shown + 1);
    const moves = Number.isNaN(this.#middle) || (this.isFollowing && !this.isHeld);
    if (middle !== undefined && path !== undefined && moves) {
      const low = path.low / bucketTicks;
      const high = path.high / bucketTicks;
      if (!this.#isSized) this.#grow(high - low);
      const now = middle / 2 / bucketTicks;
      const room = MID_PART * this.rows;
      this.#glide(Math.min(now + room, Math.max(now - room, (low + high) / 2)));
    }
    return Math.round((Number.isNaN(this.#middle) ? 0 : this.#middle) - this.rows / 2);
  }

  /** More rows at once where the way needs them, fewer again only when it needs far fewer. */
  #grow(span: number): void {
    const wanted = ROWS_STEPS.find((rows) => rows >= this.#usual && span <= PATH_PART * rows) ?? ROWS_MAX;
    const isRoomy = span < (PATH_PART / 2) * this.rows;
    if (wanted > this.rows || isRoomy || this.rows < this.#usual) this.rows = wanted;
  }

  #glide(wanted: number): void {
    if (Number.isNaN(this.#middle) || Math.abs(wanted - this.#middle) > this.rows) this.#middle = wanted;
    const away = wanted - this.#middle;
    if (Math.abs(away) > (CALM_PART * this.rows) / 2) this.#isGliding = true;
    if (Math.abs(away) < 1) this.#isGliding = false;
    if (this.#isGliding) this.#middle += away * GLIDE;
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
    this.rows = ROWS_AFTER_ZOOM;
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
    this.rows = 200;
    this.shown = SHOWN_STEPS.at(-1) as number;
  }
}

function nearest(steps: readonly number[], wanted: number): number {
  return steps.reduce((best, step) => (Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best));
}
