// hot: twice a frame on main, two clock readings; allocates nothing there.
// How long does each stage of the path take, from the exchange's stamp to its answer? Main's own part of it; threads count theirs.
import { EXCHANGE_TIME, SLOT_NUMBERS, type BookMemory } from '../book/layout.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { placeOf, recordLatency, type Latencies, type Stage } from '../operator/metrics/latency.ts';
import type { GatewayEvent, GatewayRequest, OrderGateway } from '../order/gateway.ts';
import type { Path } from '../order/words.ts';
import type { ScanTimes } from '../pool/scan-times.ts';
import type { Venue } from './venue.ts';

/** Requests and orders whose end never comes are not kept for ever. */
const KEPT_MAX = 1_024;

const stageOf = (path: Path): Stage => (path === 'trade-socket' ? 'api_trade' : 'api_rest');

export class StageTimes {
  readonly #latencies: Latencies;
  readonly #clock: Clock;
  readonly #asked = new Map<number, { readonly at: Ms; readonly isOrder: boolean }>();
  /** Link ids of entries, and when their signal was read or they were handed over. */
  readonly #read = new Map<string, Ms>();
  readonly #sent = new Map<string, Ms>();
  readonly #records = new Map<number, Ms>();
  /** Exchange time minus monotonic time. */
  #shift: number;

  constructor(latencies: Latencies, clock: Clock) {
    this.#latencies = latencies;
    this.#clock = clock;
    this.#shift = clock.wall() - clock.monotonic();
  }

  /** For the threads that scan; main, which may scan itself, is the first. */
  scans(writer: number): ScanTimes {
    return {
      buffer: this.#latencies.buffer,
      wakeAt: placeOf('wake', writer),
      scanAt: placeOf('scan', writer),
    };
  }

  /** Once a second. */
  setOffset(offsetMs: number): void {
    this.#shift = this.#clock.wall() - this.#clock.monotonic() + offsetMs;
  }

  /** Hot: a frame has changed the book. */
  frame(books: BookMemory, slot: number, received: Ms): void {
    recordLatency(this.#latencies, 'frame', this.#clock.monotonic() - received);
    const made = books.numbers[slot * SLOT_NUMBERS + EXCHANGE_TIME] as number;
    if (made > 0) recordLatency(this.#latencies, 'wire', received + this.#shift - made);
  }

  told(receivedMs: number): void {
    recordLatency(this.#latencies, 'signal', this.#clock.monotonic() - receivedMs);
  }

  judged(readAt: Ms, linkId: string | undefined): void {
    recordLatency(this.#latencies, 'gate', this.#clock.monotonic() - readAt);
    if (linkId !== undefined) keep(this.#read, linkId, readAt);
  }

  recorded(seq: number): void {
    keep(this.#records, seq, this.#clock.monotonic());
  }

  synced(upTo: number): void {
    const now = this.#clock.monotonic();
    for (const [seq, at] of this.#records) {
      if (seq > upTo) break;
      this.#records.delete(seq);
      recordLatency(this.#latencies, 'journal', now - at);
    }
  }

  /** The same venue, its requests timed. */
  timed(venue: Venue): Venue {
    return (room, onEvent) => {
      const opened = venue(room, (event) => {
        this.#hear(event);
        onEvent(event);
      });
      return { ...opened, gateway: this.#timedGateway(opened.gateway) };
    };
  }

  #timedGateway(gateway: OrderGateway): OrderGateway {
    return {
      send: (request) => {
        this.#send(request);
        gateway.send(request);
      },
      close: () => gateway.close(),
    };
  }

  #send(request: GatewayRequest): void {
    const now = this.#clock.monotonic();
    keep(this.#asked, request.requestId, { at: now, isOrder: request.kind === 'create' });
    if (request.kind !== 'create') return;
    const { linkId } = request.order;
    keep(this.#sent, linkId, now);
    const readAt = this.#read.get(linkId);
    this.#read.delete(linkId);
    if (readAt !== undefined) recordLatency(this.#latencies, 'decision', now - readAt);
  }

  #hear(event: GatewayEvent): void {
    if (event.kind === 'fill') {
      const at = this.#sent.get(event.fill.linkId);
      if (at === undefined) return;
      this.#sent.delete(event.fill.linkId);
      recordLatency(this.#latencies, 'order_fill', this.#clock.monotonic() - at);
    } else if ('requestId' in event) {
      const asked = this.#asked.get(event.requestId);
      if (asked === undefined) return;
      this.#asked.delete(event.requestId);
      const length = this.#clock.monotonic() - asked.at;
      recordLatency(this.#latencies, stageOf(event.path), length);
      if (asked.isOrder) recordLatency(this.#latencies, 'order_ack', length);
    }
  }
}

/** The oldest makes room. */
function keep<K, V>(all: Map<K, V>, key: K, value: V): void {
  all.set(key, value);
  if (all.size <= KEPT_MAX) return;
  for (const oldest of all.keys()) {
    all.delete(oldest);
    return;
  }
}
