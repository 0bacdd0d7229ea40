// Which real wires lead to the exchange?
import type { Endpoints } from '../endpoints.ts';
import type { ApiKeys } from './keys.ts';
import { RestWire } from './rest-wire.ts';
import { openStreamWire } from './stream-wire.ts';
import type { StreamWire, Wires } from './wires.ts';

export function createBybitWires(endpoints: Endpoints, keys: ApiKeys, serverNow: () => number): Wires {
  if (process.env.BYBITTRACE !== undefined) {
    throw new Error('BYBITTRACE prints requests with their keys: unset it and start again');
  }
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw new Error('NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody read orders and keys: unset it and start again');
  }
  if (keys.key === '' || keys.secret === '') throw new Error('nothing is traded without an API key and its secret');
  const { rest, restSecond = rest, private: privateUrl, trade } = endpoints;
  if (privateUrl === undefined) {
    throw new Error('exchange.endpoints.private is missing: name the private stream of the exchange that is traded');
  }
  const hosts = {
    'rest-1': new RestWire({ url: rest, keys, serverNow }),
    'rest-2': new RestWire({ url: restSecond, keys, serverNow }),
  };
  const open = new Set<StreamWire>();
  return {
    hasTrade: trade !== undefined,
    open(stream, events) {
      const url = stream === 'private' ? privateUrl : trade;
      if (url === undefined) throw new Error('broken invariant: an environment without trade socket opens none');
      const wire = openStreamWire(
        stream,
        { url, keys, serverNow },
        {
          ...events,
          closed(end) {
            open.delete(wire);
            events.closed(end);
          },
        },
      );
      open.add(wire);
      return wire;
    },
    ask: (host, question, replied) => hosts[host].ask(question, replied),
    close() {
      for (const wire of open) wire.end();
      open.clear();
      for (const host of Object.values(hosts)) host.close();
    },
  };
}
