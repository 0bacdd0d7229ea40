// How does a test look at the page? With a real Chromium, under the page's own policy, noting everything it complains about.
import { existsSync, mkdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const VIEWS = {
  'desktop-dark': { viewport: { width: 1600, height: 900 }, colorScheme: 'dark' },
  'desktop-light': { viewport: { width: 1440, height: 860 }, colorScheme: 'light' },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark', isMobile: true, hasTouch: true },
  'phone-light': { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true },
} as const satisfies Record<string, BrowserContextOptions>;
export type ViewName = keyof typeof VIEWS;

export function openBrowser(): Promise<Browser> {
  const executablePath = [process.env['CHROMIUM'] ?? '', ...PLACES].find((place) => existsSync(place));
  if (executablePath === undefined) {
    throw new Error('no Chromium is here: install one (apt-get install chromium) or name it in the variable CHROMIUM');
  }
  return chromium.launch({ executablePath, args: ARGS });
}

/** One person before one screen. */
export interface Visitor {
  readonly page: Page;
  /** What the console and the page itself complained about. */
  readonly complaints: string[];
  readonly close: () => Promise<void>;
}

/** `script` runs before anything of the page. */
export async function visit(browser: Browser, address: string, view: ViewName, script?: string): Promise<Visitor> {
  const context = await browser.newContext(VIEWS[view]);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  if (script !== undefined) await page.addInitScript(script);
  await page.goto(address);
  return { page, complaints, close: () => context.close() };
}

/** Where pictures of the page are left for whoever wants to look; each account has its own place. */
export function artefact(name: string): string {
  const own = path.join(os.tmpdir(), `plotnost-artefacts-${os.userInfo().uid}`);
  const directory = process.env['PLOTNOST_ARTEFACTS'] ?? own;
  mkdirSync(directory, { recursive: true });
  return path.join(directory, name);
}

/** Different colours in the picture of the sizes. */
export async function coloursOfHeat(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('canvas.heat');
    if (canvas === null || canvas.width === 0) return 0;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}
