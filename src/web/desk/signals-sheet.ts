// Why did it act, and why not? Every criterion with its value and its threshold.
import type { CriterionView, SignalView } from '../../operator/page/protocol-events.ts';
import { el, setAttribute, setText } from '../element.ts';
import { clock, duration, percent, words } from '../format.ts';
import { Rows } from '../rows.ts';

const SHOWN_MAX = 80;
const FILTERS = [
  { id: 'all', text: 'All' },
  { id: 'signals', text: 'All criteria met' },
  { id: 'ordered', text: 'Ordered' },
] as const;
type Filter = (typeof FILTERS)[number]['id'];

const OUTCOMES: Readonly<Record<SignalView['outcome'], { sign: string; text: string; tone: string }>> = {
  ordered: { sign: '✓', text: 'ordered', tone: 'good' },
  offered: { sign: '→', text: 'offered', tone: 'plain' },
  refused: { sign: '✕', text: 'refused', tone: 'warn' },
  candidate: { sign: '·', text: 'not met', tone: 'plain' },
};

export class SignalsSheet {
  readonly panel = el('div.sheet');
  readonly #rows: Rows<SignalView, HTMLLIElement>;
  readonly #empty = el('div.empty', {}, 'No signal yet: nothing has met, or nearly met, its criteria');
  readonly #choice = el('select', { 'aria-label': 'Which signals' });
  readonly #onChoose: (symbol: string) => void;
  readonly #only = el('input', { type: 'checkbox' });
  #signals: readonly SignalView[] = [];
  #symbol: string | undefined;

  constructor(onChoose: (symbol: string) => void) {
    this.#onChoose = onChoose;
    this.#choice.append(...FILTERS.map(({ id, text }) => el('option', { value: id }, text)));
    const list = el('ul.signals', { 'aria-label': 'Signals, newest first' });
    this.panel.append(
      el('div.bar', {}, this.#choice, el('label', {}, this.#only, ' only this symbol')),
      list,
      this.#empty,
    );
    for (const control of [this.#choice, this.#only]) control.addEventListener('change', () => this.#draw());
    this.#rows = new Rows(list, {
      key: ({ id }) => id,
      create: (signal) => this.#create(signal),
      update: updateSignal,
    });
  }

  show(signals: readonly SignalView[], symbol: string | undefined): void {
    this.#signals = signals;
    this.#symbol = symbol;
    this.#draw();
  }

  #draw(): void {
    const filter = this.#choice.value as Filter;
    const shown = this.#signals
      .filter(
        ({ outcome }) => filter === 'all' || outcome === 'ordered' || (filter === 'signals' && outcome !== 'candidate'),
      )
      .filter(({ symbol }) => !this.#only.checked || symbol === this.#symbol)
      .slice(-SHOWN_MAX)
      .toReversed();
    this.#rows.show(shown);
    this.#empty.hidden = shown.length > 0;
  }

  #create(signal: SignalView): HTMLLIElement {
    const name = el('button.name', { type: 'button', title: `Show ${signal.symbol} on the map` }, signal.symbol);
    name.addEventListener('click', () => this.#onChoose(signal.symbol));
    return el(
      'li.signal',
      {},
      el('span.soft', {}, clock(signal.atMs)),
      name,
      el('span', {}),
      el('span.chip', {}),
      el('ul.criteria', { 'aria-label': 'Criteria' }, ...signal.criteria.map(() => el('li'))),
      el('span.why', {}),
    );
  }
}

function updateSignal(row: HTMLLIElement, signal: SignalView): void {
  const [, , kind, chip, criteria, why] = [...row.children] as HTMLElement[];
  if (kind === undefined || chip === undefined || criteria === undefined || why === undefined) return;
  const isLong = signal.direction === 'long';
  setText(kind, `${isLong ? '▲' : '▼'} ${signal.kind} ${signal.direction}`);
  kind.className = isLong ? 'gain' : 'loss';
  const { sign, text, tone } = OUTCOMES[signal.outcome];
  setText(chip, `${sign} ${text}`);
  setAttribute(chip, 'data-tone', tone);
  signal.criteria.forEach((criterion, i) => showCriterion(criteria.children[i] as HTMLElement, criterion));
  setText(why, whyText(signal));
}

function whyText({ outcome, refusal, detail, priority, relative, side }: SignalView): string {
  if (refusal !== undefined) return `why not: ${words(refusal)}${detail === '' ? '' : ` (${detail})`}`;
  if (outcome === 'candidate') return '';
  return `${side} density ${relative.toFixed(1)} × its neighbours, priority ${priority}${detail === '' ? '' : `, ${detail}`}`;
}

function showCriterion(cell: HTMLElement, { name, value, threshold, passed }: CriterionView): void {
  const [title, format] = CRITERIA[name] ?? [words(name), String];
  // Near enough and still no touch: the price has to come from afar.
  const isNoArrival = name === 'touch_ticks' && !passed && value !== null && threshold !== null && value <= threshold;
  const told = value === null ? (name === NEVER ? 'never' : 'unknown') : format(value);
  const asked = `${threshold === null ? '' : ` / ${format(threshold)}`}${isNoArrival ? ', not from afar' : ''}`;
  setText(cell, `${passed ? '✓' : '✕'} ${title} ${told}${asked}`);
  cell.dataset['passed'] = String(passed);
  setAttribute(
    cell,
    'title',
    `${title}: ${told}${threshold === null ? '' : `, threshold ${format(threshold)}`}, ${passed ? 'met' : 'not met'}`,
  );
}

const fixed = (value: number): string => String(Math.round(value * 100) / 100).replace('-', '−');
const eating = (ms: number): string => (ms >= 3_600_000 ? 'over 1 h' : duration(ms));
/** Where there is no number: nothing trades into it. */
const NEVER = 'time_to_eat_ms';
const CRITERIA: Readonly<Record<string, readonly [title: string, format: (value: number) => string]>> = {
  trend: ['trend', fixed],
  eaten_percent: ['eaten', (value) => percent(value, 0)],
  gone_for_ms: ['gone', (value) => (value < 0 ? 'not yet' : duration(value))],
  beyond_ticks: ['beyond, ticks', fixed],
  touch_ticks: ['touch, ticks', fixed],
  stable_percent: ['unsteady', (value) => percent(value, 1)],
  time_to_eat_ms: ['time to eat', eating],
};
