// What does the engine say? The tail of its log, newest last; it stops moving while a person reads above.
import type { LogView } from '../../operator/page/protocol-events.ts';
import { el, setText } from '../element.ts';
import { clockMs, count } from '../format.ts';

const SHOWN_MAX = 300;
const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
const NAMES: Readonly<Record<string, string>> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
  fatal: 'CRIT',
};

export class LogSheet {
  readonly panel = el('div.sheet.log-sheet');
  readonly #list = el('ol.log', { 'aria-label': 'Log', tabindex: 0 });
  readonly #level = el('select', { 'aria-label': 'Least level' });
  readonly #search = el('input', { type: 'search', placeholder: 'Find in the log', 'aria-label': 'Find in the log' });
  readonly #note = el('span.note');
  #lines: readonly LogView[] = [];
  #last: LogView | undefined;

  constructor() {
    this.#level.append(...LEVELS.map((level) => el('option', { value: level }, `${NAMES[level] ?? level} and above`)));
    this.#level.value = 'info';
    this.panel.append(el('div.bar', {}, this.#level, this.#search, this.#note), this.#list);
    this.#level.addEventListener('change', () => this.#redraw());
    this.#search.addEventListener('input', () => this.#redraw());
  }

  show(lines: readonly LogView[]): void {
    this.#lines = lines;
    // Where nothing was cut off what is new is only appended.
    const from = this.#last === undefined ? -1 : lines.lastIndexOf(this.#last);
    if (from < 0) return this.#redraw();
    this.#add(lines.slice(from + 1));
  }

  #redraw(): void {
    this.#list.replaceChildren();
    this.#add(this.#lines);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  #add(lines: readonly LogView[]): void {
    this.#last = this.#lines.at(-1);
    const isAtEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 30;
    const shown = lines.filter((line) => this.#isWanted(line)).slice(-SHOWN_MAX);
    this.#list.append(...shown.map(rowOf));
    while (this.#list.childElementCount > SHOWN_MAX) this.#list.firstElementChild?.remove();
    if (isAtEnd && shown.length > 0) this.#list.scrollTop = this.#list.scrollHeight;
    setText(this.#note, `${count(this.#list.childElementCount)} lines`);
  }

  #isWanted({ level, event, symbol, fields }: LogView): boolean {
    const least = LEVELS.indexOf(this.#level.value as (typeof LEVELS)[number]);
    const at = LEVELS.indexOf(level as (typeof LEVELS)[number]);
    if (at >= 0 && at < least) return false;
    const wanted = this.#search.value.trim().toLowerCase();
    return wanted === '' || `${event} ${symbol ?? ''} ${fields}`.toLowerCase().includes(wanted);
  }
}

function rowOf({ atMs, level, event, symbol, fields }: LogView): HTMLElement {
  return el(
    'li',
    { 'data-level': level },
    el('time', {}, clockMs(atMs)),
    el('b', {}, NAMES[level] ?? level),
    el('span', {}, event),
    symbol === undefined ? undefined : el('span.symbol', {}, symbol),
    el('span.soft', {}, fields),
  );
}
