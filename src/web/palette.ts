// Which colour has a size on the map? One ramp for dark and one for light paper; lightness rises (falls) steadily, so that it is
// read without colours too.

type Stop = readonly [at: number, lightness: number, a: number, b: number];

// OKLab: equal steps look equal.
const ON_DARK: readonly Stop[] = [
  [0, 0.165, -0.004, -0.018],
  [0.18, 0.26, -0.012, -0.062],
  [0.4, 0.44, -0.052, -0.085],
  [0.62, 0.64, -0.098, 0.002],
  [0.82, 0.84, 0.0, 0.145],
  [1, 0.985, 0.004, 0.028],
];
const ON_LIGHT: readonly Stop[] = [
  [0, 0.985, -0.001, -0.003],
  [0.18, 0.92, -0.02, -0.03],
  [0.4, 0.78, -0.055, -0.055],
  [0.62, 0.6, -0.035, -0.125],
  [0.82, 0.42, 0.045, -0.15],
  [1, 0.22, 0.07, -0.055],
];

export type Paper = 'dark' | 'light';

/** 256 colours as ImageData wants them in one number, on a little-endian machine, which all browsers run on. */
export function palette(paper: Paper): Uint32Array {
  const stops = paper === 'dark' ? ON_DARK : ON_LIGHT;
  const colours = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const { red, green, blue } = colourAt(stops, i / 255);
    colours[i] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return colours;
}

function colourAt(stops: readonly Stop[], at: number): { red: number; green: number; blue: number } {
  let i = 0;
  while (i < stops.length - 2 && at > (stops[i + 1] as Stop)[0]) i++;
  const from = stops[i] as Stop;
  const to = stops[i + 1] as Stop;
  const part = (at - from[0]) / (to[0] - from[0]);
  const mix = (k: 1 | 2 | 3): number => from[k] + (to[k] - from[k]) * part;
  return toRgb(mix(1), mix(2), mix(3));
}

function toRgb(lightness: number, a: number, b: number): { red: number; green: number; blue: number } {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return {
    red: byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    green: byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    blue: byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  };
}

function byte(linear: number): number {
  const clamped = Math.min(1, Math.max(0, linear));
  const gamma = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055;
  return Math.round(gamma * 255);
}
