// Does the page show the running daemon as it is, and does its kill switch end what the exchange holds for us?
import type { Browser, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CrashRoom } from '../crash/room.ts';
import type { Daemon } from '../crash/daemon.ts';
import { askAll, cases } from '../operator/hostile-cases.ts';
import { parsePrometheus } from '../operator/prometheus-text.ts';
import { ask, logIn } from '../operator/visitor.ts';
import { ALL_RULES, findings, loadAxe } from './axe.ts';
import { artefact, coloursOfHeat, openBrowser, visit, type ViewName, type Visitor } from './browser.ts';

const WAIT = { timeout: 120_000, interval: 100 };
const SETTINGS = ['database.mode=off', 'dashboard.enabled=true', 'dashboard.port=0', 'dashboard.control=true'];

let room: CrashRoom;
let daemon: Daemon;
let browser: Browser;
let url: string;
let token: string;
let visitor: Visitor;
let page: Page;

const text = (selector: string): Promise<string> => page.locator(selector).innerText();

async function heldAtExchange(): Promise<readonly string[]> {
  await room.venue.catchUp();
  return [...room.venue.truth.positions.keys()];
}

beforeAll(async () => {
  browser = await openBrowser();
  return () => browser.close();
});
beforeAll(async () => {
  room = await CrashRoom.open(5);
  return () => room.close();
});
beforeAll(async () => {
  daemon = room.start(SETTINGS);
  await room.until(daemon, async () => {
    const listening = (await room.log().catch(() => [])).find(({ event }) => event === 'dashboard.listening');
    if (listening !== undefined) url = listening['url'] as string;
    return listening !== undefined;
  });
  token = readFileSync(path.join(room.stateDir, 'dashboard.token'), 'utf8').trim();
  visitor = await visit(browser, `${url}#token=${token}`, 'desktop-dark');
  ({ page } = visitor);
});

test('the market that it watches is drawn, with densities', async () => {
  await expect.poll(() => coloursOfHeat(page), WAIT).toBeGreaterThan(20);
  await expect.poll(() => page.locator('.lives-box tbody tr').count(), WAIT).toBeGreaterThan(0);
});

test('what it opens is there while it is held, and among the results when it is closed', async () => {
  await page.keyboard.press('1');
  // An order that is on its way stands there too, and has no entry price.
  const opened = page.locator('.cards tbody tr:has([data-head=Entry][title]:not([title=""]))');
  const shownAndHeld = async (): Promise<readonly string[]> => {
    const held = await heldAtExchange();
    const shown = await opened.allInnerTexts();
    return held.filter((symbol) => shown.some((text) => text.includes(symbol)));
  };
  await expect.poll(shownAndHeld, WAIT).not.toEqual([]);
  await page.keyboard.press('3');
  await expect.poll(() => page.locator('.trades tbody tr').count(), WAIT).toBeGreaterThan(0);
});

test('every number of it can be scraped', async () => {
  const got = await ask(url, { path: '/metrics' });
  const families = parsePrometheus(got.body);
  const value = (name: string): number => families.get(name)?.samples[0]?.value ?? NaN;
  expect(value('plotnost_frames_total')).toBeGreaterThan(0);
  expect(value('plotnost_orders_sent_total')).toBeGreaterThan(0);
  expect(value('plotnost_equity_usdt')).toBeGreaterThan(0);
  const stages = families.get('plotnost_stage_duration_seconds')?.samples ?? [];
  const unmeasured = stages.filter(({ name, value: count }) => name.endsWith('_count') && count === 0);
  expect(unmeasured.map(({ labels }) => labels['stage'])).toEqual([]);
});

test('whatever strangers claim, it does nothing for them', async () => {
  const login = await logIn(url, token);
  // The whole matrix is asked elsewhere; here two thirds of it, of an engine that trades.
  const strangers = cases(url, { token, login }).filter(({ isProven }, i) => !isProven && i % 3 > 0);
  expect(strangers.length).toBeGreaterThanOrEqual(200);
  const answers = await askAll(url, strangers);
  expect(strangers.filter((_, i) => answers[i]?.status === 200).map(({ name }) => name)).toEqual([]);
  const told = (await room.log()).filter(({ event }) => event === 'dashboard.command' || event === 'command.taken');
  expect(told).toEqual([]);
  expect(await text('#mode')).not.toContain('PAUSED');
});

test.each(['desktop-light', 'phone-dark', 'phone-light'] as const)('%s: it is all there', async (view: ViewName) => {
  const other = await visit(browser, `${url}#token=${token}`, view);
  await expect.poll(() => coloursOfHeat(other.page), WAIT).toBeGreaterThan(20);
  await other.page.screenshot({ path: artefact(`running-${view}.png`) });
  expect(await other.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  expect(other.complaints).toEqual([]);
  await other.close();
});

test('the kill switch makes it flat, by the exchange’s own ledger, and nothing is entered after', async () => {
  await expect.poll(async () => (await heldAtExchange()).length, WAIT).toBeGreaterThan(0);
  await page.keyboard.press('1');
  await page.screenshot({ path: artefact('running-desktop-dark.png') });
  await page.keyboard.press('Shift+K');
  await expect.poll(() => text('#confirm'), WAIT).toContain('every position of ours is closed at the market');
  await page.keyboard.press('Enter');
  await expect.poll(() => text('#mode'), WAIT).toContain('KILLED');
  await expect.poll(heldAtExchange, WAIT).toEqual([]);
  await expect.poll(() => text('#sheet-positions'), WAIT).toContain('No position is open');
  await expect.poll(() => room.mode(), WAIT).toBe('HALTED');
  expect(await heldAtExchange()).toEqual([]);
  await page.screenshot({ path: artefact('running-killed.png') });
});

test('nobody is kept from using it, and the browser has complained about nothing', async () => {
  await page.keyboard.press('Space');
  await loadAxe(page);
  expect(await findings(page, ['html'], ALL_RULES)).toEqual([]);
  expect(visitor.complaints).toEqual([]);
});
