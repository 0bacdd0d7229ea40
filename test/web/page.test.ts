// Does a person see the market, what is held and why, and can they stop it? In a browser, against the real operator thread.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import type { Slot } from '../../src/market/units.ts';
import type { AccountDigest, TradeTold, WatchedSymbol } from '../../src/operator/port.ts';
import { startFakeMain, type FakeMain } from '../operator/fake-main.ts';
import { coloursOfHeat, openBrowser, visit, type Visitor } from './browser.ts';

/** Not everybody's clock is set. */
const AHEAD = 'const now = Date.now; Date.now = () => now() + 86_400_000;';
const WAIT = { timeout: 90_000, interval: 100 };

let browser: Browser;
let main: FakeMain;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  main = await startFakeMain({ seed: 7, symbols: 4 });
  visitor = await visit(browser, `${main.url}#token=${main.token}`, 'desktop-dark', AHEAD);
  ({ page } = visitor);
});

afterAll(async () => {
  await browser.close();
  await main.close();
});

const text = (selector: string): Promise<string> => page.locator(selector).innerText();
/** Of a question that is closed its words are still there. */
const asked = async (): Promise<string> => (await page.locator('#confirm[open]').allInnerTexts()).join();

test('the token is out of the address as soon as it was used', async () => {
  await expect.poll(() => text('#link'), WAIT).toBe('connected');
  expect(new URL(page.url()).hash).toBe('');
  expect(await page.evaluate('document.cookie')).toBe('');
});

test('all watched symbols are listed, and one of them is shown', async () => {
  await expect.poll(() => page.locator('.symbols-list tbody tr').count(), WAIT).toBe(4);
  await expect.poll(() => text('#map-title'), WAIT).toMatch(/^[A-Z0-9]+USDT$/);
  expect(await page.locator('.symbols-list tr[aria-current]').count()).toBe(1);
  // Where something is held first, then by the nearest density.
  const order = (await page.locator('.symbols-list tbody tr').allInnerTexts()).map((row) => {
    return row.includes('◼') ? -1 : Number(/ ([\d.]+)%$/.exec(row)?.[1] ?? Infinity);
  });
  expect(order).toEqual(order.toSorted((a, b) => a - b));
});

test('a symbol in which something is held is marked, and no name is so long that it hides the mark', async () => {
  const marks = (): Promise<boolean[]> =>
    page.evaluate(`[...document.querySelectorAll('.symbols-list .held:not(:empty)')].map((mark) => {
      mark.previousElementSibling.textContent = 'A'.repeat(30);
      const [at, cell] = [mark, mark.parentElement].map((one) => one.getBoundingClientRect());
      return at.width > 0 && at.left >= cell.left && at.right <= cell.right && at.top < cell.bottom && at.bottom > cell.top;
    })`);
  const areShown = async (): Promise<boolean> => {
    const all = await marks();
    return all.length > 0 && !all.includes(false);
  };
  await expect.poll(areShown, WAIT).toBe(true);
});

test('who leafs through the symbols with a key held down stays connected, and sees where he stops', async () => {
  const dialled: string[] = [];
  page.on('websocket', (socket) => dialled.push(socket.url()));
  for (let i = 0; i < 42; i++) await page.keyboard.press('j');
  const shown = (): Promise<boolean> =>
    page.evaluate(`document.querySelector('.symbols-list [aria-current] .name').textContent.split(' ')[0] ===
      document.querySelector('#map-title').textContent && document.querySelector('.map .price').textContent !== ''`);
  await expect.poll(shown, WAIT).toBe(true);
  expect(dialled).toEqual([]);
});

test('the depth over time is drawn in many sizes, with the book beside it', async () => {
  await expect.poll(() => coloursOfHeat(page), WAIT).toBeGreaterThan(20);
  // All at one moment, for the market goes on.
  const bids = (): Promise<number[]> =>
    page.locator('.bids tr').evaluateAll((rows) => rows.map((row) => Number(row.firstElementChild?.textContent)));
  // The rows stand from the start; their levels come a moment after the depth of before.
  await expect.poll(async () => (await bids())[1], WAIT).toBeGreaterThan(0);
  const shown = await bids();
  expect(shown).toEqual(shown.filter((price) => price > 0).toSorted((a, b) => b - a));
});

test('the ladder has the best prices in its middle, the spread between them, and sums what rests from there outward', async () => {
  interface Ladder {
    readonly asks: readonly string[][];
    readonly bids: readonly string[][];
    readonly spread: string;
  }
  const ladder = await page.evaluate<Ladder>(`(() => {
    const cells = (side) => [...document.querySelectorAll('.ladder .' + side + ' tr')]
      .map((row) => [...row.cells].map(({ textContent }) => textContent)).filter(([price]) => price !== '');
    return { asks: cells('asks').reverse(), bids: cells('bids'), spread: document.querySelector('.ladder .spread').textContent };
  })()`);
  const parts = { k: 1e3, M: 1e6, B: 1e9 } as const;
  const number = (told: string): number => {
    const [, value, unit] = /^(?:◆ )?([\d.]+)([kMB]?)$/.exec(told) ?? [];
    return Number(value) * (parts[unit as keyof typeof parts] ?? 1);
  };
  const [asks, bids] = [ladder.asks, ladder.bids].map((rows) => rows.map((row) => row.map(number)));
  for (const [rows, outward] of [
    [asks, 1],
    [bids, -1],
  ] as const) {
    expect(rows?.length).toBeGreaterThan(5);
    let sum = 0;
    for (const [i, [price, size, usdt, told]] of (rows as [number, number, number, number][]).entries()) {
      sum += usdt;
      // Three digits of each are shown.
      expect(Math.abs(price * size - usdt)).toBeLessThan(0.01 * usdt + 0.01);
      expect(Math.abs(told / sum - 1)).toBeLessThan(0.02);
      expect(((rows?.[i + 1]?.[0] ?? outward * Infinity) - price) * outward).toBeGreaterThan(0);
    }
  }
  const [ask = 0, bid = 0] = [asks?.[0]?.[0], bids?.[0]?.[0]];
  expect(Number(/^spread ([\d.]+) ·/.exec(ladder.spread)?.[1])).toBeCloseTo(ask - bid, 9);
});

test('densities are told with side, size and age by the engine’s own time, also to who does not see the picture', async () => {
  const ages = (): Promise<string[]> => page.locator('.lives-box tbody td:nth-child(4)').allInnerTexts();
  await expect.poll(async () => (await ages()).length, WAIT).toBeGreaterThan(0);
  for (const told of await ages()) expect(told).toMatch(/^\d+(s|m\d\d)$/);
  await expect.poll(() => page.locator('canvas.plot').getAttribute('aria-label'), WAIT).toMatch(/\d+ densities/);
});

test('the map is moved, zoomed and dimmed by keys, and follows the price again when asked', async () => {
  await page.locator('canvas.plot').focus();
  await page.keyboard.press('ArrowUp');
  const follow = page.getByRole('button', { name: 'Follow' });
  expect(await follow.getAttribute('aria-pressed')).toBe('false');
  for (const key of ['+', '+', '-', '.', ',', ']', '[', 'a']) await page.keyboard.press(key);
  await page.keyboard.press('f');
  expect(await follow.getAttribute('aria-pressed')).toBe('true');
  const size = 'canvas.heat';
  await expect
    .poll(() => page.locator(size).evaluate((canvas) => [canvas.getAttribute('width'), canvas.getAttribute('height')]))
    .toEqual(['900', '200']);
});

test('the map does not jump with the length of the numbers above it', async () => {
  const heights = await page.evaluate<number[]>(`['', 'x'.repeat(60)].map((text) => {
    document.querySelector('#map-head .soft').textContent = text;
    return document.querySelector('#map-body').getBoundingClientRect().height;
  })`);
  expect(heights[0]).toBe(heights[1]);
});

test('a picture that is held still is read as it stands: each price is one of the exchange’s, has one size, and keeps it', async () => {
  const read = (): Promise<string[]> =>
    page.evaluate(`(() => {
      const plot = document.querySelector('canvas.plot');
      const { top, height } = plot.getBoundingClientRect();
      // Among the newest columns: the map is young.
      const clientX = document.querySelector('canvas.heat').getBoundingClientRect().right - 5;
      const told = [];
      for (let y = 20; y < height - 90; y++) {
        plot.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY: top + y }));
        told.push([...document.querySelectorAll('.tip div')].map((line) => line.textContent).join(' | '));
      }
      plot.dispatchEvent(new PointerEvent('pointerleave'));
      return told;
    })()`);
  for (const name of ['Densities', 'Signals', 'Orders']) await page.getByRole('button', { name, exact: true }).click();
  for (let i = 0; i < 3; i++) await page.keyboard.press('+');
  const freeze = page.locator('#map-head').getByRole('button', { name: /^Fr/ });
  await freeze.click();
  const drawn = 'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))';
  await page.evaluate(drawn);
  const before = await read();
  expect(before.join()).toContain('USDT rest');
  const title = await text('#map-title');
  const { instrument } = main.market.symbols.find((one) => one.instrument.symbol === title) as WatchedSymbol;
  const scaled = before.map((told) => Math.round(Number(told.split(' ')[0]) * 10 ** instrument.priceScale));
  expect(scaled.filter((price) => price % instrument.tickScaled !== 0)).toEqual([]);
  const sizes = Map.groupBy(before, (told) => told.split(' ')[0]).values();
  expect([...sizes].filter((told) => new Set(told.map((one) => one.split(' | ')[1])).size > 1)).toEqual([]);
  const news = async (): Promise<string> => text('.map .price');
  const then = await news();
  await expect.poll(news, WAIT).not.toBe(then);
  // Drawn anew three times, for other colours.
  for (let i = 0; i < 3; i++) await page.keyboard.press('t');
  await page.evaluate(drawn);
  expect(await read()).toEqual(before);
  await freeze.click();
  await expect.poll(async () => (await read())[0]?.split(' | ').at(-1), WAIT).not.toBe(before[0]?.split(' | ').at(-1));
  for (const name of ['Densities', 'Signals', 'Orders']) await page.getByRole('button', { name, exact: true }).click();
});

test('why a signal came or did not is there with every value and threshold', async () => {
  await page.keyboard.press('2');
  await expect.poll(() => page.locator('.signal').count(), WAIT).toBeGreaterThan(0);
  expect(await text('.signal:first-child .criteria')).toMatch(/[✓✕] .+ \/ /);
});

test('a price that is near enough and is no touch has not come from afar, and the page says so', async () => {
  await page.keyboard.press('2');
  const touches = async (): Promise<string[]> =>
    (await page.locator('.signal .criteria > *').allInnerTexts()).filter((told) => told.includes('touch, ticks'));
  const isNear = (told: string): boolean => {
    const [value = NaN, most = NaN] = (told.match(/[\d.−]+/g) ?? []).map((number) => Number(number.replace('−', '-')));
    return value <= most;
  };
  await expect.poll(async () => (await touches()).length, WAIT).toBeGreaterThan(0);
  for (const told of await touches()) expect(told.includes('not from afar')).toBe(told.startsWith('✕') && isNear(told));
});

test('what the engine logs is text on the page and never part of it', async () => {
  const line = JSON.stringify({
    time: new Date().toISOString(),
    level: 'warn',
    msg: 'feed.<img src=x onerror=alert(1)>',
    note: '<b>bold</b>',
  });
  main.tell({ kind: 'log', atMs: Date.now() as Ms, line });
  await page.keyboard.press('5');
  await expect.poll(() => text('.log'), WAIT).toContain('<img src=x onerror=alert(1)>');
  expect(await page.locator('.log img').count()).toBe(0);
});

test('a symbol that no position is large enough for is named beside the orders, and one whose book does not fit its grid beside the feed', async () => {
  await page.locator('#tab-system').click();
  await expect.poll(() => text('#sheet-system'), WAIT).toMatch(/Size too small\s+BTCUSDT/);
  await expect.poll(() => text('#sheet-system'), WAIT).toMatch(/Left out\s+ODDUSDT/);
  await page.locator('#tab-positions').click();
  expect(await page.locator('#sheet-system').isVisible()).toBe(false);
});

test('a position shows its stop, its profit and why it is held, and closes by a command that is asked once more', async () => {
  await page.keyboard.press('1');
  const isAsked = async (): Promise<boolean> => {
    const row = page.locator('.cards tbody tr').first();
    if ((await row.count()) === 0) return false;
    const cells = await row.locator('td').allInnerTexts();
    expect(cells[8]).not.toBe('');
    const tones = await page
      .locator('.cards tbody td:nth-child(5)')
      .evaluateAll((all) => all.map(({ textContent, classList }) => [textContent[0], classList.value.split(' ')[2]]));
    const stood = await page.evaluate<
      [string, string, string, string][]
    >(`[...document.querySelectorAll('.cards tbody tr')]
      .map(({ cells }) => [cells[0].textContent, cells[2].textContent, cells[4].textContent, cells[4].title])`);
    for (const [name, entry, profit, by] of stood) {
      const price = /^at the (?:mark price|mid) ([\d.]+), before fees$/.exec(by)?.[1];
      const won = (Number(price) - Number(entry)) * (name.includes('short') ? -1 : 1);
      expect(won * Number.parseFloat(profit.replace('−', '-'))).toBeGreaterThanOrEqual(0);
    }
    for (const [sign, tone] of tones) expect(tone).toBe({ '+': 'gain', '−': 'loss' }[sign as string] ?? '');
    await row.getByRole('button', { name: /^Close/ }).click({ timeout: 2_000 });
    return page.locator('#confirm').isVisible();
  };
  // It may be gone by itself between the look and the click.
  await expect.poll(() => isAsked().catch(() => false), WAIT).toBe(true);
  await page.keyboard.press('Enter');
  await expect.poll(() => main.desk.commands.map(({ kind }) => kind), WAIT).toContain('close');
  await expect.poll(() => text('#toasts'), WAIT).toMatch(/close \w+: accepted/);
});

test('what somebody else holds is shown, and is neither counted, nor offered to be closed, nor named among what the kill switch closes', async () => {
  main.desk.stranger = 'HUMANUSDT';
  await page.keyboard.press('1');
  const row = page.locator('.cards tbody tr', { hasText: 'HUMANUSDT' });
  await expect.poll(() => row.innerText(), WAIT).toContain('0.25 of it is not ours');
  expect(await row.getByRole('button', { name: /^Close/ }).count()).toBe(0);
  // Both of one moment, for positions come and go.
  const [counted, ours] = await page.evaluate<[string, number]>(`[
    document.querySelector('[title^="Ours that are open"] dd').textContent,
    document.querySelectorAll('.cards tbody tr').length - 1,
  ]`);
  expect(counted).toBe(`${ours} / 4`);
  await page.keyboard.press('Shift+K');
  await expect.poll(asked, WAIT).toMatch(/Open now: |Nothing is open now/);
  expect(await asked()).not.toContain('HUMANUSDT');
  await page.keyboard.press('Escape');
  main.desk.stranger = undefined;
  await expect.poll(() => row.count(), WAIT).toBe(0);
});

test('a question that is not answered with yes changes nothing', async () => {
  const before = main.desk.commands.length;
  await page.getByRole('button', { name: 'Kill switch' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('p');
  await page.locator('#confirm').getByRole('button', { name: 'Cancel' }).click();
  expect(main.desk.commands.length).toBe(before);
});

test('a question asked in the moment another one ends is answered by its own answer', async () => {
  await page.keyboard.press('p');
  await expect.poll(asked, WAIT).toContain('Pause entries?');
  const before = main.desk.commands.length;
  await page.evaluate(
    `document.querySelector('#confirm').close();
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'p', bubbles: true }));`,
  );
  await page.locator('#confirm').getByRole('button', { name: 'Pause' }).click();
  await expect.poll(() => main.desk.commands.slice(before).map(({ kind }) => kind), WAIT).toEqual(['pause']);
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('#confirm').getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => main.desk.commands.slice(before).map(({ kind }) => kind), WAIT).toEqual(['pause', 'resume']);
});

test('the kill switch waits for no other question, no help, no Latin layout and no answer to an earlier command', async () => {
  const before = main.desk.commands.length;
  const kill = 'every position is closed at the market';
  const questions = (): Promise<number> => page.locator('dialog[open]').count();
  await expect.poll(() => text('#commands'), WAIT).toContain('Pause');
  await page.keyboard.press('p');
  await expect.poll(asked, WAIT).toContain('Pause entries?');
  await page.keyboard.press('Shift+K');
  await expect.poll(asked, WAIT).toContain(kill);
  await page.keyboard.press('Escape');
  expect(await questions()).toBe(0);

  await page.keyboard.press('?');
  await page.keyboard.press('Shift+K');
  await expect.poll(asked, WAIT).toContain(kill);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  expect(await questions()).toBe(0);

  // The same key under a Russian layout.
  await page.evaluate(
    `document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Л', code: 'KeyK', shiftKey: true, bubbles: true }));`,
  );
  await expect.poll(asked, WAIT).toContain(kill);
  await page.keyboard.press('Escape');
  expect(await questions()).toBe(0);
  expect(main.desk.commands.length).toBe(before);

  const held = Promise.withResolvers<undefined>();
  await page.route('**/api/command', async (route) => {
    await held.promise;
    await route.continue();
  });
  // Enter says yes to what lowers the risk.
  await page.keyboard.press('p');
  await expect.poll(() => page.locator('#confirm').isVisible(), WAIT).toBe(true);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+K');
  await expect.poll(asked, WAIT).toContain(kill);
  await page.keyboard.press('Escape');
  held.resolve(undefined);
  await expect.poll(() => text('#commands'), WAIT).toContain('Resume');
  await page.unroute('**/api/command');
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.locator('#confirm').getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => main.desk.commands.slice(before).map(({ kind }) => kind), WAIT).toEqual(['pause', 'resume']);
});

test('after the connection was lost what was told before is no news again, and what came meanwhile is', async () => {
  const held =
    'const Real = WebSocket; WebSocket = class extends Real { constructor(...all) { super(...all); window.line = this; } };';
  const other = await visit(browser, `${main.url}#token=${main.token}`, 'desktop-dark', held);
  const toasts = (): Promise<string> => other.page.locator('#toasts').innerText();
  const tell = (name: string): void =>
    main.tell({ kind: 'told', atMs: Date.now() as Ms, level: 'critical', name, symbol: 'BTCUSDT', fields: {} });
  await expect.poll(() => other.page.getByRole('button', { name: 'Kill switch' }).isEnabled(), WAIT).toBe(true);
  tell('position.first');
  await expect.poll(toasts, WAIT).toContain('position first BTCUSDT');
  await other.page.evaluate(`document.querySelector('#toasts').replaceChildren(); line.close();`);
  tell('position.second');
  await expect.poll(toasts, WAIT).toContain('position second BTCUSDT');
  expect(await toasts()).not.toContain('position first');
  await other.close();
});

test('whose kill switch does not reach the engine is told the command that does the same on its host', async () => {
  const other = await visit(browser, `${main.url}#token=${main.token}`, 'desktop-dark');
  await other.page.route('**/api/command', (route) => route.abort());
  const before = main.desk.commands.length;
  await expect.poll(() => other.page.getByRole('button', { name: 'Kill switch' }).isEnabled(), WAIT).toBe(true);
  await other.page.keyboard.press('Shift+K');
  await other.page.locator('#confirm').getByRole('button', { name: 'Kill: close everything' }).click();
  await expect.poll(() => other.page.locator('#toasts').innerText(), WAIT).toMatch(/not accepted.* plotnost flatten$/m);
  expect(main.desk.commands.length).toBe(before);
  await other.close();
});

test('the kill switch closes everything, says so, and only Resume takes it back', async () => {
  await page.keyboard.press('Shift+K');
  await expect.poll(asked, WAIT).toContain('every position is closed at the market');
  await page.keyboard.press('Enter');
  await expect.poll(() => main.desk.commands.map(({ kind }) => kind), WAIT).toContain('kill');
  await expect.poll(() => text('#mode'), WAIT).toContain('KILLED');
  await expect.poll(() => text('#blocks'), WAIT).toContain('kill switch pressed');
  await expect.poll(() => main.desk.positions, WAIT).toBe(0);
  await expect.poll(() => text('#sheet-positions'), WAIT).toContain('No position is open');
  await page.getByRole('button', { name: 'Resume' }).click();
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel');
  await page.locator('#confirm').getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => main.desk.commands.map(({ kind }) => kind), WAIT).toContain('resume');
  await expect.poll(() => text('#mode'), WAIT).not.toContain('KILLED');
});

test('results are told newest first, what is open before them, and what did not end today with its day', async () => {
  const now = Date.now();
  const ended = { exitPrice: '2', profitLossPercent: '1', exitReason: 'timeout' } as const;
  const tell = (id: string, exitMs: number | undefined, profitLoss = '1.5'): void => {
    const row = { id, symbol: 'PASTUSDT', side: 'long', signalType: 'bounce', signalId: '', size: '1' } as const;
    // What is still open has no result, and what it has paid so far is in none.
    const fees = exitMs === undefined ? '700' : '40';
    const prices = { entryPrice: '1', stopLossPrice: '0.9', fees, funding: '-15' } as const;
    const exit = exitMs === undefined ? {} : { ...ended, profitLoss, exitMs: exitMs as Ms };
    const entryMs = (now - 4 * 86_400_000) as Ms;
    main.tell({ kind: 'trade', atMs: now as Ms, row: { ...row, ...prices, entryMs, ...exit } as TradeTold });
  };
  tell('past-1', now);
  tell('past-2', undefined);
  tell('past-3', now - 3 * 86_400_000, '-3');
  // Ended in one moment: the report has them by their names, and it is the other that is told first.
  tell('past-5', now - 2 * 86_400_000, '5');
  tell('past-4', now - 2 * 86_400_000, '-4');
  await page.keyboard.press('3');
  const rows = page.locator('.trades tbody tr', { hasText: 'PASTUSDT' });
  await expect.poll(() => rows.count(), WAIT).toBe(5);
  const closed = await rows.locator('td:first-child').allInnerTexts();
  expect(closed).toEqual([
    'open',
    expect.stringMatching(/^\d\d:\d\d:\d\d$/),
    ...Array.from({ length: 3 }, () => expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string),
  ]);
  const [profits, sums] = await page.evaluate<[string[], Record<string, string>]>(`[
    [...document.querySelectorAll('.trades tbody td:nth-child(5)')].map((cell) => cell.textContent),
    Object.fromEntries([...document.querySelectorAll('.sums > *')].map(({ children }) => [...children].map((one) => one.textContent))),
  ]`);
  const numbers = profits.map((told) => Number(told.split(' ')[0]?.replace('−', '-'))).filter((one) => !isNaN(one));
  const sum = (wanted: (one: number) => boolean): number => numbers.filter(wanted).reduce((a, b) => a + b, 0);
  expect(Number(sums['Net']?.replace('−', '-'))).toBeCloseTo(
    sum(() => true),
    0,
  );
  expect(Number(sums['Profit factor'])).toBeCloseTo(sum((one) => one > 0) / -sum((one) => one < 0), 1);
  expect(sums['Won']).toMatch(new RegExp(` of ${numbers.length}$`));
  expect(Number(sums['Fees, funding'])).toBeGreaterThanOrEqual(100);
  expect(Number(sums['Fees, funding'])).toBeLessThan(130);
  // The deepest fall of the results themselves, as `report` has it: the first two lost 7.
  let [at, peak, deepest] = [0, 0, 0];
  for (const profit of numbers.toReversed()) {
    at += profit;
    peak = Math.max(peak, at);
    deepest = Math.max(deepest, peak - at);
  }
  expect(deepest).toBeGreaterThanOrEqual(7);
  expect(Number(sums['Drawdown'])).toBeCloseTo(deepest, 0);
});

test('a silent main is not shown as a living one', async () => {
  main.pause();
  await expect.poll(() => text('#mode'), WAIT).toContain('ENGINE SILENT');
});

test.each([
  ['12.5', '+12.50', 'gain'],
  ['-12.5', '−12.50', 'loss'],
  ['0', '0.00', ''],
])('a day of %s USDT is told as %s, with the colour of its sign', async (dayProfit, told, tone) => {
  const desk = main.desk.digest(Date.now());
  main.digest({ desk: { ...desk, account: { ...(desk.account as AccountDigest), dayProfit } } });
  const today = page.locator('[title^="Realised since 00:00 UTC"] dd');
  await expect.poll(() => today.innerText(), WAIT).toBe(told);
  expect(await today.getAttribute('class')).toBe(tone);
});

test('a pause that began on a former day is told with its day', async () => {
  const block = { reason: 'operator.paused', sinceMs: (Date.now() - 3 * 86_400_000) as Ms, sticky: true };
  main.digest({ desk: { ...main.desk.digest(Date.now()), blocks: [block] } });
  await expect.poll(() => text('#blocks'), WAIT).toMatch(/operator paused since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
});

test('a symbol whose book has not come yet is not shown with the book of another', async () => {
  const { symbols, arenas } = main.market;
  const young = { ...(symbols[0] as WatchedSymbol), slot: (arenas.slots - 1) as Slot };
  const instrument = { ...young.instrument, symbol: 'YOUNGUSDT' };
  main.digest({ symbols: [...symbols, { ...young, instrument }] });
  await page.locator('.symbols-list').getByRole('button', { name: 'YOUNGUSDT' }).click();
  await expect.poll(() => text('#map-title'), WAIT).toBe('YOUNGUSDT');
  await expect.poll(() => text('#map-body'), WAIT).toBe('Waiting for the book');
  expect(await text('.map .price')).toBe('');
  expect(await text('#book-note')).toBe('');
  expect((await page.locator('.bids').innerText()).trim()).toBe('');
});

test('who looks at a symbol that leaves the list is told so, and shown another', async () => {
  main.digest();
  await expect.poll(() => text('#toasts'), WAIT).toContain('YOUNGUSDT is not watched any more');
  await expect.poll(() => text('#book-note'), WAIT).toContain('live');
  expect(main.market.symbols.map(({ instrument }) => instrument.symbol)).toContain(await text('#map-title'));
});

test('what was killed with real money is named so, and goes on only when the word is typed', async () => {
  const session = { sessionId: 's', version: '1', node: 'v24', startedMs: Date.now() as Ms, configHash: 'c' } as const;
  main.desk.command({ id: 'by-another-way', kind: 'kill' }, Date.now());
  main.digest({ session: { ...session, environment: 'mainnet', tradingMode: 'live' } });
  await expect.poll(() => text('#session'), WAIT).toContain('live · real money');
  const before = main.desk.commands.length;
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(asked, WAIT).toContain('This is real money.');
  const yes = page.locator('#confirm').getByRole('button', { name: 'Resume' });
  for (const word of ['', 'RESUM']) {
    await page.locator('#confirm input').fill(word);
    await page.keyboard.press('Enter');
    expect(await yes.isDisabled()).toBe(true);
  }
  expect(main.desk.commands.length).toBe(before);
  await page.locator('#confirm input').fill('resume');
  await yes.click();
  await expect.poll(() => main.desk.commands.slice(before).map(({ kind }) => kind), WAIT).toEqual(['resume']);
});

test('the browser has complained about nothing', () => {
  expect(visitor.complaints).toEqual([]);
});
