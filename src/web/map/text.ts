// hot: some sixty words ten times a second. How is a word drawn at the cost of a stamp?
//
// Each is written once, onto a picture of its own, and laid where it is wanted. Besides: a font that is set on a canvas of the page
// makes the browser settle the styles of the whole page first, in the midst of a frame; these pictures belong to no page.

export interface Ink {
  readonly font: string;
  readonly colour: string;
  /** Which end of the text lies at x; the middle of its height lies at y. */
  readonly align?: 'left' | 'right' | 'center';
}

interface Picture {
  readonly bitmap: ImageBitmap;
  readonly width: number;
}

/** Prices and ages come and go: the oldest make room, one by one, so that no frame pays for many. */
const PICTURES_MAX = 600;
const WIDTHS_MAX = 2_000;
const HEIGHT = 16;
const AIR = 2;
const pictures = new Map<string, Picture>();
const widths = new Map<string, number>();
/** One for all: a context is dear to make. */
let scratch: OffscreenCanvasRenderingContext2D | undefined;

export function widthOf(font: string, text: string): number {
  const key = `${font} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size >= WIDTHS_MAX) widths.clear();
  const context = scratchContext();
  context.font = font;
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}

export function drawText(context: CanvasRenderingContext2D, text: string, x: number, y: number, ink: Ink): void {
  if (text === '') return;
  const ratio = Math.min(2, devicePixelRatio || 1);
  const { bitmap, width } = pictureOf(text, ink.font, ink.colour, ratio);
  const { align = 'left' } = ink;
  const left = align === 'left' ? x : align === 'right' ? x - width : x - width / 2;
  // On whole pixels, or it would be blurred.
  const atX = Math.round((left - AIR) * ratio) / ratio;
  const atY = Math.round((y - HEIGHT / 2) * ratio) / ratio;
  context.drawImage(bitmap, atX, atY, bitmap.width / ratio, bitmap.height / ratio);
}

function pictureOf(text: string, font: string, colour: string, ratio: number): Picture {
  const key = `${ratio} ${colour} ${font} ${text}`;
  const known = pictures.get(key);
  if (known !== undefined) return known;
  if (pictures.size >= PICTURES_MAX) forgetOldest();
  const width = widthOf(font, text);
  const context = scratchContext();
  const { canvas } = context;
  canvas.width = Math.ceil((width + 2 * AIR) * ratio);
  canvas.height = HEIGHT * ratio;
  context.scale(ratio, ratio);
  context.font = font;
  context.fillStyle = colour;
  context.textBaseline = 'middle';
  context.fillText(text, AIR, HEIGHT / 2);
  const picture = { bitmap: canvas.transferToImageBitmap(), width };
  pictures.set(key, picture);
  return picture;
}

function forgetOldest(): void {
  for (const [key, { bitmap }] of pictures) {
    bitmap.close();
    pictures.delete(key);
    return;
  }
}

function scratchContext(): OffscreenCanvasRenderingContext2D {
  scratch ??= new OffscreenCanvas(1, HEIGHT).getContext('2d') as OffscreenCanvasRenderingContext2D;
  return scratch;
}
