// What does the exchange tell without a key, when nobody has a network? The same answers, read by the same row readers.
import { BybitError } from '../../src/bybit/bybit-error.ts';
import type { PublicRest } from '../../src/bybit/rest/rest.ts';
import { countOf, fieldsOf, listOf } from '../../src/bybit/fields.ts';
import { bookFrom, dayFrom, klineFrom, listedFrom, STATUSES } from '../../src/bybit/rest/rest-rows.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { World } from './world.ts';

const WITHIN_MS = 5_000 as Ms;

export function publicRest(world: World): PublicRest {
  const { exchange, agenda } = world;
  const life = world.clock;

  const read = (
    path: string,
    params: Readonly<Record<string, string>> = {},
  ): Promise<Readonly<Record<string, unknown>>> => {
    const query = new URLSearchParams(params).toString();
    return new Promise((resolve, reject) => {
      const fail = (code: string): void => reject(new BybitError(code, path, true));
      const deadline = life.after(WITHIN_MS, () => {
        world.settles();
        fail('timeout');
      });
      world.said('rest', `GET ${path}?${query}`);
      agenda.after(world.hopMs() as Ms, () =>
        exchange.request({ method: 'GET', path, query, headers: {}, body: '' }, (answer) => {
          agenda.after(world.hopMs() as Ms, () =>
            life.hand(() => {
              deadline.cancel();
              world.heard('rest', answer.body, path);
              if (answer.status !== 200) return fail(String(answer.status));
              let body: Readonly<Record<string, unknown>>;
              try {
                body = fieldsOf(JSON.parse(answer.body));
              } catch (error) {
                if (error instanceof SyntaxError) return fail('unreadable');
                throw error;
              }
              if (body['retCode'] !== 0) return fail(String(body['retCode']));
              resolve(fieldsOf(body['result']));
            }),
          );
        }),
      );
    });
  };
  const linear = { category: 'linear' };
  const instruments: PublicRest['instruments'] = async () => {
    const rows: unknown[] = [];
    let cursor = '';
    do {
      const result = await read('/v5/market/instruments-info', {
        ...linear,
        limit: '500',
        ...(cursor === '' ? {} : { cursor }),
      });
      rows.push(...listOf(result['list']));
      const next = result['nextPageCursor'];
      cursor = typeof next === 'string' ? next : '';
    } while (cursor !== '');
    return rows
      .flatMap((row) => listedFrom(row) ?? [])
      .filter(({ instrument }) => !world.unlisted.delete(instrument.symbol));
  };

  return {
    failure: undefined,
    instruments,
    instrument: async (symbol) => {
      for (const status of STATUSES) {
        const kind = { ...linear, symbol, ...(status === undefined ? {} : { status }) };
        const result = await read('/v5/market/instruments-info', kind);
        const found = listOf(result['list']).flatMap((row) => listedFrom(row) ?? [])[0];
        if (found !== undefined) return found;
      }
      return undefined;
    },
    async days() {
      const result = await read('/v5/market/tickers', linear);
      return listOf(result['list']).flatMap((row) => dayFrom(row) ?? []);
    },
    async klines(instrument, hours) {
      const limit = String(Math.min(1_000, hours * 60));
      const result = await read('/v5/market/kline', { ...linear, symbol: instrument.symbol, interval: '1', limit });
      const klines = listOf(result['list']).flatMap((row) => klineFrom(row, instrument) ?? []);
      return { klines: klines.reverse(), ahead: 0 };
    },
    async book(instrument, limit) {
      const result = await read('/v5/market/orderbook', { ...linear, symbol: instrument.symbol, limit: String(limit) });
      const book = bookFrom(result, instrument);
      if (book === undefined) throw new BybitError('unreadable', 'orderbook: the answer is no book', true);
      return book;
    },
    async clockOffset() {
      const sent = life.monotonic();
      const result = await read('/v5/market/time');
      const roundTrip = (life.monotonic() - sent) as Ms;
      const time = countOf(String(result['timeNano']).slice(0, -6)) ?? 0;
      return { offset: (time + roundTrip / 2 - life.wall()) as Ms, roundTrip };
    },
    close: () => undefined,
  };
}
