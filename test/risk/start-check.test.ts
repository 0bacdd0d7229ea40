// Is a configuration that could never trade, or that asks for too much, refused with its remedy?
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { moneyFromNumber, moneyText } from '../../src/market/money.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import { sizeOf } from '../../src/risk/sizing.ts';
import { smallestSize, startCheck, type Candidate, type SettingFault } from '../../src/risk/start-check.ts';
import type { TradingSettings } from '../../src/risk/situation.ts';

const settings: TradingSettings & { readonly emergencyCloseAll: boolean } = {
  positionSizeUsd: 25,
  maxConcurrentPositions: 10,
  maxExposurePercent: 5,
  leverage: 10,
  entryOrder: 'ioc_limit',
  maxDailyLossPercent: 2,
  maxConsecutiveLosses: 5,
  maxOrdersPerMinute: 30,
  emergencyCloseAll: true,
};

function candidate(symbol: string, tickSize: string, step: string, price: number, lotsMin = 1): Candidate {
  return {
    symbol,
    contract: {
      instrument: createInstrument(symbol, tickSize, step) as Instrument,
      lotsMin: lotsMin as Lot,
      lotsMaxLimit: 1e9 as Lot,
      lotsMaxMarket: 1e9 as Lot,
      notionalMin: moneyFromNumber(5),
      leverageMax: 10_000,
      takerFee: 0.000_55,
    },
    tick: price as Tick,
    rules: {
      maxSlippagePercent: 0.05,
      maxTickPercent: 0.25,
      maxCostToStopRatio: 0.5,
      breakoutMinStopLossPercent: 0.1,
      bounceStopLossBehindDensityPercent: 0.3,
    },
  };
}

const doge = candidate('DOGEUSDT', '0.00001', '1', 22_500);
const sol = candidate('SOLUSDT', '0.01', '0.1', 7_731);
const btc = candidate('BTCUSDT', '0.1', '0.001', 1_180_000);
/** A short may be filled at 100.00, where 510 of its lots are 5.1 USDT. */
const fine = candidate('FINEUSDT', '0.01', '0.0001', 10_006);

test('the smallest size is one with which a long and a short pass, and nothing less is', () => {
  for (const one of [doge, sol, btc, fine]) {
    const passes = (size: bigint): boolean =>
      (['long', 'short'] as const)
        .map((side) => sizeOf(side, one.tick, one.rules.maxSlippagePercent, size, one.contract.instrument))
        .every(({ lots, notionalLeast }) => lots >= one.contract.lotsMin && notionalLeast >= moneyFromNumber(5.1));
    const least = smallestSize(one);
    expect([passes(least), passes(least - 1n)], one.symbol).toEqual([true, false]);
  }
  expect(moneyText(smallestSize(sol))).toBe('7.735');
});

describe('at start', () => {
  test('the original example’s 0.1 USDT is refused with the size for the cheapest and for all', () => {
    const { faults, tooSmall } = startCheck({ ...settings, positionSizeUsd: 0.1 }, [btc, sol, doge], undefined);
    expect(faults.map(({ section, key, message }) => `${section}.${key}: ${message}`)).toEqual([
      'trading.positionSizeUsd: no watched symbol can be traded with 0.1 USDT: ' +
        'give at least 5.18 for the cheapest (DOGEUSDT), 118.06 for all (BTCUSDT)',
    ]);
    expect([...tooSmall.keys()]).toEqual(['DOGEUSDT', 'SOLUSDT', 'BTCUSDT']);
  });

  test('a symbol that needs more is shown, and the others are traded', () => {
    const { faults, warnings, tooSmall } = startCheck(settings, [btc, sol, doge], moneyFromNumber(10_000));
    expect(faults).toEqual([]);
    expect(warnings.map(({ message }) => message)).toEqual([
      '1 of 3 watched symbols need more (size_below_minimum): 5.18 for the cheapest (DOGEUSDT), 118.06 for all (BTCUSDT)',
    ]);
    expect([...tooSmall].map(([symbol, size]) => [symbol, moneyText(size)])).toEqual([['BTCUSDT', '118.059']]);
  });

  test('one position above the exposure cap is an error, all of them together a warning with the count', () => {
    const poor = startCheck(settings, [sol], moneyFromNumber(400));
    expect(poor.faults.map(({ key }) => key)).toEqual(['maxExposurePercent']);
    const fair = startCheck(settings, [sol], moneyFromNumber(2_000));
    expect(fair.faults).toEqual([]);
    expect(fair.warnings[0]?.message).toBe('10 × 25 USDT exceed max_exposure_percent: 4 fit');
    expect(startCheck(settings, [sol], moneyFromNumber(10_000)).warnings).toEqual([]);
  });

  test.each([400, 410, 499.99, 25])('the share that it asks for is the least of %f USDT that will do', (equity) => {
    const faultsAt = (maxExposurePercent: number): readonly SettingFault[] =>
      startCheck({ ...settings, maxExposurePercent }, [sol], moneyFromNumber(equity)).faults;
    const [, asked] =
      /: less than one position of 25 USDT; give at least ([\d.]+)$/.exec(faultsAt(4)[0]?.message ?? '') ?? [];
    expect(faultsAt(Number(asked))).toEqual([]);
    expect(faultsAt(Number(asked) - 0.001)).toHaveLength(1);
  });

  test('where the whole wallet is less than one position a smaller one is asked for', () => {
    expect(startCheck(settings, [sol], moneyFromNumber(20)).faults.map(({ message }) => message)).toEqual([
      '5 % of 20 USDT is 1: less than one position of 25 USDT; lower trading.position_size_usd to at most 20',
    ]);
  });

  test.each([0, 5])('to a wallet of %f USDT, which is too little for any order, money is to be added', (equity) => {
    const faultsOf = (usd: number): readonly SettingFault[] => startCheck(settings, [sol], moneyFromNumber(usd)).faults;
    expect(faultsOf(equity).map(({ message }) => message)).toEqual([
      `5 % of ${equity} USDT is ${equity / 20}: less than one position of 25 USDT; the account needs at least 500 USDT for it`,
    ]);
    expect([faultsOf(499.99).length, faultsOf(500)]).toEqual([1, []]);
  });

  test('a size that is enough to the last unit is enough; of symbols that need the same the names are in order', () => {
    const [ada, xrp] = ['ADAUSDT', 'XRPUSDT'].map((symbol) => ({ ...sol, symbol })) as [Candidate, Candidate];
    expect(startCheck({ ...settings, positionSizeUsd: 7.735 }, [sol], undefined).tooSmall.size).toBe(0);
    for (const order of [
      [ada, xrp, sol],
      [xrp, sol, ada],
    ]) {
      const { faults, tooSmall } = startCheck({ ...settings, positionSizeUsd: 7.73 }, order, undefined);
      expect([...tooSmall.keys()]).toEqual(['ADAUSDT', 'SOLUSDT', 'XRPUSDT']);
      expect(faults[0]?.message).toMatch(/7\.74 for the cheapest \(ADAUSDT\), 7\.74 for all \(XRPUSDT\)$/);
    }
  });

  test('leverage that leaves no symbol a stop before liquidation is an error, one that does for some a warning with the count', () => {
    const at = (leverage: number, ...candidates: Candidate[]) =>
      startCheck({ ...settings, leverage }, candidates, undefined);
    const eth = { ...sol, symbol: 'ETHUSDT' };
    const pepe = { ...doge, symbol: 'PEPEUSDT', contract: { ...doge.contract, leverageMax: 2_500 } };
    const told = ({ key, message }: SettingFault): string => `${key}: ${message}`;
    expect(at(22, eth, pepe)).toMatchObject({ faults: [], warnings: [] });
    const some = at(23, eth, pepe);
    expect([some.faults, some.warnings.map(told)]).toEqual([
      [],
      [
        'leverage: at 23 × even the nearest stop is too near to liquidation for 1 of 2 watched symbols: ' +
          'give at most 22 for all (PEPEUSDT)',
      ],
    ]);
    expect(at(73, eth, pepe).faults).toEqual([]);
    expect(at(74, eth, pepe).faults.map(told)).toEqual([
      'leverage: at 74 × even the nearest stop is too near to liquidation for every watched symbol: ' +
        'give at most 22 for all (PEPEUSDT), 73 for one (ETHUSDT)',
    ]);
  });

  test('a coin whose tick is too large a part of its price for any trade asks for no other leverage', () => {
    const coarse = [1, 2, 3, 399].map((tick) => ({ ...doge, symbol: `COARSE${tick}USDT`, tick: tick as Tick }));
    expect(startCheck({ ...settings, leverage: 50 }, [...coarse, sol], undefined)).toMatchObject({
      faults: [],
      warnings: [],
    });
    const finer = { ...doge, symbol: 'FINERUSDT', tick: 400 as Tick };
    const { faults } = startCheck({ ...settings, leverage: 100 }, [...coarse, finer], undefined);
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringMatching(/every watched symbol: give at most \d\d for all \(FINERUSDT\), \d\d for one/),
    ]);
  });

  test('a position whose margin the whole account does not cover is an error, for every entry would be refused', () => {
    const at = (positionSizeUsd: number, leverage: number, ...candidates: Candidate[]): readonly SettingFault[] =>
      startCheck(
        { ...settings, positionSizeUsd, leverage, maxExposurePercent: 100 },
        candidates,
        moneyFromNumber(1_000),
      ).faults;
    expect(at(832.41, 1, sol)).toEqual([]);
    expect(at(832.42, 1, sol)).toEqual([
      {
        section: 'trading',
        key: 'positionSizeUsd',
        message:
          'at 1 × the margin of 832.42 USDT and its fees, with a fifth to spare, are more than 1000 USDT: ' +
          'lower it to at most 832.41, or raise trading.leverage',
      },
    ]);
    expect(at(1_000, 2, sol)).toEqual([]);
    expect(
      [at(833.33, 1), at(833.34, 1)].map((faults) => faults.length),
      'without knowing the fee',
    ).toEqual([0, 1]);
  });

  test('that a lost connection closes nothing is said at every start', () => {
    const { faults, warnings } = startCheck({ ...settings, emergencyCloseAll: false }, [sol], moneyFromNumber(10_000));
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      {
        section: 'safety',
        key: 'emergencyCloseAll',
        message: 'false: a lost connection alerts and ends entries, and closes nothing',
      },
    ]);
    expect(startCheck(settings, [sol], moneyFromNumber(10_000)).warnings).toEqual([]);
  });

  test('with nothing watched yet nothing is refused', () => {
    expect(startCheck(settings, [], undefined)).toEqual({ faults: [], warnings: [], tooSmall: new Map() });
  });
});

describe('in the file', () => {
  const refused = (text: string): readonly string[] => {
    const result = parseConfig(text, 'config.yaml', { env: {} });
    return result.ok ? [] : result.errors;
  };

  test('a limit can be lowered below the bounds of the code and not lifted above them', () => {
    expect(refused('trading: {max_exposure_percent: 100, leverage: 5}\nstrategy: {max_stop_percent: 5}')).toEqual([]);
    expect(refused('trading: {max_exposure_percent: 101}')).toEqual([
      'config.yaml:1:33 trading.max_exposure_percent: must be within 0.01 … 100 % of equity, not 101',
    ]);
    expect(refused('safety: {max_daily_loss_percent: 50}')).toHaveLength(1);
    expect(refused('strategy: {max_slippage_percent: 3}')).toHaveLength(1);
  });

  test('a stop that fees alone forbid is refused with the ratio that would do', () => {
    expect(refused('strategy: {max_cost_to_stop_ratio: 0.1}')).toEqual([
      'config.yaml:1:36 strategy.max_cost_to_stop_ratio: fees of 0.11 % need a stop 1.1 % away, and max_stop_percent is 1: ' +
        'every signal would be refused; give more than 0.11',
    ]);
  });

  test('a breakeven that fees eat is refused', () => {
    expect(refused('strategy: {breakout_breakeven_profit_percent: 0.11}')).toEqual([
      'config.yaml:1:47 strategy.breakout_breakeven_profit_percent: must be above the fees of both ways (0.11 %): ' +
        'the stop would move beyond the price',
    ]);
  });

  test('I-08: a leverage at which liquidation comes before the stop is refused with the largest that does not', () => {
    expect(refused('trading: {leverage: 100}')).toEqual([
      'config.yaml:1:21 trading.leverage: at 100 × a stop may be 0.8 % away before liquidation is too near, and ' +
        'strategy.max_stop_percent is 1: give at most 80',
    ]);
  });
});
