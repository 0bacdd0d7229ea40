// What do the endpoints of positions, wallets and settings say?
import { listingRow } from '../listing-row.ts';
import { isRefusal } from '../venue/model.ts';
import { type Answer, answerOf, type Call, ok, refuse, textOf, wrong } from './answer.ts';
import { pageOf, windowOf } from './paging.ts';
import { marginRow, positionRow } from './position-row.ts';
import { leverageText } from './spelling.ts';
import { transactionRow } from './trade-row.ts';
import { list, wanted } from './trading-answers.ts';
import { coinRow, emptyCoinRow, walletRow } from './wallet-row.ts';

const DAY_MS = 86_400_000;

export function positions(call: Call): Answer {
  const inContract = wanted(call);
  if (inContract === undefined) return wrong('Missing some parameters that must be filled in, symbol or settleCoin');
  const rows = call.venue
    .positions(call.key.uid, { symbol: textOf(call.params, 'symbol') })
    .filter(({ instrument }) => inContract(instrument.symbol));
  const size = { usual: 20, most: 200 };
  return list(call, rows, size, ({ instrument, updatedMs }) => [instrument.symbol, updatedMs], positionRow);
}

/** Leverage, whether there is a position or not. */
export function symbolInfo(call: Call): Answer {
  const { venue, key, market, params } = call;
  const inContract = wanted(call) ?? (() => true);
  const rows = market
    .currentListings()
    .filter(({ symbol, traded }) => traded && inContract(symbol))
    .flatMap(({ symbol }) => venue.positions(key.uid, { symbol }));
  if (rows.length === 0) return wrong('params error: symbol invalid');
  return answerOf(
    pageOf(rows, params, { usual: 20, most: 200 }, ({ instrument }) => [instrument.symbol, 0]),
    (page) => ({
      category: 'linear',
      nextPageCursor: page.cursor,
      list: page.rows.map(({ instrument, leverage }) => ({
        symbol: instrument.symbol,
        leverage: leverageText(leverage),
        side: '',
        positionIdx: 0,
      })),
    }),
  );
}

export function addMargin({ venue, key, params }: Call): Answer {
  return answerOf(venue.addMargin(key.uid, params), marginRow);
}

export function setMarginMode({ venue, key, params }: Call): Answer {
  const outcome = venue.setMarginMode(key.uid, params);
  if (!isRefusal(outcome)) return ok({ reasons: [] });
  return refuse(outcome, { reasons: [{ reasonCode: String(outcome.code), reasonMsg: outcome.text }] });
}

export function accountInfo({ account, market }: Call): Answer {
  return ok({
    marginMode: account.marginMode,
    updatedTime: String(market.startMs),
    unifiedMarginStatus: 6,
    dcpStatus: account.disconnectProtection ? 'ON' : 'OFF',
    timeWindow: account.disconnectProtection ? 10 : 0,
    smpGroup: 0,
    isMasterTrader: false,
    spotHedgingStatus: 'OFF',
  });
}

/** Coins of which there are none are left out, unless they are asked for by name. */
export function walletBalance({ venue, key, account, params, variants }: Call): Answer {
  if (textOf(params, 'accountType') !== 'UNIFIED') return wrong('accountType only support UNIFIED.');
  const asked = textOf(params, 'coin')?.split(',');
  const wallet = venue.wallet(key.uid);
  const usdt = coinRow(wallet);
  const coins =
    asked === undefined
      ? wallet.balance === 0n && wallet.unrealised === 0n
        ? []
        : [usdt]
      : asked.map((coin) => (coin === 'USDT' ? usdt : emptyCoinRow(coin)));
  const view = { wallet, marginMode: account.marginMode, noTotal: variants.isolatedTotals, coins };
  return ok({ list: [walletRow(view)] });
}

export function feeRates({ account, market, params }: Call): Answer {
  const { takerFeeRate, makerFeeRate } = account;
  const rows = market.trading(textOf(params, 'symbol')).map(({ symbol }) => ({ symbol, takerFeeRate, makerFeeRate }));
  return rows.length === 0 ? wrong('params error: symbol invalid') : ok({ list: rows });
}

export function transactionLog(call: Call): Answer {
  const { venue, key, params, nowMs } = call;
  const window = windowOf(params, nowMs, 1);
  if (isRefusal(window)) return refuse(window);
  const [category, currency, type, base] = ['category', 'currency', 'type', 'baseCoin'].map((name) =>
    textOf(params, name),
  );
  const inBase = base === undefined ? undefined : wanted(call);
  const rows = venue
    .transactions(key.uid, window)
    .filter(
      (move) =>
        (category === undefined || (category === 'linear') === (move.instrument !== undefined)) &&
        (currency === undefined || currency === 'USDT') &&
        (type === undefined || move.type === type) &&
        (inBase === undefined || (move.instrument !== undefined && inBase(move.instrument.symbol))),
    );
  return answerOf(
    pageOf(rows, params, { usual: 20, most: 50 }, ({ id, timeMs }) => [id, timeMs]),
    (page) => ({ nextPageCursor: page.cursor, list: page.rows.map(transactionRow) }),
  );
}

/** What this account may trade. */
export function tradeable({ market, params }: Call): Answer {
  const rows = market.trading(textOf(params, 'symbol'));
  return answerOf(
    pageOf(rows, params, { usual: 200, most: 200 }, (listing) => [listing.symbol, 0]),
    (page) => ({
      category: 'linear',
      list: page.rows.map((listing) => listingRow(listing, market)),
      nextPageCursor: page.cursor,
    }),
  );
}

export function userSettings({ account }: Call): Answer {
  return ok({ lpaSpot: false, lpaPerp: !account.movesLimitOrders, deltaEnable: false });
}

export function disconnectProtection({ account }: Call): Answer {
  const info = { product: 'DERIVATIVES', dcpStatus: 'ON', timeWindow: '10' };
  return ok({ dcpInfos: account.disconnectProtection ? [info] : [] });
}

/** For institutions only, after somebody at the exchange has allowed it. */
export function setDisconnectProtection({ account }: Call): Answer {
  return account.disconnectProtection ? ok() : refuse({ code: 10_005, text: 'Permission denied for the DCP service.' });
}

export function apiKey({ key, nowMs, market }: Call): Answer {
  const trades = key.permissions.filter((permission) => permission !== 'Withdraw');
  const second = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const ips = key.ips.length === 0 ? ['*'] : key.ips;
  return ok({
    id: String(key.uid % 100_000_000),
    note: 'simulated',
    apiKey: key.key,
    readOnly: key.readOnly ? 1 : 0,
    secret: '',
    permissions: {
      ContractTrade: trades,
      Spot: [],
      Wallet: key.permissions.includes('Withdraw') ? ['Withdraw'] : [],
      Options: [],
      Derivatives: [],
      CopyTrading: [],
      BlockTrade: [],
      Exchange: [],
      NFT: [],
      Affiliate: [],
      Earn: [],
    },
    ips,
    type: 1,
    deadlineDay: Math.max(0, Math.floor((key.expiresMs - nowMs) / DAY_MS)),
    expiredAt: second(key.expiresMs),
    createdAt: second(market.startMs),
    unified: 0,
    uta: 1,
    userID: key.uid,
    inviterID: 0,
    vipLevel: 'No VIP',
    mktMakerLevel: '0',
    affiliateID: 0,
    rsaPublicKey: '',
    isMaster: true,
    parentUid: '0',
    kycLevel: 'LEVEL_DEFAULT',
    kycRegion: '',
  });
}

/** The coin that there is here, with nowhere to send it. */
export function coins({ params }: Call): Answer {
  const coin = textOf(params, 'coin');
  const usdt = { name: 'USDT', coin: 'USDT', remainAmount: '0', chains: [] };
  return ok({ rows: coin === undefined || coin === 'USDT' ? [usdt] : [] });
}
