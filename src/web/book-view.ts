// What rests near the touch, and which densities live? The ladder, and below it the list that the map draws.
import type { LadderLevel, LifeView, MarketView, Watching } from '../operator/page/protocol-market.ts';
import { el, headOf, setAttribute, setReach, setText } from './element.ts';
import { age, compact, percent, priceOf } from './format.ts';
import { Rows } from './rows.ts';

const ROW_PIXELS = 20;
const LEVELS_MAX = 25;
/** A density that holds less of its peak is no wall any more. */
export const WALL_PART = 0.35;

interface LadderRow {
  readonly row: HTMLElement;
  readonly price: HTMLElement;
  readonly size: HTMLElement;
  readonly usdt: HTMLElement;
  readonly sum: HTMLElement;
}

type Side = 'bid' | 'ask';

export class BookView {
  readonly #note: HTMLElement;
  readonly #sides: Readonly<Record<Side, { readonly rows: LadderRow[]; readonly group: HTMLElement }>>;
  readonly #spread = el('td', { colspan: 4 });
  readonly #balance = el('div.balance', { role: 'img' });
  readonly #lives: Rows<LifeView, HTMLTableRowElement>;
  readonly #none = el('div.empty', {}, 'No density now');
  readonly #table: HTMLElement;
  readonly #ladder: HTMLElement;
  #watching: Watching | undefined;
  #levels = 0;
  /** The engine's time of what is shown. */
  #atMs = 0;

  constructor(body: HTMLElement, note: HTMLElement) {
    this.#note = note;
    const asks = el('tbody.asks', { 'aria-label': 'Asks' });
    const bids = el('tbody.bids', { 'aria-label': 'Bids' });
    this.#sides = { ask: { rows: [], group: asks }, bid: { rows: [], group: bids } };
    this.#table = el(
      'table.ladder',
      { 'aria-label': 'Order book' },
      headOf(['Price', 'Size', 'USDT', 'Sum']),
      asks,
      el('tbody', {}, el('tr.spread', {}, this.#spread)),
      bids,
    );
    this.#ladder = el('div.ladder-box', {}, this.#table);
    const lives = el('tbody');
    const list = el(
      'div.lives-box',
      { role: 'region', 'aria-label': 'Densities', tabindex: 0 },
      el(
        'table.list',
        {},
        el('caption', {}, 'Densities'),
        headOf(['Side', 'Price', 'USDT', 'Age', 'Eaten', 'Pulled']),
        lives,
      ),
      this.#none,
    );
    body.append(this.#ladder, this.#balance, list);
    this.#lives = new Rows(lives, { key: (life) => String(life.id), create: createLife, update: this.#updateLife });
    new ResizeObserver(() => this.#fit()).observe(this.#ladder);
  }

  watching(watching: Watching): void {
    this.#watching = watching;
    this.#lives.show([]);
  }

  clear(): void {
    this.#watching = undefined;
    this.#lives.show([]);
    for (const node of [this.#note, this.#balance]) setText(node, '');
    for (const side of ['ask', 'bid'] as const) for (const row of this.#sides[side].rows) blank(row);
    setText(this.#spread, '–');
  }

  show(market: MarketView): void {
    const watching = this.#watching;
    if (watching === undefined || market.symbol !== watching.symbol) return;
    const { bids, asks } = market;
    this.#atMs = market.atMs;
    const shown = Math.max(1, this.#levels);
    const largest = Math.max(...[...bids.slice(0, shown), ...asks.slice(0, shown)].map((level) => level[2]), 1);
    this.#showSide('ask', asks, market.lives, largest);
    this.#showSide('bid', bids, market.lives, largest);
    this.#showMiddle(market, watching);
    const standing = market.lives
      .filter((life) => life.state !== 'gone')
      .toSorted((a, b) => b.high - a.high || b.low - a.low);
    this.#lives.show(standing);
    this.#none.hidden = standing.length > 0;
  }

  #showMiddle(market: MarketView, { grid }: Watching): void {
    const bid = market.bids[0]?.[0];
    const ask = market.asks[0]?.[0];
    if (bid === undefined || ask === undefined) setText(this.#spread, 'one side is empty');
    else {
      const ticks = ask - bid;
      const part = percent((200 * ticks) / (ask + bid), 3);
      setText(this.#spread, `spread ${priceOf(ticks, grid.tickSize, grid.priceDecimals)} · ${part}`);
    }
    const total = market.bidTotal + market.askTotal;
    const share = total === 0 ? 0.5 : market.bidTotal / total;
    setReach(this.#balance, share);
    const text = `Whole book: bids ${compact(market.bidTotal)}, asks ${compact(market.askTotal)} USDT`;
    setAttribute(this.#balance, 'aria-label', text);
    setAttribute(this.#balance, 'title', text);
    setText(this.#balance, `${compact(market.bidTotal)} bid | ask ${compact(market.askTotal)}`);
    const isLive = market.trust === 'live';
    setText(this.#note, isLive ? `live · ${Math.round(market.ageMs)} ms` : `book ${market.trust}`);
    this.#note.classList.toggle('warn', !isLive);
  }

  #showSide(side: Side, levels: readonly LadderLevel[], lives: readonly LifeView[], largest: number): void {
    const { grid } = this.#watching as Watching;
    const own = lives.filter((life) => life.side === side && isWall(life));
    let sum = 0;
    this.#sides[side].rows.forEach((row, i) => {
      const level = levels[i];
      if (level === undefined) return blank(row);
      const [tick, size, usdt] = level;
      sum += usdt;
      const isDense = own.some((life) => tick >= life.low && tick <= life.high);
      setText(row.price, priceOf(tick, grid.tickSize, grid.priceDecimals));
      setText(row.size, size.toFixed(grid.sizeDecimals));
      setText(row.usdt, `${isDense ? '◆ ' : ''}${compact(usdt)}`);
      setText(row.sum, compact(sum));
      setReach(row.row, usdt / largest);
      row.row.classList.toggle('dense', isDense);
    });
  }

  /** As many levels a side as there is room for. */
  #fit(): void {
    const room = this.#ladder.clientHeight - 2 * ROW_PIXELS - 4;
    const levels = Math.max(3, Math.min(LEVELS_MAX, Math.floor(room / ROW_PIXELS / 2)));
    if (levels === this.#levels) return;
    this.#levels = levels;
    for (const side of ['ask', 'bid'] as const) {
      const { rows, group } = this.#sides[side];
      while (rows.length > levels) rows.pop()?.row.remove();
      while (rows.length < levels) {
        const row = createLevel(side);
        rows.push(row);
        // Nearest the touch is the first of the list: at the bottom of the asks, at the top of the bids.
        if (side === 'ask') group.prepend(row.row);
        else group.append(row.row);
      }
    }
  }

  readonly #updateLife = (row: HTMLTableRowElement, life: LifeView): void => {
    const grid = this.#watching?.grid;
    if (grid === undefined) return;
    const [side, price, usdt, old, eaten, pulled] = row.cells;
    setText(side as HTMLElement, life.side);
    (side as HTMLElement).className = life.side;
    setText(price as HTMLElement, priceOf(life.price, grid.tickSize, grid.priceDecimals));
    setText(usdt as HTMLElement, compact(life.current));
    setText(old as HTMLElement, age(this.#atMs - life.firstSeenMs));
    setText(eaten as HTMLElement, amount(life.eaten));
    setText(pulled as HTMLElement, amount(life.pulled));
    row.dataset['state'] = life.state;
    setAttribute(row, 'title', `${life.state}, ${life.relative.toFixed(1)} × its neighbours, ${life.touches} touches`);
  };
}

function isWall({ state, current, peak }: LifeView): boolean {
  return state !== 'gone' && current >= WALL_PART * peak;
}

function amount(usdt: number): string {
  return usdt > 0 ? compact(usdt) : '–';
}

function createLife(): HTMLTableRowElement {
  return el('tr', {}, el('td'), ...Array.from({ length: 5 }, () => el('td.number')));
}

function createLevel(side: Side): LadderRow {
  const [price, size, usdt, sum] = [
    el(side === 'bid' ? 'td.bid' : 'td.ask', {}),
    el('td'),
    el('td.usdt'),
    el('td.soft'),
  ] as const;
  return { row: el('tr', {}, price, size, usdt, sum), price, size, usdt, sum };
}

function blank(row: LadderRow): void {
  for (const cell of [row.price, row.size, row.usdt, row.sum]) setText(cell, '');
  setReach(row.row, 0);
  row.row.classList.remove('dense');
}
