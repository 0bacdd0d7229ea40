// Which part of the room fills a small screen? On a wide one all of them are there and this does nothing that shows.
import { el } from './element.ts';
import { iconOf } from './theme.ts';

const PLACES = [
  { id: 'map', text: 'Map', icon: 'M3 16V9h3v7M8.5 16V4h3v12M14 16v-5h3v5' },
  { id: 'symbols', text: 'Symbols', icon: 'M4 5h12M4 10h12M4 15h8' },
  { id: 'desk', text: 'Desk', icon: 'M3 6h14v10H3zM7 6V4h6v2M3 11h14' },
] as const;
export type Place = (typeof PLACES)[number]['id'];

export class Places {
  readonly #room: HTMLElement;
  readonly #buttons = new Map<Place, HTMLButtonElement>();

  constructor(bar: HTMLElement, room: HTMLElement) {
    this.#room = room;
    for (const { id, text, icon } of PLACES) {
      const button = el('button', { type: 'button' }, iconOf(icon), text);
      button.addEventListener('click', () => this.show(id));
      this.#buttons.set(id, button);
      bar.append(button);
    }
    this.show('map');
  }

  /** More room for the desk, or less again. */
  widen(button: HTMLElement): void {
    const isWide = this.#room.dataset['wide'] !== 'desk';
    if (isWide) this.#room.dataset['wide'] = 'desk';
    else delete this.#room.dataset['wide'];
    button.setAttribute('aria-pressed', String(isWide));
  }

  show(place: Place): void {
    this.#room.dataset['place'] = place;
    for (const [id, button] of this.#buttons) {
      if (id === place) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
  }
}
