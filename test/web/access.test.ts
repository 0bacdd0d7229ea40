// Can everybody use the page? By eye on any screen, by keyboard, by screen reader; and without the right to change anything.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeMain, type FakeMain } from '../operator/fake-main.ts';
import { ALL_RULES, findings, loadAxe, SEEN_RULES } from './axe.ts';
import { artefact, coloursOfHeat, openBrowser, visit, type ViewName, type Visitor } from './browser.ts';

const WAIT = { timeout: 90_000, interval: 100 };
/** Of long lists the first rows: the others are made the same. */
const SHEETS = {
  positions: ['#sheet-positions'],
  signals: ['#sheet-signals > .bar', '.signal:nth-child(-n + 4)'],
  results: ['.curve', '.trades thead', '.trades tr:nth-child(-n + 4)'],
  system: ['#sheet-system'],
  log: ['#sheet-log > .bar', '.log li:nth-child(-n + 8)'],
} as const;

let browser: Browser;
let main: FakeMain;
let address: string;

beforeAll(async () => {
  browser = await openBrowser();
  main = await startFakeMain({ seed: 11, symbols: 4, control: true });
  address = `${main.url}#token=${main.token}`;
});

afterAll(async () => {
  await browser.close();
  await main.close();
});

async function overview(view: ViewName): Promise<Visitor> {
  const visitor = await visit(browser, address, view);
  await expect.poll(() => coloursOfHeat(visitor.page), WAIT).toBeGreaterThan(10);
  await visitor.page.screenshot({ path: artefact(`${view}.png`) });
  // A map that moves costs what the looking needs.
  await visitor.page.keyboard.press('Space');
  await loadAxe(visitor.page);
  return visitor;
}

async function sidewaysOf({ page }: Visitor): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
}

// Every sheet in both colours and on both sizes; not in all four pairs of them.
test.each(['desktop-dark', 'phone-light'] as const)(
  'on %s nothing on any sheet is out of reach, unnamed or too faint',
  async (view) => {
    const visitor = await overview(view);
    const { page, complaints, close } = visitor;
    const rules = view === 'desktop-dark' ? ALL_RULES : SEEN_RULES;
    const found: Record<string, readonly string[]> = { overview: await findings(page, ['html'], rules) };
    // On a wide screen all places are there at once.
    for (const place of view === 'phone-light' ? ['Symbols', 'Desk'] : []) {
      await page.locator('#places').getByRole('button', { name: place }).click();
      await page.screenshot({ path: artefact(`${view}-${place.toLowerCase()}.png`) });
      found[place] = await findings(page, ['#room'], rules);
    }
    for (const [sheet, rows] of Object.entries(SHEETS)) {
      await page.locator(`#tab-${sheet}`).click();
      await page.screenshot({ path: artefact(`${view}-${sheet}.png`) });
      found[sheet] = await findings(page, rows, rules);
    }
    expect(await sidewaysOf(visitor), 'nothing sticks out sideways').toBeLessThanOrEqual(0);
    await page.locator('#help-button').click();
    await page.screenshot({ path: artefact(`${view}-help.png`) });
    found['help'] = await findings(page, ['#help'], rules);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Kill switch' }).click();
    await page.screenshot({ path: artefact(`${view}-kill.png`) });
    found['kill switch'] = await findings(page, ['#confirm'], rules);
    await page.keyboard.press('Escape');
    expect(Object.entries(found).filter(([, lines]) => lines.length > 0)).toEqual([]);
    expect(complaints).toEqual([]);
    await close();
  },
);

test.each(['desktop-light', 'phone-dark'] as const)(
  'on %s nothing sticks out, and nothing is too faint or too small',
  async (view) => {
    const visitor = await overview(view);
    expect(await findings(visitor.page, ['html'], SEEN_RULES)).toEqual([]);
    expect(await sidewaysOf(visitor)).toBeLessThanOrEqual(0);
    expect(visitor.complaints).toEqual([]);
    await visitor.close();
  },
);

test('the keyboard goes through the page from the top, and comes out of a dialog where it went in', async () => {
  const { page, close } = await visit(browser, address, 'desktop-dark');
  await expect.poll(() => page.locator('#commands button:enabled').count(), WAIT).toBe(2);
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('Tab');
    seen.push(await page.evaluate<string>('document.activeElement.textContent.trim() || document.activeElement.id'));
  }
  expect(seen).toEqual(['Skip to the map', 'Pause', 'Kill switch', 'theme-button', '?', 'symbols-filter']);
  await page.locator('#help-button').focus();
  await page.keyboard.press('?');
  await expect.poll(() => page.locator('#help').isVisible(), WAIT).toBe(true);
  expect(await page.evaluate('document.getElementById("help").scrollTop')).toBe(0);
  await page.keyboard.press('Escape');
  expect(await page.evaluate('document.activeElement.id')).toBe('help-button');
  await page.locator('#tab-positions').focus();
  await page.keyboard.press('ArrowRight');
  expect(await page.evaluate('document.activeElement.id')).toBe('tab-signals');
  await page.keyboard.press('/');
  await page.keyboard.type('no such');
  await expect.poll(() => page.locator('#symbols-body').innerText(), WAIT).toContain('No such symbol');
  await close();
});

test('dark and light follow the system until a person chooses, and the choice stays', async () => {
  const { page, close } = await visit(browser, address, 'desktop-light');
  const scheme = (): Promise<string> =>
    page.evaluate<string>('getComputedStyle(document.documentElement).getPropertyValue("--panel")');
  await expect.poll(scheme, WAIT).toBe('rgb(255, 255, 255)');
  await page.keyboard.press('t');
  await page.keyboard.press('t');
  expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
  await page.reload();
  await expect.poll(scheme, WAIT).toBe('rgb(15, 20, 27)');
  await close();
});

test('without the token nothing is shown, with it everything, also where the engine was away at first, and why a token is not taken is told', async () => {
  const { page, close } = await visit(browser, main.url, 'phone-dark');
  await expect.poll(() => page.locator('#sign-in').innerText(), WAIT).toContain('Sign in');
  expect(await page.locator('.symbols-list tbody tr').count()).toBe(0);
  await page.locator('#sign-in input').fill('wrong');
  await page.keyboard.press('Enter');
  const why = (): Promise<string> => page.locator('#sign-in [role=alert]').innerText();
  await expect.poll(why, WAIT).toBe('this is not the token of the engine that runs now');
  await page.route('**/api/login', (route) => route.abort());
  await page.keyboard.press('Enter');
  await expect.poll(why, WAIT).toContain('The engine was not reached');
  await page.unroute('**/api/login');
  await page.locator('#sign-in input').fill(main.token);
  await page.keyboard.press('Enter');
  const rows = (): Promise<number> => page.locator('.symbols-list tbody tr').count();
  await expect.poll(rows, WAIT).toBe(4);
  await page.route('**/api/session', (route) => route.abort(), { times: 1 });
  await page.reload();
  await expect.poll(rows, WAIT).toBe(4);
  expect(await page.locator('#commands').innerText()).toContain('Kill switch');
  await close();
});

test('a surface that is read-only has no button that changes anything, and that an engine is away is told, and hides nothing', async () => {
  const reader = await startFakeMain({ seed: 3, symbols: 2, control: false });
  const { page, close } = await visit(browser, `${reader.url}#token=${reader.token}`, 'desktop-dark');
  await expect.poll(() => page.locator('#commands').innerText(), WAIT).toBe('read-only');
  await expect.poll(() => page.locator('.symbols-list tbody tr').count(), WAIT).toBe(2);
  for (const key of ['p', 'Shift+K', 'c']) await page.keyboard.press(key);
  expect(await page.locator('#confirm').isVisible()).toBe(false);
  expect(await page.getByRole('button', { name: /^Close/ }).count()).toBe(0);
  await page.locator('#tab-system').click();
  await expect.poll(() => page.locator('#sheet-system').innerText(), WAIT).toContain('1 client,');
  await reader.close();
  await expect.poll(() => page.locator('#offline').isVisible(), WAIT).toBe(true);
  expect(await page.locator('#link').innerText()).toBe('no connection');
  await page.setViewportSize({ width: 390, height: 844 });
  const [header, told, rest] = await page.evaluate<Record<'top' | 'bottom', number>[]>(
    `['.top', '#offline', '#room'].map((part) => document.querySelector(part).getBoundingClientRect().toJSON())`,
  );
  expect(told?.top).toBeGreaterThanOrEqual(header?.bottom ?? Infinity);
  expect(rest?.top).toBeGreaterThanOrEqual(told?.bottom ?? Infinity);
  await close();
});
