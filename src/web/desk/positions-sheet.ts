// What do we hold, is it protected, and why is it still held?
import type { PositionView, StatusView } from '../../operator/page/protocol-status.ts';
import { el, setAttribute, setReach, setText } from '../element.ts';
import { duration, gain, percent, signedPercent, usd, words } from '../format.ts';
import { isOurs } from '../ours.ts';
import { Rows } from '../rows.ts';

export interface PositionActs {
  readonly mayControl: () => boolean;
  onChoose(symbol: string): void;
  onClose(symbol: string): void;
}

const STOP_SIGNS = { confirmed: '✓', pending: '…', missing: '✕' } as const;
const HEADS = ['Symbol', 'Size', 'Entry', 'Mark', 'Profit', 'Stop', 'To the stop', 'Held', 'Reason', ''];

export class PositionsSheet {
  readonly panel = el('div.sheet');
  readonly #rows: Rows<PositionView, HTMLTableRowElement>;
  readonly #empty = el('div.empty');
  readonly #table: HTMLElement;
  #now = 0;
  #mayAct = true;

  constructor(acts: PositionActs) {
    const list = el('tbody');
    this.#table = el(
      'table.list.cards',
      { 'aria-label': 'Positions' },
      el('thead', {}, el('tr', {}, ...HEADS.map(headOf))),
      list,
    );
    this.panel.append(this.#table, this.#empty);
    this.#rows = new Rows(list, {
      key: ({ symbol }) => symbol,
      create: ({ symbol }) => createRow(symbol, acts),
      update: (row, position) => this.#update(row, position, acts),
    });
  }

  show(status: StatusView): void {
    this.#now = status.atMs;
    this.#mayAct = status.mode !== undefined;
    this.#rows.show(status.positions);
    const isEmpty = status.positions.length === 0;
    this.#table.hidden = isEmpty;
    this.#empty.hidden = !isEmpty && status.unread.length === 0;
    setText(this.#empty, emptyText(status));
  }

  #update(row: HTMLTableRowElement, position: PositionView, acts: PositionActs): void {
    const [symbol, size, entry, mark, profit, stop, distance, held, reason, act] = [...row.cells] as HTMLElement[];
    if (symbol === undefined || act === undefined) return;
    const { side } = position;
    const way = side === undefined ? '' : side === 'long' ? '▲ long' : '▼ short';
    setText(symbol.lastElementChild as HTMLElement, way);
    (symbol.lastElementChild as HTMLElement).className = side === 'long' ? 'gain' : 'loss';
    setText(size as HTMLElement, position.size);
    setAttribute(size as HTMLElement, 'title', `${usd(position.notional)} USDT, leverage ${position.leverage ?? '–'}`);
    setText(
      entry as HTMLElement,
      position.entryPrice === undefined
        ? position.entryOrder === undefined
          ? '–'
          : `order ${position.entryOrder}`
        : priceText(Number(position.entryPrice), position),
    );
    setAttribute(entry as HTMLElement, 'title', position.entryPrice ?? '');
    // The exchange reckons with its mark price, which may stand on the other side of the entry than the mid.
    const isMarked = position.mark !== undefined;
    const mid = priceText(position.mid, position);
    const price = isMarked ? priceText(position.mark, position) : mid;
    setText(mark as HTMLElement, price);
    setAttribute(mark as HTMLElement, 'title', isMarked ? `the mid is ${mid}` : 'the mid, for no mark price is known');
    setText(profit as HTMLElement, `${gain(position.profit)} (${signedPercent(position.profitPercent)})`);
    (profit as HTMLElement).className = `number strong ${toneOf(position.profit)}`;
    setAttribute(profit as HTMLElement, 'title', `at the ${isMarked ? 'mark price' : 'mid'} ${price}, before fees`);
    this.#showStop(stop as HTMLElement, position);
    this.#showDistance(distance as HTMLElement, position);
    setText(held as HTMLElement, position.openedMs === undefined ? '–' : duration(this.#now - position.openedMs));
    const left =
      position.expiresMs === undefined ? '' : `closed after ${duration(position.expiresMs - this.#now)} at the latest`;
    setAttribute(held as HTMLElement, 'title', left);
    const foreign = Number(position.foreignSize) === 0 ? '' : ` · ${position.foreignSize} of it is not ours`;
    const strategy = position.strategy === undefined ? '' : `${position.strategy}: `;
    setText(reason as HTMLElement, `${strategy}${position.reason}${foreign}`);
    setAttribute(reason as HTMLElement, 'title', `state ${words(position.state)}`);
    const button = act.firstElementChild as HTMLButtonElement;
    button.hidden = !acts.mayControl() || !isOurs(position);
    button.disabled = !this.#mayAct || position.closing !== undefined;
    setText(button, position.closing === undefined ? 'Close' : 'Closing');
  }

  #showStop(cell: HTMLElement, { stop, stopState, isBreakeven, nakedSinceMs, stopBy }: PositionView): void {
    const isNaked = stopState === 'missing' && nakedSinceMs !== undefined;
    const text = isNaked ? `none for ${duration(this.#now - nakedSinceMs)}` : (stop ?? '–');
    setText(cell, `${STOP_SIGNS[stopState]} ${text}${isBreakeven ? ' at entry' : ''}`);
    cell.className = `number ${stopState === 'missing' ? 'bad strong' : stopState === 'pending' ? 'warn' : ''}`;
    setAttribute(cell, 'title', `stop ${stopState}${stopBy === undefined ? '' : `, by ${stopBy} price`}`);
  }

  #showDistance(cell: HTMLElement, { stopDistancePercent }: PositionView): void {
    setText(cell.firstElementChild as HTMLElement, percent(stopDistancePercent));
    setReach(cell.lastElementChild as HTMLElement, (stopDistancePercent ?? 0) / 2);
  }
}

function emptyText({ mode, unread }: StatusView): string {
  if (unread.length > 0) return `Open by the journal, and not read at the exchange yet: ${unread.join(', ')}`;
  return mode === undefined ? 'Nothing is traded: trading.mode is off' : 'No position is open';
}

const DECIMALS_UNKNOWN = 4;

/** An average and a mid lie between two prices of the grid: one digit more than its prices have. */
function priceText(price: number | undefined, { stop }: PositionView): string {
  if (price === undefined) return '–';
  return price.toFixed((stop === undefined ? DECIMALS_UNKNOWN : (stop.split('.')[1] ?? '').length) + 1);
}

function toneOf(profit: number | undefined): string {
  return profit === undefined || profit === 0 ? '' : profit > 0 ? 'gain' : 'loss';
}

function headOf(name: string): HTMLElement {
  return name === '' ? el('th', {}, el('span.hidden', {}, 'Action')) : el('th', { scope: 'col' }, name);
}

function createRow(symbol: string, acts: PositionActs): HTMLTableRowElement {
  const name = el('button.name', { type: 'button', title: `Show ${symbol} on the map` }, symbol);
  name.addEventListener('click', () => acts.onChoose(symbol));
  const close = el('button', { type: 'button', 'aria-label': `Close ${symbol}` }, 'Close');
  close.addEventListener('click', () => acts.onClose(symbol));
  const cell = (head: string, ...children: (Node | string)[]): HTMLElement =>
    el('td.number', { 'data-head': head }, ...children);
  return el(
    'tr',
    {},
    el('td', {}, name, ' ', el('span')),
    cell('Size'),
    cell('Entry'),
    cell('Mark'),
    cell('Profit'),
    cell('Stop'),
    cell('To the stop', el('span'), el('div.reach', { 'aria-hidden': 'true' })),
    cell('Held'),
    el('td.wide', { 'data-head': 'Reason' }),
    el('td', {}, close),
  );
}
