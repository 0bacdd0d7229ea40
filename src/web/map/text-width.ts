// How wide is a word? Asked once: the same few are drawn ten times a second.

const WIDTHS_MAX = 2_000;
const widths = new Map<string, number>();

/** In the font that the context has now. */
export function widthOf(context: CanvasRenderingContext2D, font: string, text: string): number {
  const key = `${font} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size >= WIDTHS_MAX) widths.clear();
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}
