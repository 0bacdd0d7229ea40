// How does the gateway reach the exchange without a socket? Its texts travel on the exchange's own time, by roads that can be shut.
import { createHmac } from 'node:crypto';
import type { Host, Question, Reply, StreamEvents, StreamName, Wires } from '../../src/bybit/gateway/wires.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Connection } from '../../src/simulator/connection.ts';
import type { World } from './world.ts';

type Json = Readonly<Record<string, unknown>>;

const TOPICS = ['order.linear', 'execution.linear', 'position.linear', 'wallet'];
const HANDSHAKE_MS = 5_000 as Ms;
const sign = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function campaignWires(
  world: World,
  serverNow: () => number,
  change: (text: string) => string | undefined = (text) => text,
): Wires {
  const { exchange, agenda, keys } = world;
  const life = world.clock;

  const stream = (name: StreamName, events: StreamEvents) => {
    let connection: Connection | undefined;
    let isEnded = false;
    let lastMs = 0;
    const travel = (run: () => void): void => {
      lastMs = Math.max(lastMs, agenda.monotonic() + world.hopMs());
      agenda.at(lastMs, run);
    };
    const close = (reason: string, isRefused = false): void => {
      if (isEnded) return;
      isEnded = true;
      events.closed({ reason, isRefused });
    };
    const say = (meant: string): void => {
      const text = change(meant);
      if (text === undefined) return;
      world.said(name, text);
      travel(() => connection?.receive(text));
    };
    const hear = (text: string): void => {
      if (isEnded) return;
      world.heard(name, text);
      // Before the stream is ready its few texts are looked at here, as the socket's owner does.
      if (!isReady) open(text);
      else events.text(text);
    };
    let isReady = false;
    const open = (text: string): void => {
      const { op, success, retCode } = parsed(text) ?? {};
      events.text(text);
      if (op === 'auth' && (success === false || (retCode ?? 0) !== 0)) close('login refused', true);
      else if (op === 'auth' && name === 'private') say(JSON.stringify({ op: 'subscribe', args: TOPICS }));
      else if (op === 'auth' || (op === 'subscribe' && success === true)) {
        isReady = true;
        events.ready();
      }
    };
    const lost = (reason: string): void => travel(() => life.hand(() => close(reason)));
    travel(() => {
      const door = world.isShut(name) ? 'refused' : exchange.door(`/v5/${name}`);
      if (door === 'black-hole') return;
      if (door !== name || life.isDead || isEnded) return lost('refused');
      connection = exchange.open(name, {
        send: (text) => travel(() => life.hand(() => hear(text.toString()))),
        cut: () => lost('closed'),
      });
      world.opened(connection);
      travel(() =>
        life.hand(() => {
          if (isEnded) return;
          const expires = serverNow() + 5_000;
          say(JSON.stringify({ op: 'auth', args: [keys.key, expires, sign(`GET/realtime${expires}`, keys.secret)] }));
        }),
      );
    });
    agenda.after(HANDSHAKE_MS, () => {
      if (connection === undefined) lost('handshake timeout');
    });
    return {
      send(text: string) {
        // Killed in the middle of a turn, it says nothing more.
        if (isEnded || connection === undefined || life.isDead) return false;
        say(text);
        return true;
      },
      end() {
        isEnded = true;
        travel(() => connection?.ended());
      },
    };
  };

  const ask = (host: Host, question: Question, replied: (reply: Reply) => void): void => {
    if (life.isDead) return;
    const { method, path, params, isSigned, recvWindowMs } = question;
    const texts = Object.entries(params).map(([name, value]) => [name, String(value)] as const);
    const query =
      method === 'GET' ? texts.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&') : '';
    const body = method === 'POST' ? (change(JSON.stringify(params)) ?? '{}') : '';
    const [timestamp, window] = [String(serverNow()), String(recvWindowMs)];
    const headers = {
      'x-bapi-api-key': keys.key,
      'x-bapi-timestamp': timestamp,
      'x-bapi-recv-window': window,
      'x-bapi-sign': sign(`${timestamp}${keys.key}${window}${query}${body}`, keys.secret),
    };
    const hand = (reply: Reply): void => void agenda.after(world.hopMs() as Ms, () => life.hand(() => replied(reply)));
    const trouble = world.isShut(host);
    if (trouble === 'refused') {
      if (body !== '') world.listener.tried(body);
      return hand({ kind: 'failed', code: 'ECONNREFUSED', isUnsent: true });
    }
    world.said('rest', body === '' ? `${method} ${path}?${query}` : `${method} ${path}\n${body}`);
    if (trouble === 'silent') return;
    agenda.after(world.hopMs() as Ms, () =>
      exchange.request({ method, path, query, headers: isSigned ? headers : {}, body }, (answer) => {
        const number = (name: string): number => Number(answer.headers[name]);
        const left = number('X-Bapi-Limit-Status');
        const quota = { limit: number('X-Bapi-Limit'), left, resetMs: number('X-Bapi-Limit-Reset-Timestamp') };
        agenda.after(world.hopMs() as Ms, () =>
          life.hand(() => {
            world.heard('rest', answer.body, path);
            replied(
              answer.status === 200
                ? { kind: 'body', body: parsed(answer.body), quota: Number.isNaN(left) ? undefined : quota }
                : { kind: 'status', status: answer.status },
            );
          }),
        );
      }),
    );
  };

  return {
    hasTrade: true,
    open: stream,
    ask,
    close: () => undefined,
  };
}
