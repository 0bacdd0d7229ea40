// What was just answered? A line in the corner that goes by itself.
import { el } from './element.ts';

export type Tone = 'plain' | 'good' | 'bad';

const SHOWN_MS = 6_000;
const SHOWN_MAX = 4;

export class Toasts {
  readonly #parent: HTMLElement;

  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  say(text: string, tone: Tone = 'plain'): void {
    const toast = el('div.toast', { 'data-tone': tone }, text);
    this.#parent.append(toast);
    while (this.#parent.childElementCount > SHOWN_MAX) this.#parent.firstElementChild?.remove();
    setTimeout(() => toast.remove(), tone === 'bad' ? 2 * SHOWN_MS : SHOWN_MS);
  }
}
