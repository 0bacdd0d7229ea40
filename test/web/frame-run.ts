// How long does a frame of the map take with 200 × 900 cells, ten times a second? `node test/web/frame-run.ts --seconds 20`
//
// Drawing: what the page's own code takes. Raster: what the browser then takes to make pixels of it without a graphics card,
// forced by reading one pixel back; with a card it is not the page's thread that does it.
import { readFlags } from '../flags.ts';
import { startFakeMain } from '../operator/fake-main.ts';
import { openBrowser, visit } from './browser.ts';

const WARM_MS = 20_000;
const { values } = readFlags('node test/web/frame-run.ts', {
  seconds: { type: 'whole', least: 1, default: 20, says: 'how long' },
});
const { seconds } = values;

const WATCH = `
  window.times = { drawing: [], raster: [] };
  const later = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (draw) => later((now) => {
    document.body.getBoundingClientRect();
    const began = performance.now();
    draw(now);
    const drawn = performance.now();
    document.querySelector('canvas.plot')?.getContext('2d').getImageData(0, 0, 1, 1);
    document.querySelector('canvas.heat')?.getContext('2d').getImageData(0, 0, 1, 1);
    window.times.drawing.push(drawn - began);
    window.times.raster.push(performance.now() - drawn);
  });
`;

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? NaN).toFixed(2);
  return `p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)} ms`;
}

const main = await startFakeMain({ seed: 7, symbols: 4 });
const browser = await openBrowser();
const { page } = await visit(browser, `${main.url}#token=${main.token}`, 'desktop-dark', WATCH);
await page.waitForTimeout(WARM_MS);
await page.keyboard.press('a');
await page.waitForTimeout(1_000);
await page.evaluate('for (const list of Object.values(window.times)) list.length = 0');
await page.waitForTimeout(seconds * 1_000);
const size = await page.evaluate<string>(
  `(({ width, height }) => width + ' × ' + height)(document.querySelector('canvas.heat'))`,
);
const { drawing, raster } = await page.evaluate<Record<'drawing' | 'raster', number[]>>('window.times');
console.log(`${size} cells, ${drawing.length} frames in ${seconds} s`);
console.log(`drawing  ${quantiles(drawing)}`);
console.log(`raster   ${quantiles(raster)}`);
await browser.close();
await main.close();
