// Dark or light? What the system prefers, until the person says otherwise; the canvases read the colours in force from here.
import { setAttribute } from './element.ts';
import type { Paper } from './palette.ts';

export type Choice = 'system' | Paper;

const KEY = 'plotnost.theme';
const NEXT: Readonly<Record<Choice, Choice>> = { system: 'light', light: 'dark', dark: 'system' };
const COLOURS = ['paper', 'panel', 'line', 'text', 'soft', 'bid', 'ask', 'warn', 'danger', 'accent', 'ink'] as const;

export type Colours = Readonly<Record<(typeof COLOURS)[number], string>> & { readonly kind: Paper };

const SVG = 'http://www.w3.org/2000/svg';
const PATHS: Readonly<Record<Choice, string>> = {
  system: 'M2.5 3.5h15v10h-15zM7 17h6M10 13.5V17',
  light:
    'M10 6.2a3.8 3.8 0 1 0 .01 0zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4',
  dark: 'M16.5 12.3A7 7 0 0 1 7.7 3.5a7 7 0 1 0 8.8 8.8z',
};

export class Theme {
  readonly #system = matchMedia('(prefers-color-scheme: light)');
  readonly #button: HTMLElement;
  readonly #onChange: (colours: Colours) => void;
  #choice: Choice;

  constructor(button: HTMLElement, onChange: (colours: Colours) => void) {
    this.#button = button;
    this.#onChange = onChange;
    const kept = localStorage.getItem(KEY);
    this.#choice = kept === 'dark' || kept === 'light' ? kept : 'system';
    button.addEventListener('click', () => this.next());
    this.#system.addEventListener('change', () => this.#show());
  }

  begin(): void {
    this.#show();
  }

  next(): void {
    this.#choice = NEXT[this.#choice];
    localStorage.setItem(KEY, this.#choice);
    this.#show();
  }

  #show(): void {
    const root = document.documentElement;
    setAttribute(root, 'data-theme', this.#choice === 'system' ? undefined : this.#choice);
    this.#button.replaceChildren(iconOf(PATHS[this.#choice]));
    const title = `Theme: ${this.#choice}. Change to ${NEXT[this.#choice]}`;
    this.#button.setAttribute('aria-label', title);
    this.#button.title = `${title} (T)`;
    this.#onChange(this.colours());
  }

  colours(): Colours {
    const style = getComputedStyle(document.documentElement);
    const named = COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`)] as const);
    const isLight = this.#choice === 'system' ? this.#system.matches : this.#choice === 'light';
    return { ...(Object.fromEntries(named) as Omit<Colours, 'kind'>), kind: isLight ? 'light' : 'dark' };
  }
}

/** A picture that stands beside words or under a label of its own. */
export function iconOf(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}
