// Which of several sheets is on top? Tabs as every reader of a page knows them: arrows move, the others stay out of the way.
import { el, setText } from '../element.ts';

export interface Sheet {
  readonly id: string;
  readonly title: string;
  readonly panel: HTMLElement;
  /** It has come on top. */
  onShow?(): void;
}

export class Tabs {
  readonly #sheets: readonly Sheet[];
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #counts = new Map<string, HTMLElement>();
  #shown = '';

  constructor(list: HTMLElement, body: HTMLElement, sheets: readonly Sheet[]) {
    this.#sheets = sheets;
    for (const { id, title, panel } of sheets) {
      const count = el('span.count', {});
      const button = el(
        'button.tab',
        { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `sheet-${id}` },
        el('span', {}, title),
        count,
      );
      button.addEventListener('click', () => this.show(id));
      list.append(button);
      this.#buttons.set(id, button);
      this.#counts.set(id, count);
      panel.id = `sheet-${id}`;
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', `tab-${id}`);
      panel.tabIndex = 0;
      body.append(panel);
    }
    list.addEventListener('keydown', (event) => this.#key(event));
    this.show((sheets[0] as Sheet).id);
  }

  get shown(): string {
    return this.#shown;
  }

  show(id: string): void {
    this.#shown = id;
    for (const sheet of this.#sheets) {
      const isShown = sheet.id === id;
      const button = this.#buttons.get(sheet.id) as HTMLButtonElement;
      button.setAttribute('aria-selected', String(isShown));
      button.tabIndex = isShown ? 0 : -1;
      sheet.panel.hidden = !isShown;
      if (isShown) sheet.onShow?.();
    }
  }

  /** A number beside the title; nothing for none. */
  count(id: string, text: string): void {
    setText(this.#counts.get(id) as HTMLElement, text);
  }

  #key(event: KeyboardEvent): void {
    const at = this.#sheets.findIndex(({ id }) => id === this.#shown);
    const last = this.#sheets.length - 1;
    const places: Readonly<Record<string, number>> = {
      ArrowRight: at === last ? 0 : at + 1,
      ArrowLeft: at === 0 ? last : at - 1,
      Home: 0,
      End: last,
    };
    const next = this.#sheets[places[event.key] ?? -1];
    if (next === undefined) return;
    event.preventDefault();
    this.show(next.id);
    this.#buttons.get(next.id)?.focus();
  }
}
