// Which densities did the engine see, as the score wants them? Built from events only.
import type { Instrument } from '../../market/instrument.ts';
import { priceText } from '../../market/instrument.ts';
import { SIDE_NAMES } from '../../market/side.ts';
import type { Tick } from '../../market/units.ts';
import type { AnalysisEvent } from '../../scan/event.ts';
import type { ObservedLife } from './score.ts';

type Life = { -readonly [Key in keyof ObservedLife]: ObservedLife[Key] };

export class ObservedLives {
  readonly #lives = new Map<string, Life>();
  readonly #spans = new Map<string, { symbol: string; fromMs: number; toMs: number }>();
  /** Exchange time of the newest event. */
  endMs = 0;

  see(event: AnalysisEvent, instrument: Instrument): void {
    this.endMs = Math.max(this.endMs, event.exchangeMs);
    const id = `${instrument.symbol}-${event.slot}-${event.life}`;
    const life: Life = this.#lives.get(id) ?? {
      id,
      symbol: instrument.symbol,
      side: SIDE_NAMES[event.side],
      lowPrice: '',
      highPrice: '',
      firstSeenMs: event.firstSeenMs,
      confirmedMs: null,
      endedMs: null,
      label: null,
    };
    this.#lives.set(id, life);
    life.lowPrice = priceText(event.low as Tick, instrument);
    life.highPrice = priceText(event.high as Tick, instrument);
    if (event.confirmedMs !== 0) life.confirmedMs = event.confirmedMs;
    if (event.kind !== 'label') return;
    life.label = event.label;
    if (event.label !== 'held') life.endedMs = event.exchangeMs;
  }

  /** Called now and then with what is watched: a wall that nobody looked at is not scored. `now` is exchange time. */
  watch(symbols: Iterable<{ readonly symbol: string; readonly trust: string }>, now: number): void {
    for (const { symbol, trust } of symbols) {
      if (trust !== 'live') continue;
      const span = this.#spans.get(symbol);
      if (span === undefined) this.#spans.set(symbol, { symbol, fromMs: now, toMs: now });
      else span.toMs = now;
    }
  }

  get watched(): Iterable<{ readonly symbol: string; readonly fromMs: number; readonly toMs: number }> {
    return this.#spans.values();
  }

  all(): Iterable<ObservedLife> {
    return this.#lives.values();
  }
}
