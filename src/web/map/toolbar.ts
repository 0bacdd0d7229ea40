// What stands above the map? The symbol and its price, and switches for what is drawn.
import type { MarketView, Watching } from '../../operator/page/protocol-market.ts';
import { el, setText } from '../element.ts';
import { compact, percent, priceOf, signedPercent } from '../format.ts';
import { LAYERS, type Layer } from './frame.ts';
import type { MapView } from './view.ts';

const TITLES: Readonly<Record<Layer, string>> = {
  densities: 'Densities',
  trades: 'Trades',
  signals: 'Signals',
  orders: 'Orders',
};

export class MapToolbar {
  readonly #title: HTMLElement;
  readonly #price = el('span.price');
  readonly #facts = el('span.soft');
  readonly #follow = el(
    'button',
    { type: 'button', 'aria-pressed': 'true', 'aria-keyshortcuts': 'F', title: 'Keep the mid in the middle (F)' },
    'Follow',
  );
  readonly #freeze = el(
    'button',
    { type: 'button', 'aria-pressed': 'false', 'aria-keyshortcuts': 'Space', title: 'Hold the picture still (Space)' },
    'Freeze',
  );
  readonly #layers = new Map<Layer, HTMLButtonElement>();
  readonly #view: () => MapView;

  constructor(head: HTMLElement, title: HTMLElement, view: () => MapView) {
    this.#title = title;
    this.#view = view;
    const bar = el('div.bar', { role: 'group', 'aria-label': 'Depth map' });
    for (const layer of LAYERS) {
      const button = el('button', { type: 'button', 'aria-pressed': 'true', title: `Draw ${layer}` }, TITLES[layer]);
      button.addEventListener('click', () => this.toggle(layer));
      this.#layers.set(layer, button);
    }
    const zoom = (name: string, sign: string, act: () => void): HTMLElement => {
      const button = el('button', { type: 'button', 'aria-label': name, title: name }, sign);
      button.addEventListener('click', act);
      return button;
    };
    this.#follow.addEventListener('click', () => this.#view().follow());
    this.#freeze.addEventListener('click', () => this.freeze());
    bar.append(
      ...this.#layers.values(),
      this.#follow,
      this.#freeze,
      zoom('Zoom the price in (+)', '+', () => this.#view().zoomPrice(1)),
      zoom('Zoom the price out (−)', '−', () => this.#view().zoomPrice(-1)),
      zoom('Less time', '⇥', () => this.#view().zoomTime(1)),
      zoom('More time', '⇤', () => this.#view().zoomTime(-1)),
    );
    head.append(this.#price, this.#facts, bar);
  }

  title(text: string): void {
    setText(this.#title, text);
    setText(this.#price, '');
    setText(this.#facts, '');
  }

  following(isFollowing: boolean): void {
    this.#follow.setAttribute('aria-pressed', String(isFollowing));
  }

  freeze(): void {
    const isFrozen = this.#view().freeze();
    this.#freeze.setAttribute('aria-pressed', String(isFrozen));
    setText(this.#freeze, isFrozen ? 'Frozen' : 'Freeze');
  }

  toggle(layer: Layer): void {
    const { layers } = this.#view();
    if (!layers.delete(layer)) layers.add(layer);
    this.#layers.get(layer)?.setAttribute('aria-pressed', String(layers.has(layer)));
    this.#view().draw();
  }

  show(market: MarketView, { grid }: Watching, changePercent: number | undefined): void {
    const bid = market.bids[0]?.[0];
    const ask = market.asks[0]?.[0];
    if (bid === undefined || ask === undefined) return setText(this.#price, 'no touch');
    setText(this.#price, priceOf((bid + ask) / 2, grid.tickSize, grid.priceDecimals));
    const { bought, sold } = market.flow;
    const pressure = market.pressure === undefined ? '' : ` · pressure ${percent(market.pressure * 100, 0)}`;
    const day = changePercent === undefined ? '' : `${signedPercent(changePercent, 1)} 24 h`;
    setText(this.#facts, `${day}${pressure} · bought ${compact(bought)} sold ${compact(sold)}`);
  }
}
