// How does the gateway reach an exchange without a socket? Below its encoders and parsers, as texts on the exchange's own time.
import { createHmac } from 'node:crypto';
import type { Host, Question, Reply, StreamEvents, StreamName, Wires } from '../../../src/bybit/gateway/wires.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import type { Connection } from '../../../src/simulator/connection.ts';
import type { VirtualExchange } from '../../../src/simulator/virtual.ts';

type Json = Readonly<Record<string, unknown>>;

const HOP_MS = 1 as Ms;
const TOPICS = ['order.linear', 'execution.linear', 'position.linear', 'wallet'];
const sign = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function createVirtualWires(exchange: VirtualExchange, serverNow: () => number): Wires {
  const { agenda, venue } = exchange.stage;
  const [keys] = venue.keys;
  if (keys === undefined) throw new Error('the exchange opens with an account');
  const open = new Set<Connection>();

  const stream = (name: StreamName, events: StreamEvents) => {
    let connection: Connection | undefined;
    let isEnded = false;
    const close = (reason: string, isRefused = false): void => {
      if (isEnded) return;
      isEnded = true;
      events.closed({ reason, isRefused });
    };
    const say = (message: object): void => connection?.receive(JSON.stringify(message));
    const hear = (text: string): void => {
      if (isEnded) return;
      events.text(text);
      const { op, success, retCode } = parsed(text) ?? {};
      if (op === 'auth' && (success === false || (retCode ?? 0) !== 0)) close('login refused', true);
      else if (op === 'auth' && name === 'private') say({ op: 'subscribe', args: TOPICS });
      else if (op === 'auth' || (op === 'subscribe' && success === true)) events.ready();
    };
    agenda.after(HOP_MS, () => {
      if (isEnded) return;
      const door = exchange.door(`/v5/${name}`);
      if (door !== name) return door === 'black-hole' ? undefined : close('refused');
      connection = exchange.open(name, {
        send: (text) => void agenda.after(HOP_MS, () => hear(text.toString())),
        cut: () => close('closed'),
      });
      open.add(connection);
      const expires = serverNow() + 5_000;
      say({ op: 'auth', args: [keys.key, expires, sign(`GET/realtime${expires}`, keys.secret)] });
    });
    return {
      send(text: string) {
        if (isEnded || connection === undefined) return false;
        agenda.after(HOP_MS, () => connection?.receive(text));
        return true;
      },
      end() {
        isEnded = true;
        connection?.ended();
      },
    };
  };

  const ask = (_: Host, question: Question, replied: (reply: Reply) => void): void => {
    const { method, path, params, isSigned, recvWindowMs } = question;
    const texts = Object.entries(params).map(([name, value]) => [name, String(value)] as const);
    const query =
      method === 'GET' ? texts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&') : '';
    const text = method === 'POST' ? JSON.stringify(params) : '';
    const [timestamp, window] = [String(serverNow()), String(recvWindowMs)];
    const headers = {
      'x-bapi-api-key': keys.key,
      'x-bapi-timestamp': timestamp,
      'x-bapi-recv-window': window,
      'x-bapi-sign': sign(`${timestamp}${keys.key}${window}${query}${text}`, keys.secret),
    };
    agenda.after(HOP_MS, () =>
      exchange.request({ method, path, query, headers: isSigned ? headers : {}, body: text }, (answer) => {
        const number = (name: string): number => Number(answer.headers[name]);
        const left = number('X-Bapi-Limit-Status');
        const quota = { limit: number('X-Bapi-Limit'), left, resetMs: number('X-Bapi-Limit-Reset-Timestamp') };
        const body = parsed(answer.body);
        agenda.after(HOP_MS, () =>
          replied(
            answer.status === 200
              ? { kind: 'body', body, quota: Number.isNaN(left) ? undefined : quota }
              : { kind: 'status', status: answer.status },
          ),
        );
      }),
    );
  };

  return {
    hasTrade: true,
    open: stream,
    ask,
    close() {
      for (const connection of open) connection.ended();
    },
  };
}
