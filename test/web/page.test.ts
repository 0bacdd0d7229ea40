// Does a person see the market, what is held and why, and can they stop it? In a browser, against the real operator thread.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import type { Slot } from '../../src/market/units.ts';
import {
  cellOf,
  columnBytes,
  COLUMN_BYTES,
  MESSAGE_BYTES,
  ROWS,
  writeHead,
} from '../../src/operator/page/protocol-columns.ts';
import type { ToPage } from '../../src/operator/page/protocol.ts';
import type { AccountDigest, PositionDigest, TradeTold, WatchedSymbol } from '../../src/operator/port.ts';
import { clockMs } from '../../src/web/format.ts';
import { startFakeMain, type FakeMain } from '../operator/fake-main.ts';
import { coloursOfHeat, openBrowser, visit, type Visitor } from './browser.ts';

/** Not everybody's clock is set. */
const AHEAD = 'const now = Date.now; Date.now = () => now() + 86_400_000;';
/** The page's connection, and the last message of each kind that came over it. */
const HEARD = `window.heard = {};
  const Real = WebSocket;
  WebSocket = class extends Real {
    constructor(...all) {
      super(...all);
      window.line = this;
      this.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') heard[JSON.parse(data).kind] = JSON.parse(data);
      });
    }
  };`;
const WAIT = { timeout: 90_000, interval: 100 };

let browser: Browser;
let main: FakeMain;
let visitor: Visitor;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  main = await startFakeMain({ seed: 7, symbols: 4 });
  visitor = await visit(browser, `${main.url}#token=${main.token}`, 'desktop-dark', `${AHEAD} ${HEARD}`);
  ({ page } = visitor);
});

afterAll(async () => {
  await browser.close();
  await main.close();
});

const text = (selector: string): Promise<string> => page.locator(selector).innerText();
/** What `look`, code of the page, finds at once when the last message of a kind comes again with other things in it. */
async function shownOf<T>(kind: ToPage['kind'], change: object, look: string): Promise<T> {
  await expect.poll(() => page.evaluate(`heard.${kind} !== undefined`), WAIT).toBe(true);
  return page.evaluate(`(() => {
    const data = JSON.stringify({ ...heard.${kind}, ...${JSON.stringify(change)} });
    line.dispatchEvent(new MessageEvent('message', { data }));
    return ${look};
  })()`);
}
/** One of whose book nothing is told until the test tells it. */
async function chooseYoung(symbol: string): Promise<void> {
  const { symbols, arenas } = main.market;
  const young = { ...(symbols[0] as WatchedSymbol), slot: (arenas.slots - 1) as Slot };
  main.digest({ symbols: [...symbols, { ...young, instrument: { ...young.instrument, symbol } }] });
  await page.locator('.symbols-list').getByRole('button', { name: symbol }).click();
  await expect.poll(() => text('#map-title'), WAIT).toBe(symbol);
}
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
  // All at one moment, for the list goes on: rows that are asked for first and read then may have changed places meanwhile.
  const rows = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.symbols-list tbody tr')].map((row) => row.innerText)`,
  );
  // Where something is held first, then by the nearest density.
  const order = rows.map((row) => (row.includes('◼') ? -1 : Number(/ ([\d.]+)%$/.exec(row)?.[1] ?? Infinity)));
  expect(order).toHaveLength(4);
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

test('the average price of an entry stands at the axis of the map with the digits of its contract', async () => {
  const summary = await page.locator('canvas.plot').getAttribute('aria-label');
  const mid = /Mid ([\d.]+)/.exec(summary ?? '')?.[1];
  const { symbol, decimals } = await page.evaluate<{ symbol: string; decimals: number }>(`{
    window.written = [];
    const { prototype } = OffscreenCanvasRenderingContext2D;
    const { fillText } = prototype;
    prototype.fillText = function (text, ...at) {
      written.push(text);
      fillText.call(this, text, ...at);
    };
    ({ symbol: heard.watching.symbol, decimals: heard.watching.grid.priceDecimals });
  }`);
  const price = Number(mid).toFixed(decimals);
  const words = { side: 'long', size: '1.5', foreignSize: '0', state: 'protected', reason: 'a bounce', tradeId: 't' };
  const held = { symbol, ...words, entryPrice: `${price}1234567`, stopState: 'confirmed' };
  const atAxis = async (): Promise<string[]> => {
    const written = await shownOf<string[]>('status', { positions: [held] }, 'written');
    return written.filter((one) => one.startsWith(price));
  };
  await expect.poll(atAxis, WAIT).not.toEqual([]);
  expect(new Set(await atAxis())).toEqual(new Set([price]));
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
  // None ends by itself between the look, the question and its answer.
  main.desk.isPatient = true;
  await page.keyboard.press('1');
  await expect.poll(() => main.desk.positions, WAIT).toBeGreaterThan(0);
  const [held] = main.desk.digest(Date.now()).positions as [PositionDigest];
  const row = page.locator('.cards tbody tr', { hasText: held.symbol });
  await expect.poll(() => row.count(), WAIT).toBe(1);
  expect((await row.locator('td').allInnerTexts())[8]).not.toBe('');
  /** Rows whose profit is not that of the price beside it, or not in its colour. */
  const odd = async (): Promise<unknown> => {
    const all = await page.evaluate<[string, string, string, string, string][]>(
      `[...document.querySelectorAll('.cards tbody tr')].map(({ cells: [name, , entry, , profit] }) =>
        [name.textContent, entry.textContent, profit.textContent, profit.title, profit.className.split(' ')[2]])`,
    );
    return all.filter(([name, entry, profit, by, tone]) => {
      const price = /^at the (?:mark price|mid) ([\d.]+), before fees$/.exec(by)?.[1];
      const won = (Number(price) - Number(entry)) * (name.includes('short') ? -1 : 1);
      const isTold = won * Number.parseFloat(profit.replace('−', '-')) >= 0;
      return !isTold || tone !== ({ '+': 'gain', '−': 'loss' }[profit[0] as string] ?? '');
    });
  };
  await expect.poll(odd, WAIT).toEqual([]);
  await row.getByRole('button', { name: /^Close/ }).click();
  expect(await asked()).toContain(held.symbol);
  await page.keyboard.press('Enter');
  await expect.poll(() => main.desk.commands.map(({ kind }) => kind), WAIT).toContain('close');
  await expect.poll(() => text('#toasts'), WAIT).toMatch(/close \w+: accepted/);
  main.desk.isPatient = false;
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
  await expect.poll(asked, WAIT).toMatch(/Open now: |Nothing of ours is open now/);
  expect(await asked()).toContain('What somebody else holds stays open.');
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
  const kill = 'every position of ours is closed at the market';
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
  const other = await visit(browser, `${main.url}#token=${main.token}`, 'desktop-dark', HEARD);
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
  await expect
    .poll(() => other.page.locator('#toasts').innerText(), WAIT)
    .toMatch(/not accepted.* npx plotnost flatten$/m);
  expect(main.desk.commands.length).toBe(before);
  await other.close();
});

test('the kill switch closes everything, says so, and only Resume takes it back', async () => {
  await page.keyboard.press('Shift+K');
  await expect.poll(asked, WAIT).toContain('every position of ours is closed at the market');
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
  // No more are kept than these, and the sums say of which time they are.
  expect(sums['Since']).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
});

test('on a narrow desk and on a wide one every symbol has its name, every trade its reason, the map its buttons, and no number runs into the next', async () => {
  const wide = page.viewportSize();
  const cut: string[] = [];
  for (const [width, height, ...sheets] of [
    [840, 1100, 'system'],
    [1024, 768, 'results', 'system'],
    [1440, 900, 'results', 'system'],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const sheet of sheets) {
      await page.locator(`#tab-${sheet}`).click();
      const found = await page.evaluate<string[]>(`(() => {
        for (const cell of document.querySelectorAll('.stages td.number')) cell.textContent = '48.5 ms';
        for (const cell of document.querySelectorAll('.trades td:nth-child(4)')) cell.textContent = '0.0583225 → 0.0580215';
        return ['.symbols-list .name', '.map .bar', '.trades', '.tables', '.stages td']
          .flatMap((what) => [...document.querySelectorAll(what)])
          .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth)
          .map((one) => one.className + ' ' + one.textContent.slice(0, 20));
      })()`);
      cut.push(...found.map((one) => `${width}, ${sheet}: ${one}`));
    }
  }
  if (wide !== null) await page.setViewportSize(wide);
  expect(cut).toEqual([]);
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
  await chooseYoung('YOUNGUSDT');
  await expect.poll(() => text('#map-body'), WAIT).toBe('Waiting for the book');
  expect(await text('.map .price')).toBe('');
  expect(await text('#book-note')).toBe('');
  expect((await page.locator('.bids').innerText()).trim()).toBe('');
});

test('the book of a symbol that was left meanwhile comes too late, and is not shown for the one that was chosen then', async () => {
  const change = { symbol: 'LATEUSDT', stream: 1_000_000 };
  const title = `document.querySelector('#map-title').innerText`;
  expect(await shownOf<string>('watching', change, title)).toBe('YOUNGUSDT');
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

test('a question is taken back when the engine is killed by another hand meanwhile: what was only a pause is to be resumed no more', async () => {
  main.desk.command({ id: 'a-pause-by-another', kind: 'pause' }, Date.now());
  main.digest();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(asked, WAIT).toContain('Resume trading?');
  main.desk.command({ id: 'a-kill-by-another', kind: 'kill' }, Date.now());
  main.digest();
  await expect.poll(() => text('#mode'), WAIT).toContain('KILLED');
  expect(await asked()).toBe('');
  main.desk.command({ id: 'resumed-by-another', kind: 'resume' }, Date.now());
  main.digest();
  await expect.poll(() => text('#mode'), WAIT).not.toContain('KILLED');
});

const SYSTEM_LINES = `[...document.querySelectorAll('#sheet-system .lines > *')].map((line) =>
  [line.firstElementChild.textContent, line.lastElementChild.textContent, line.lastElementChild.className].join(' | '))`;

test('of the machine each number is told with its unit, and what is not well stands out', async () => {
  await page.locator('#tab-system').click();
  const counts = { mode: 'pool', scans: 1_000_000, scansPerSecond: 2_000, scanMs: 0.0123, densities: 11, standing: 12 };
  const analysis = { ...counts, candidates: 13, signals: 14, signalsLastHour: 15, refused: { stale: 3, no_room: 20 } };
  const ill = {
    atMs: 100_000,
    loop: { p50Ms: 0.25, p99Ms: 20.1, maxMs: 100.1, utilization: 0.81 },
    memoryBytes: 512_400_000,
    surface: { clients: 1, dropped: 0, utilization: 0.0234 },
    books: { dead: 1, syncing: 2, live: 3, suspect: 4, stale: 5 },
    framesPerSecond: 1_234.4,
    frames: 9,
    gaps: 6,
    resyncs: 7,
    fallbacks: 8,
    dropped: 9,
    unreadable: 10,
    leftOut: ['ODDUSDT'],
    late: 1,
    clockOffsetMs: -250.6,
    analysis: { ...analysis, eventsLost: 1, takeovers: 2, excluded: [1, 2] },
    links: { rest: true, private: false },
    mode: 'ACTIVE',
    ordersSent: 16,
    tooSmall: ['BTCUSDT'],
    orderRefusals: { price_limit: 17 },
    journalRecords: 18,
    reconciledMs: 40_000,
    store: { connected: false, queued: 19, spooled: 20, written: 21_000, dropped: 22 },
    warnings: { 'a.few': 1, 'b.many': 2_000 },
  };
  const told = (await shownOf<string[]>('status', ill, SYSTEM_LINES)).filter((line) => !line.startsWith('This page'));
  expect(told).toEqual([
    'Loop delay p50 / p99 | 250 µs / 20.1 ms | warn',
    'Loop delay max | 100 ms | warn',
    'Main busy | 81 % | warn',
    'Memory | 512 MB | ',
    'This surface | 1 client, 2.3 % of a core | ',
    'Books live | 3 of 14, 1 late | warn',
    'Frames | 1 234 / s | ',
    'Gaps | 6 | ',
    'Resyncs | 7 | ',
    'Slow frames | 8 | ',
    'Dropped | 9 | warn',
    'Unreadable | 10 | warn',
    'Left out | ODDUSDT | warn',
    'Clock offset | −251 ms | warn',
    'Mode | pool | ',
    'Scans | 2 000 / s of 12 µs | ',
    'Densities | 12 now, 11 ever | ',
    'Candidates | 13 | ',
    'Signals | 14, 15 in the last hour | ',
    'Events lost | 1 | bad',
    'Takeovers | 2 | warn',
    'Taken out | 2 symbols | bad',
    'Refused: no room | 20 | ',
    'Refused: stale | 3 | ',
    'Path rest | ● up | ',
    'Path private | ✕ down | bad',
    'Orders sent | 16 | ',
    'Size too small | BTCUSDT | warn',
    'Refused: price limit | 17 | warn',
    'Journal | 18 records | ',
    'Reconciled | 1 m 00 s ago | ',
    'Database | ✕ away, rows are spooled | warn',
    'Queue | 19 | ',
    'Spooled | 20 | warn',
    'Written | 21 000 | ',
    'Dropped | 22 | bad',
    'b.many | 2 000 | ',
    'a.few | 1 | ',
  ]);
  const well = {
    ...ill,
    loop: { p50Ms: 0.25, p99Ms: 20, maxMs: 100, utilization: 0.8 },
    books: { dead: 0, syncing: 2, live: 3, suspect: 0, stale: 0 },
    dropped: 0,
    unreadable: 0,
    leftOut: [],
    late: 0,
    clockOffsetMs: -0.4,
    tooSmall: [],
    orderRefusals: {},
    links: { rest: true },
    analysis: { ...analysis, eventsLost: 0, takeovers: 0, excluded: [] },
    store: { connected: true, queued: 19, spooled: 0, written: 21_000, dropped: 0 },
  };
  const calm = await shownOf<string[]>('status', well, SYSTEM_LINES);
  expect(calm.filter((line) => !line.endsWith(' | '))).toEqual([]);
  expect(calm).toContain('Clock offset | 0 ms | ');
  const latencies = [
    { stage: 'order_ack', count: 3, p50Ms: 0.5, p90Ms: 2, p99Ms: 30, maxMs: 1_500, buckets: [1, 2] },
    { stage: 'never', count: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0, buckets: [] },
  ];
  const stages = `[...document.querySelectorAll('.stages tbody tr')].map(({ innerText }) => innerText.trim().split(/\\s*\\t\\s*/))`;
  expect(await shownOf('latencies', { latencies }, stages)).toEqual([
    ['order ack', '500 µs', '2.00 ms', '30.0 ms', '1.50 s'],
  ]);
});

test('of a position its way, its money, its stop and its time are told exactly, and whatever is not known as a dash', async () => {
  await page.locator('#tab-positions').click();
  const held = {
    symbol: 'WONUSDT',
    state: 'protected',
    side: 'long',
    size: '1.5',
    foreignSize: '0',
    notional: 1_234.5,
    leverage: 10,
    entryPrice: '78.01',
    mid: 79.005,
    mark: 79.5,
    profit: 12.3,
    profitPercent: 1.234,
    reason: 'wall eaten',
    stop: '77.25',
    stopBy: 'mark',
    stopState: 'confirmed',
    isBreakeven: false,
    stopDistancePercent: 1.5,
    strategy: 'breakout',
    openedMs: 35_000,
    expiresMs: 400_000,
    tradeId: 't',
  };
  const lost = {
    ...held,
    symbol: 'LOSTUSDT',
    side: 'short',
    foreignSize: '0.25',
    profit: -3,
    profitPercent: -0.5,
    mark: undefined,
    stop: undefined,
    stopBy: undefined,
    stopState: 'missing',
    nakedSinceMs: 97_500,
    closing: 'stop_failed',
  };
  const young = {
    symbol: 'NEWUSDT',
    state: 'entering',
    size: '0',
    foreignSize: '0',
    entryOrder: 'sent',
    reason: 'a bounce',
    tradeId: 't',
    stop: '1.5',
    stopState: 'pending',
    isBreakeven: true,
  };
  const look = `[...document.querySelectorAll('.cards tbody tr')].map(({ cells }) => [...cells].map((cell) =>
    [cell.textContent, cell.className, cell.title].join(' | ')))`;
  const status = { atMs: 100_000, mode: 'ACTIVE', positions: [held, lost, young] };
  const rows = await shownOf<string[][]>('status', status, look);
  expect(rows[0]).toEqual([
    'WONUSDT ▲ long |  | ',
    '1.5 | number | 1 234.50 USDT, leverage 10',
    '78.010 | number | 78.01',
    '79.500 | number | the mid is 79.005',
    '+12.30 (+1.23 %) | number strong gain | at the mark price 79.500, before fees',
    '✓ 77.25 | number  | stop confirmed, by mark price',
    '1.50 % | number | ',
    '1 m 05 s | number | closed after 5 m 00 s at the latest',
    'breakout: wall eaten | wide | state protected',
    'Close |  | ',
  ]);
  expect([0, 3, 4, 5, 8, 9].map((cell) => rows[1]?.[cell])).toEqual([
    'LOSTUSDT ▼ short |  | ',
    '79.00500 | number | the mid, for no mark price is known',
    '−3.00 (−0.50 %) | number strong loss | at the mid 79.00500, before fees',
    '✕ none for 2.5 s | number bad strong | stop missing',
    'breakout: wall eaten · 0.25 of it is not ours | wide | state protected',
    'Closing |  | ',
  ]);
  expect([0, 1, 2, 4, 5, 6, 7].map((cell) => rows[2]?.[cell])).toEqual([
    'NEWUSDT  |  | ',
    '0 | number | – USDT, leverage –',
    'order sent | number | ',
    '– (–) | number strong  | at the mid –, before fees',
    '… 1.5 at entry | number warn | stop pending',
    '– | number | ',
    '– | number | ',
  ]);
});

test('of a signal every criterion is told with its threshold, and why it came to nothing', async () => {
  await page.locator('#tab-signals').click();
  const criterion = (name: string, value: number | null, threshold: number | null, passed: boolean) => ({
    name,
    value,
    threshold,
    passed,
  });
  const signal = {
    id: 'told-1',
    atMs: 1,
    symbol: 'SOLUSDT',
    kind: 'breakout',
    direction: 'long',
    outcome: 'refused',
    refusal: 'positions_full',
    detail: '4 of 4',
    life: 1,
    side: 'ask',
    price: 1,
    mid: 1,
    priority: 7,
    relative: 3.14,
    criteria: [
      criterion('trend', -0.126, 0.1, false),
      criterion('eaten_percent', 61.7, 60, true),
      criterion('gone_for_ms', -1, 500, false),
      criterion('time_to_eat_ms', null, 60_000, true),
      criterion('time_to_eat_ms', 3_600_000, null, true),
      criterion('touch_ticks', 1, 2, false),
      criterion('touch_ticks', 3, 2, false),
      criterion('stable_percent', null, 12.34, false),
      criterion('new_one', 5, 6, false),
    ],
  };
  const short = { ...signal, id: 'told-2', direction: 'short', outcome: 'ordered', refusal: undefined, criteria: [] };
  const near = { ...short, id: 'told-3', outcome: 'candidate', detail: '' };
  const nothing = { endings: [], trades: [], fills: [], told: [], log: [], equity: [] };
  const look = `[...document.querySelectorAll('.signals > li')].slice(0, 3).map(({ children: [, name, kind, chip, criteria, why] }) =>
    [name, kind, chip, ...criteria.children, why].map((one) => one.textContent))`;
  expect(await shownOf('happened', { ...nothing, signals: [signal, short, near] }, look)).toEqual([
    ['SOLUSDT', '▼ breakout short', '· not met', ''],
    ['SOLUSDT', '▼ breakout short', '✓ ordered', 'ask density 3.1 × its neighbours, priority 7, 4 of 4'],
    [
      'SOLUSDT',
      '▲ breakout long',
      '✕ refused',
      '✕ trend −0.13 / 0.1',
      '✓ eaten 62 % / 60 %',
      '✕ gone not yet / 500 ms',
      '✓ time to eat never / 1 m 00 s',
      '✓ time to eat over 1 h',
      '✕ touch, ticks 1 / 2, not from afar',
      '✕ touch, ticks 3 / 2',
      '✕ unsteady unknown / 12.3 %',
      '✕ new one 5 / 6',
      'why not: positions full (4 of 4)',
    ],
  ]);
});

test('the ladder marks levels of densities that still are walls, and the list has those that live, from the highest price down', async () => {
  const grid = { tickSize: 0.5, priceDecimals: 1, lotSize: 0.01, sizeDecimals: 2 };
  const life = {
    id: 1,
    side: 'bid',
    low: 189,
    high: 191,
    price: 190,
    state: 'confirmed',
    firstSeenMs: 95_000,
    current: 350,
    peak: 1_000,
    eaten: 650,
    pulled: 0,
    relative: 3.14,
    touches: 2,
  };
  const lives = [
    life,
    {
      ...life,
      id: 2,
      side: 'ask',
      low: 204,
      high: 204,
      price: 204,
      state: 'eroding',
      current: 349,
      eaten: 0,
      pulled: 651,
    },
    { ...life, id: 3, side: 'bid', low: 199, high: 199, state: 'gone', current: 1_000 },
    {
      ...life,
      id: 4,
      side: 'bid',
      low: 190,
      high: 191,
      price: 191,
      state: 'forming',
      current: 2_000_000,
      peak: 2_000_000,
    },
    // At the price of an ask: what rests on the other side is none of it.
    { ...life, id: 5, side: 'bid', low: 203, high: 203, price: 203, firstSeenMs: 100_000 },
  ];
  const market = {
    symbol: 'TOLDUSDT',
    trust: 'live',
    atMs: 100_000,
    ageMs: 12.4,
    bidTotal: 3_000,
    askTotal: 1_000,
    pressure: 0,
    lives,
    flow: { bought: 0, sold: 0, trades: 0, windowMs: 1 },
    bids: [
      [200, 5, 500],
      [199, 1, 100],
      [190, 10, 950],
    ],
    asks: [
      [203, 2, 203],
      [204, 4, 408],
    ],
  };
  const look = `(() => {
    const rows = (list) => [...document.querySelectorAll(list)].map((row) =>
      [...row.cells].map((cell) => cell.textContent).concat(row.style.getPropertyValue('--reach'), row.className).join(' | ').trim())
    const [note, spread, balance] = ['#book-note', '.spread', '.balance'].map((name) => document.querySelector(name));
    return {
      asks: rows('.asks tr').slice(-2), bids: rows('.bids tr').slice(0, 3), lives: rows('.lives-box tbody tr'),
      titles: [...document.querySelectorAll('.lives-box tbody tr')].map((row) => row.title),
      note: note.textContent + note.classList.contains('warn'), spread: spread.textContent,
      balance: balance.textContent + ' ' + balance.style.getPropertyValue('--reach') + ' ' + balance.title,
    };
  })()`;
  await chooseYoung('TOLDUSDT');
  await shownOf('watching', { symbol: 'TOLDUSDT', stream: 1_000, grid }, '0');
  expect(await shownOf('market', market, look)).toEqual({
    asks: ['102.0 | 4.00 | 408 | 611 | 0.429 |', '101.5 | 2.00 | 203 | 203 | 0.214 |'],
    bids: [
      '100.0 | 5.00 | 500 | 500 | 0.526 |',
      '99.5 | 1.00 | 100 | 600 | 0.105 |',
      '95.0 | 10.00 | ◆ 950 | 1.55k | 1 | dense',
    ],
    lives: [
      'ask | 102.0 | 349 | 5s | – | 651 |  |',
      'bid | 101.5 | 350 | 0s | 650 | – |  |',
      'bid | 95.5 | 2.00M | 5s | 650 | – |  |',
      'bid | 95.0 | 350 | 5s | 650 | – |  |',
    ],
    titles: ['eroding', 'confirmed', 'forming', 'confirmed'].map(
      (state) => `${state}, 3.1 × its neighbours, 2 touches`,
    ),
    note: 'live · 12 msfalse',
    spread: 'spread 1.5 · 1.489 %',
    balance: '3.00k bid | ask 1.00k 0.75 Whole book: bids 3.00k, asks 1.00k USDT',
  });
  const { note, spread } = await shownOf<{ note: string; spread: string }>(
    'market',
    { ...market, trust: 'stale', asks: [] },
    look,
  );
  expect([note, spread]).toEqual(['book staletrue', 'one side is empty']);
});

/** Columns of a book that stands still: bid 400, ask 403, ticks 300 to 501 in view, and something rests in ticks 420 and 421. */
function columnsOf(stream: number, from: number, until: number): number[] {
  const message = new ArrayBuffer(MESSAGE_BYTES + (until - from) * columnBytes(ROWS, 0));
  const view = new DataView(message);
  writeHead(view, until - from, stream, ROWS);
  for (let number = from; number < until; number++) {
    const at = MESSAGE_BYTES + (number - from) * columnBytes(ROWS, 0);
    view.setFloat64(at, 1_000_000 + 100 * number, true);
    view.setUint32(at + 8, number, true);
    [100, 400, 403, 300, 501].forEach((value, i) => view.setInt32(at + 12 + 4 * i, value, true));
    view.setUint8(at + 32, 2);
    view.setUint16(at + COLUMN_BYTES + 2 * (210 - 100), cellOf(12_345), true);
  }
  return [...new Uint8Array(message)];
}

test('the pointer reads of the map what rested there, what lives and ended there, what was wanted and what was done', async () => {
  const symbol = 'READUSDT';
  const watching = {
    kind: 'watching',
    symbol,
    stream: 2_000,
    zoom: 1,
    grid: { tickSize: 0.5, priceDecimals: 1, lotSize: 0.01, sizeDecimals: 2 },
    bucketTicks: 2,
    rows: ROWS,
    columnMs: 100,
    columnsKept: 100,
  };
  const density = { symbol, id: 1, touches: 2, pulled: 2_000, refilled: 12 };
  const life = {
    ...density,
    side: 'bid',
    low: 380,
    high: 381,
    price: 380,
    state: 'confirmed',
    firstSeenMs: 998_000,
    current: 350,
    peak: 1_000,
    eaten: 650,
    relative: 3.14,
    sharePercent: 1.26,
    isCluster: true,
    isRound: true,
    inView: false,
  };
  const market = {
    kind: 'market',
    symbol,
    trust: 'live',
    atMs: 1_010_000,
    ageMs: 1,
    bids: [],
    asks: [],
    lives: [life],
  };
  const sums = { bidTotal: 0, askTotal: 0, flow: { bought: 0, sold: 0, trades: 0, windowMs: 1 } };
  const span = { firstSeenMs: 1_001_000, atMs: 1_005_000, low: 440, high: 443, price: 441 };
  const ending = { ...density, ...span, side: 'ask', label: 'out_of_view', peak: 250_000, eaten: 1_000 };
  const criteria = [true, false, true].map((passed) => ({ name: 'trend', value: 1, threshold: 2, passed }));
  const signal = { id: 'read', symbol, atMs: 1_008_000, mid: 361, kind: 'bounce', direction: 'long', criteria };
  const refused = { ...signal, outcome: 'refused', refusal: 'positions_full', detail: '', priority: 7, relative: 1 };
  const fill = { id: 'f', symbol, atMs: 1_003_000, side: 'sell', price: 170, size: '1.5', kind: 'stop_loss' };
  const nothing = { trades: [], told: [], log: [], equity: [] };
  const happened = { kind: 'happened', ...nothing, endings: [ending], signals: [refused], fills: [fill] };
  const messages = [watching, { ...market, ...sums }, happened].map((message) => JSON.stringify(message));
  const moments = [1_009_950, 1_008_000, 1_004_900, 1_003_000, 1_001_950];
  await expect.poll(() => page.evaluate('heard.market !== undefined'), WAIT).toBe(true);
  await chooseYoung(symbol);
  await page.keyboard.press('a');
  const { tips, summary, apart, row } = await page.evaluate<{
    tips: string[][];
    summary: string;
    apart: number;
    row: number;
  }>(`(async () => {
    const say = (data) => line.dispatchEvent(new MessageEvent('message', { data }));
    for (const message of ${JSON.stringify(messages)}) say(message);
    say(new Uint8Array(${JSON.stringify(columnsOf(2_000, 20, 100))}).buffer);
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const plot = document.querySelector('canvas.plot');
    const { left, top, width, height } = document.querySelector('canvas.heat').getBoundingClientRect();
    const xAt = (ms) => left + ((ms - 1_000_000) / 10_000) * width;
    const middleOf = (ms, name) => {
      const isAt = (y) => {
        plot.dispatchEvent(new PointerEvent('pointermove', { clientX: xAt(ms), clientY: top + y }));
        return document.querySelector('.tip div')?.textContent.startsWith(name) === true;
      };
      let inside = 0;
      while (inside < height && !isAt(inside)) inside += 4;
      const edge = (beyond) => {
        let [within, outside] = [inside, inside + beyond];
        for (let i = 0; i < 12; i++) {
          const y = (within + outside) / 2;
          if (isAt(y)) within = y;
          else outside = y;
        }
        return within;
      };
      return (edge(-40) + edge(40)) / 2;
    };
    const apart = middleOf(1_008_000, 'bounce') - middleOf(1_003_000, 'sell');
    const tips = ${JSON.stringify(moments)}.map((ms, i) => {
      const clientX = xAt(ms);
      const told = new Set();
      // All 400 ticks that show, in their middles; a thing to point at is larger.
      const step = i === 0 ? height / 400 : 4;
      for (let y = step / 2; y < height; y += step) {
        plot.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY: top + y }));
        told.add([...document.querySelectorAll('.tip div')].map(({ textContent }) => textContent).join(' | '));
      }
      return [...told];
    });
    plot.dispatchEvent(new PointerEvent('pointerleave'));
    return { tips, apart, row: height / 400, summary: plot.getAttribute('aria-label') };
  })()`);
  // Its arrowhead lies below the row of its price, 21 above that of the execution.
  expect(apart + 21 * row).toBeCloseTo(15, 1);
  const [now = [], wanted = [], ended = [], done = [], before = []] = tips;
  const starts = (told: string[], text: string): number => told.filter((one) => one.startsWith(text)).length;
  expect(summary).toBe('READUSDT depth map. Mid 200.8, book live. 1 densities: bid 190.0, 350 USDT.');
  expect(starts(now, '210.0 · 4.61 % from the mid | 12.3k USDT rest | ')).toBe(1);
  expect(starts(now, '210.5 · 4.86 % from the mid | 12.3k USDT rest | ')).toBe(1);
  expect(starts(now, '209.5 · 4.36 % from the mid | nothing rests | ')).toBe(1);
  expect(starts(now, '250.5 · 24.78 % from the mid | nothing rests | ')).toBe(1);
  expect(starts(now, '251.0 | beyond what the book shows | ')).toBe(1);
  expect(starts(now, '150.0 · −25.28 % from the mid | nothing rests | ')).toBe(1);
  expect(starts(now, '149.5 | beyond what the book shows | ')).toBe(1);
  const lives =
    'bid density 190.0 … 190.5 | confirmed · cluster · round price · out of view | 350 USDT of 1.00k at its peak';
  const fate =
    '3.1 × its neighbours, 1.3 % of the side | age 12 s, 2 touches | eaten 650 · pulled 2.00k · refilled 12.0';
  expect(starts(now, `${lives} | ${fate} | 190.0 · −5.35 % from the mid | nothing rests`)).toBe(1);
  const why = `refused · ${clockMs(1_008_000)} | 2 of 3 criteria, priority 7 | why not: positions full | `;
  expect(starts(wanted, `bounce long at 180.5 | ${why}`)).toBeGreaterThan(0);
  const end =
    'ended: out of view after 4.0 s | 250k USDT at its peak, 2 touches | eaten 1.00k · pulled 2.00k · refilled 12.0';
  expect(starts(ended, `ask density 220.0 … 221.5 | ${end} | `)).toBeGreaterThan(0);
  expect(starts(done, `sell 1.5 at 170.0 | stop loss · ${clockMs(1_003_000)} | `)).toBeGreaterThan(0);
  expect(before.filter((told) => !told.includes('density') && !/^[\d.]+ \| not seen \| /.test(told))).toEqual([]);
});

test('the browser has complained about nothing', () => {
  expect(visitor.complaints).toEqual([]);
});
