// What does the private stream say? One text in; the events in it, in order, out.
import { parseJson } from '../../lib/parse-json.ts';
import type { GatewayEvent } from '../../order/gateway.ts';
import type { Log } from '../../lib/log.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../fields.ts';
import { fillFrom } from './fill-row.ts';
import type { Grids } from './grids.ts';
import { orderReportFrom } from './order-row.ts';
import { positionReportFrom } from './position-row.ts';
import { type OnOdd, timeOf } from './row.ts';
import type { StopTriggers } from './stop-triggers.ts';
import { walletReportFrom } from './wallet-row.ts';

export interface PrivateFeedOptions {
  readonly grids: Grids;
  readonly triggers: StopTriggers;
  readonly odd: OnOdd;
  readonly log: Log;
  /** A symbol whose grid nobody knows has moved. */
  readonly stranger: (symbol: string) => void;
}

/** Undefined for a text that cannot be read: something may have been missed. */
export function privateEvents(text: string, options: PrivateFeedOptions): readonly GatewayEvent[] | undefined {
  const parsed = parseJson(text);
  if (parsed === undefined) return undefined;
  const message = fieldsOf(parsed);
  // Up to the first dot: `order.linear` and `order` are one topic, `orderbook` is none of them.
  const topic = textOf(message.topic).split('.', 1)[0] as string;
  if (topic === '') return message.op === undefined ? undefined : [];
  const events: GatewayEvent[] = [];
  for (const row of listOf(message.data)) {
    const event = topic === 'wallet' ? walletEvent(row, message) : rowEvent(topic, row, options);
    if (event !== undefined) events.push(event);
  }
  return events;
}

function walletEvent(row: unknown, message: Fields): GatewayEvent | undefined {
  const report = walletReportFrom(row, timeOf(message.creationTime));
  return report === undefined ? undefined : { kind: 'wallet', report };
}

function rowEvent(topic: string, row: unknown, options: PrivateFeedOptions): GatewayEvent | undefined {
  const { grids, triggers, odd, log, stranger } = options;
  const symbol = textOf(fieldsOf(row).symbol);
  const instrument = grids.of(symbol);
  if (instrument === undefined) {
    stranger(symbol);
    return undefined;
  }
  let event: GatewayEvent | undefined;
  if (topic === 'order') {
    const report = orderReportFrom(row, instrument, odd);
    if (report !== undefined) {
      triggers.told(report);
      event = { kind: 'order', report };
    }
  } else if (topic === 'execution') {
    const fill = fillFrom(row, instrument, odd);
    if (fill !== undefined) event = { kind: 'fill', fill };
  } else if (topic === 'position') {
    const report = positionReportFrom(row, instrument, (tick) => triggers.of(symbol, tick), odd);
    if (report !== undefined) event = { kind: 'position', report };
  } else {
    odd('topic', topic);
    return undefined;
  }
  if (event === undefined) log.error({ topic, symbol }, 'gateway.unreadable_row');
  return event;
}
