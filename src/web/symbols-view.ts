// Which symbols are watched, and where is something to see? A table by which one is chosen.
import type { NearView, SymbolView } from '../operator/page/protocol-market.ts';
import { el, setAttribute, setText } from './element.ts';
import { compact, percent, signedPercent } from './format.ts';
import { Rows } from './rows.ts';

const COLUMNS = [
  { id: 'symbol', text: 'Symbol', title: 'Symbol, and how far its book may be believed' },
  { id: 'change', text: '24 h %', title: 'Change of 24 hours' },
  { id: 'spread', text: 'Spread %', title: 'Spread in percent of the mid' },
  { id: 'near', text: 'Nearest', title: 'Nearest confirmed density: above ▲ or below ▼ the mid, USDT, distance' },
] as const;
type Order = (typeof COLUMNS)[number]['id'];

const TRUST_SIGNS = { live: '●', syncing: '◌', suspect: '!', stale: '…', dead: '×' } as const;

export class SymbolsView {
  readonly #rows: Rows<SymbolView, HTMLTableRowElement>;
  readonly #heads = new Map<Order, HTMLElement>();
  readonly #filter: HTMLInputElement;
  readonly #empty = el('div.empty', {}, 'No symbol is watched yet');
  readonly #onChoose: (symbol: string) => void;
  #symbols: readonly SymbolView[] = [];
  #shown: readonly SymbolView[] = [];
  #order: Order = 'near';
  #isReversed = false;
  #chosen: string | undefined;

  constructor(body: HTMLElement, filter: HTMLInputElement, onChoose: (symbol: string) => void) {
    this.#filter = filter;
    this.#onChoose = onChoose;
    const heads = COLUMNS.map(({ id, text, title }) => {
      const button = el('button.sort', { type: 'button', title }, text);
      button.addEventListener('click', () => this.#orderBy(id));
      const head = el('th', { scope: 'col' }, button);
      this.#heads.set(id, head);
      return head;
    });
    const list = el('tbody');
    const table = el(
      'table.list.symbols-list',
      { 'aria-label': 'Watched symbols' },
      el('thead', {}, el('tr', {}, ...heads)),
      list,
    );
    body.append(table, this.#empty);
    this.#rows = new Rows(list, {
      key: ({ symbol }) => symbol,
      create: ({ symbol }) => this.#create(symbol),
      update: (row, symbol) => this.#update(row, symbol),
    });
    filter.addEventListener('input', () => this.#show());
    filter.addEventListener('keydown', (event) => {
      const first = this.#shown[0];
      if (event.key !== 'Enter' || first === undefined) return;
      onChoose(first.symbol);
      filter.blur();
    });
  }

  /** The one to begin with: where a position is, else the density that is nearest its price. */
  get first(): string | undefined {
    return (this.#symbols.find((one) => one.isHeld) ?? this.#shown[0])?.symbol;
  }

  has(symbol: string): boolean {
    return this.#symbols.some((one) => one.symbol === symbol);
  }

  show(symbols: readonly SymbolView[]): void {
    this.#symbols = symbols;
    this.#show();
  }

  choose(symbol: string): void {
    this.#chosen = symbol;
    this.#show();
    this.#rows.row(symbol)?.scrollIntoView({ block: 'nearest' });
  }

  /** The next or former one of the list as it is shown. */
  step(by: 1 | -1): void {
    const at = this.#shown.findIndex((one) => one.symbol === this.#chosen);
    const next = this.#shown[(at + by + this.#shown.length) % this.#shown.length];
    if (next !== undefined) this.#onChoose(next.symbol);
  }

  #orderBy(order: Order): void {
    this.#isReversed = this.#order === order ? !this.#isReversed : false;
    this.#order = order;
    this.#show();
  }

  #show(): void {
    const wanted = this.#filter.value.trim().toUpperCase();
    const sign = this.#isReversed ? -1 : 1;
    this.#shown = this.#symbols
      .filter(({ symbol }) => symbol.includes(wanted))
      .toSorted((a, b) => sign * this.#compare(a, b) || (a.symbol < b.symbol ? -1 : 1));
    this.#rows.show(this.#shown);
    this.#empty.hidden = this.#shown.length > 0;
    setText(this.#empty, wanted === '' ? 'No symbol is watched yet' : 'No such symbol is watched');
    for (const [id, head] of this.#heads) {
      const sorted = this.#isReversed ? 'descending' : 'ascending';
      setAttribute(head, 'aria-sort', id === this.#order ? sorted : undefined);
    }
  }

  #compare(a: SymbolView, b: SymbolView): number {
    switch (this.#order) {
      case 'symbol':
        return 0;
      case 'change':
        return (b.changePercent ?? -1e9) - (a.changePercent ?? -1e9);
      case 'spread':
        return (a.spreadPercent ?? 1e9) - (b.spreadPercent ?? 1e9);
      case 'near':
        return Number(b.isHeld) - Number(a.isHeld) || nearness(a) - nearness(b);
    }
  }

  #create(symbol: string): HTMLTableRowElement {
    const name = el('button.name', { type: 'button' });
    name.addEventListener('click', () => this.#onChoose(symbol));
    const trust = el('span.trust');
    const held = el('span.held', { 'aria-hidden': 'true' });
    const row = el('tr', {}, el('td', {}, trust, name, held), el('td.number'), el('td.number'), el('td.number'));
    row.addEventListener('click', (event) => {
      if (!(event.target instanceof HTMLButtonElement)) this.#onChoose(symbol);
    });
    return row;
  }

  #update(row: HTMLTableRowElement, view: SymbolView): void {
    const [name, change, spread, near] = row.cells;
    const [trust, button, held] = [...(name?.children ?? [])] as [HTMLElement, HTMLElement, HTMLElement];
    setText(trust, TRUST_SIGNS[view.trust]);
    trust.dataset['trust'] = view.trust;
    setText(button, view.symbol);
    setText(held, view.isHeld ? '◼' : '');
    const parts = [`book ${view.trust}`, `${view.depth} levels`, `24 h turnover ${compact(view.turnover)} USDT`];
    if (view.isHeld) parts.push('a position is open or under way');
    if (view.isExcluded) parts.push('taken out of analysis');
    setAttribute(button, 'title', parts.join(', '));
    setAttribute(button, 'aria-label', `${view.symbol}, ${parts.join(', ')}`);
    setText(change as HTMLElement, signedPercent(view.changePercent, 1).replace(' %', ''));
    setText(spread as HTMLElement, percent(view.spreadPercent, 3).replace(' %', ''));
    const found = nearest(view);
    setText(
      near as HTMLElement,
      found === undefined
        ? '–'
        : `${found.sign} ${compact(found.near.usdt)} ${Math.abs(found.near.distancePercent).toFixed(2)}%`,
    );
    setAttribute(near as HTMLElement, 'title', densitiesText(view));
    setAttribute(row, 'aria-current', view.symbol === this.#chosen ? 'true' : undefined);
  }
}

function densitiesText({ densities, nearestBid, nearestAsk, priceDecimals }: SymbolView): string {
  const side = (name: string, near: NearView | undefined): string =>
    near === undefined ? '' : `; ${name} ${near.price.toFixed(priceDecimals)} ${compact(near.usdt)} USDT ${near.state}`;
  return `${densities} within 1 %${side('ask', nearestAsk)}${side('bid', nearestBid)}`;
}

function nearest({ nearestBid, nearestAsk }: SymbolView): { sign: string; near: NearView } | undefined {
  const bid = nearestBid === undefined ? undefined : { sign: '▼', near: nearestBid };
  const ask = nearestAsk === undefined ? undefined : { sign: '▲', near: nearestAsk };
  if (bid === undefined || ask === undefined) return bid ?? ask;
  return Math.abs(bid.near.distancePercent) <= Math.abs(ask.near.distancePercent) ? bid : ask;
}

/** A number even where there is none: two infinities have no difference. */
function nearness(view: SymbolView): number {
  return Math.abs(nearest(view)?.near.distancePercent ?? 1e9);
}
