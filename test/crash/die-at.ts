// node --import …/die-at.ts src/main.ts run: how does the real daemon die at exactly one line of its work?
//
// Nothing in the product can do this, so nothing of it can hurt a run with money: this file is loaded before the program,
// by the crash test alone, and wraps what the program calls at its edges. PLOTNOST_DIE_AT is `point:n`; what is not early
// counts from SIGWINCH on (nobody listens to it without a terminal), when the start has been judged.
import { open } from 'node:fs/promises';
import { ClientRequest } from 'node:http';
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import pg from 'pg';
import type WebSocket from 'ws';
import type { GatewayEvent, GatewayRequest } from '../../src/order/gateway.ts';
import type { DeskEvent } from '../../src/position/desk-event.ts';
import type { TradeRow } from '../../src/position/trade/result.ts';
import { Chronicle } from '../../src/store/rows/chronicle.ts';
import { Trader } from '../../src/engine/trader.ts';
import { POINTS, type PointName } from './point.ts';

const [wanted, count] = (process.env['PLOTNOST_DIE_AT'] ?? '').split(':') as [PointName, string];
let left = Number(count);
let isArmed = POINTS[wanted].isEarly === true;

/** At this very instruction: nothing of this process runs after it. */
function dieAt(point: PointName): void {
  if (point === wanted && isArmed && --left === 0) process.kill(process.pid, 'SIGKILL');
}

/** Puts something around a method, whoever has it. */
function around<Args extends readonly unknown[], Result>(
  of: object,
  name: string,
  wrap: (self: object, call: () => Result, ...args: Args) => Result,
): void {
  const methods = of as Record<string, (...args: Args) => Result>;
  const inner = methods[name] as (...args: Args) => Result;
  methods[name] = function (this: object, ...args: Args): Result {
    return wrap(this, () => Reflect.apply(inner, this, args) as Result, ...args);
  };
}

const isEntry = (linkId: string): boolean => linkId.endsWith('-E');

/** The record of an entry on its way to the disk. */
async function watchJournal(): Promise<void> {
  const file = await open(new URL(import.meta.url));
  const handles = Object.getPrototypeOf(file) as object;
  await file.close();
  around(handles, 'write', async (_self, call: () => Promise<unknown>, bytes: unknown) => {
    const isIntent = Buffer.isBuffer(bytes) && bytes.includes('"kind":"INTENT"');
    if (isIntent) dieAt('before-append');
    const writing = call();
    if (isIntent) dieAt('before-sync');
    const written = await writing;
    if (isIntent) dieAt('before-send');
    return written;
  });
}

/** Bytes that have just been given to the operating system. */
function watchWires(): void {
  const near = createRequire(import.meta.url);
  for (const require of [near, createRequire(near.resolve('bybit-api'))]) {
    const { prototype } = require('ws') as typeof WebSocket;
    around(prototype, 'send', (_self, call: () => void, data: unknown) => {
      call();
      if (typeof data !== 'string' || !data.includes('"order.create"')) return;
      if (/-E"/.test(data)) dieAt('before-ack');
      else if (/-[CX]"/.test(data)) dieAt('close-sent');
    });
  }
  around(ClientRequest.prototype, 'end', (self, call) => {
    const request = self as ClientRequest;
    if (request.path.startsWith('/v5/position/trading-stop')) {
      request.once('finish', () => {
        dieAt('stop-restoring');
        dieAt('stop-moving');
      });
    }
    return call();
  });
}

/** What the desk is told, and tells. */
function watchDesk(): void {
  const entries = new Set<number>();
  const filled = new Set<number>();
  const linkOf = new Map<string, number>();
  const watched = new WeakSet<object>();

  const heard = (event: GatewayEvent): void => {
    if (event.kind === 'fill') filled.add(linkOf.get(event.fill.linkId) ?? -1);
    if (event.kind === 'account-read') dieAt('reconciling');
    if (event.kind !== 'answer' || event.answer.outcome !== 'accepted') return;
    if (entries.has(event.requestId) && !filled.has(event.requestId)) dieAt('before-fill');
  };
  const sent = (request: GatewayRequest): void => {
    if (request.kind !== 'create' || !isEntry(request.order.linkId)) return;
    entries.add(request.requestId);
    linkOf.set(request.order.linkId, request.requestId);
  };

  around(Trader.prototype, 'take', (self, call: () => void, event: DeskEvent) => {
    const { gateway } = self as Trader;
    // The gateway may speak before its maker has it.
    if ((gateway as unknown) !== undefined && !watched.has(gateway)) {
      watched.add(gateway);
      around(gateway, 'send', (_self, pass: () => void, request: GatewayRequest) => {
        sent(request);
        pass();
      });
    }
    if (event.kind === 'gateway') heard(event.event);
    call();
    if (event.kind === 'gateway' && event.event.kind === 'fill' && isEntry(event.event.fill.linkId))
      dieAt('before-stop-seen');
    if (event.kind === 'drain') dieAt('draining');
  });
  around(Chronicle.prototype, 'trade', (_self, call: () => void, trade: TradeRow) => {
    if (trade.exitMs === undefined) return call();
    dieAt('before-trade-row');
    call();
    dieAt('before-row-stored');
  });
}

/** The storage thread asks which tables are there; a kill takes the whole process with it. */
function watchTables(): void {
  around(pg.Client.prototype, 'query', (_self, call, text: unknown) => {
    if (typeof text === 'string' && /\bmigrations\b/.test(text)) dieAt('migrating');
    return call();
  });
}

if (wanted in POINTS) {
  watchTables();
  if (isMainThread) {
    process.on('SIGWINCH', () => {
      isArmed = true;
    });
    await watchJournal();
    watchWires();
    watchDesk();
  }
}
