// How is a position spelt over REST and in the private stream?
import type { Instrument } from '../../market/instrument.ts';
import type { Position, Protection } from '../venue/model.ts';
import { always, names, printer } from './printer.ts';
import { leverageText, moneyOfUnits, moneyText, paddedPrice, plainPrice, quantityText } from './spelling.ts';

interface Spelling {
  readonly mark: (tick: number, instrument: Instrument) => string;
  /** A stop-loss or take-profit that there is not. */
  readonly noStop: string;
  /** Value and unrealised profit of a flat position. */
  readonly flat: string;
}

function fields(spelling: Spelling) {
  const stop = ({ instrument }: Position, side: Protection | undefined): string =>
    side === undefined ? spelling.noStop : plainPrice(side.tick, instrument);
  const entry = ({ entryPrice }: Position): string => moneyText(entryPrice);
  return {
    category: always('linear'),
    positionIdx: always(0),
    tradeMode: always(0),
    riskId: (position: Position) => position.riskId,
    riskLimitValue: (position: Position) => moneyText(position.riskLimit),
    symbol: (position: Position) => position.instrument.symbol,
    side: ({ lots }: Position) => (lots === 0 ? '' : lots > 0 ? 'Buy' : 'Sell'),
    size: ({ lots, instrument }: Position) => quantityText(Math.abs(lots), instrument),
    avgPrice: entry,
    entryPrice: entry,
    sessionAvgPrice: always(''),
    positionValue: ({ lots, markTick, instrument }: Position) =>
      lots === 0 ? spelling.flat : moneyText(moneyOfUnits(Math.abs(lots) * markTick, instrument)),
    leverage: (position: Position) => leverageText(position.leverage),
    positionBalance: always('0'),
    markPrice: ({ markTick, instrument }: Position) => spelling.mark(markTick, instrument),
    positionIM: (position: Position) => moneyText(position.initialMargin),
    positionMM: (position: Position) => moneyText(position.maintenanceMargin),
    positionIMByMp: (position: Position) => moneyText(position.initialMargin),
    positionMMByMp: (position: Position) => moneyText(position.maintenanceMargin),
    takeProfit: (position: Position) => stop(position, position.takeProfit),
    stopLoss: (position: Position) => stop(position, position.stopLoss),
    trailingStop: ({ trailingTicks, instrument }: Position) => plainPrice(trailingTicks, instrument),
    unrealisedPnl: ({ lots, unrealised }: Position) => (lots === 0 ? spelling.flat : moneyText(unrealised)),
    curRealisedPnl: (position: Position) => moneyText(position.currentRealised),
    cumRealisedPnl: (position: Position) => moneyText(position.allRealised),
    createdTime: (position: Position) => String(position.createdMs),
    updatedTime: (position: Position) => String(position.updatedMs),
    openTime: ({ lots, openedMs }: Position) => (lots === 0 ? 0 : openedMs),
    tpslMode: (position: Position) => position.tpslMode,
    liqPrice: ({ liquidationPrice }: Position) => (liquidationPrice === undefined ? '' : moneyText(liquidationPrice)),
    bustPrice: always(''),
    positionStatus: (position: Position) => position.status,
    adlRankIndicator: (position: Position) => position.adlRank,
    autoAddMargin: (position: Position) => (position.autoAddMargin ? 1 : 0),
    leverageSysUpdatedTime: always(''),
    mmrSysUpdatedTime: always(''),
    seq: (position: Position) => position.seq,
    breakEvenPrice: ({ breakEvenPrice }: Position) => (breakEvenPrice === undefined ? '' : moneyText(breakEvenPrice)),
    isReduceOnly: (position: Position) => position.isReduceOnly,
    delta: always(''),
    gamma: always(''),
    vega: always(''),
    theta: always(''),
  };
}

type Name = keyof ReturnType<typeof fields>;

const REST = names<Name>(`
  positionIdx riskId riskLimitValue symbol side size avgPrice positionValue tradeMode autoAddMargin positionStatus
  leverage breakEvenPrice markPrice liqPrice bustPrice positionIM positionIMByMp positionMM positionMMByMp
  positionBalance takeProfit stopLoss trailingStop sessionAvgPrice delta gamma vega theta unrealisedPnl curRealisedPnl
  cumRealisedPnl adlRankIndicator createdTime updatedTime openTime seq isReduceOnly mmrSysUpdatedTime
  leverageSysUpdatedTime tpslMode`);
const STREAM = names<Name>(`
  positionIdx tradeMode riskId riskLimitValue symbol side size entryPrice sessionAvgPrice leverage positionValue
  positionBalance markPrice positionIM positionMM positionIMByMp positionMMByMp takeProfit stopLoss trailingStop
  unrealisedPnl cumRealisedPnl curRealisedPnl createdTime updatedTime tpslMode liqPrice bustPrice category
  positionStatus adlRankIndicator autoAddMargin leverageSysUpdatedTime mmrSysUpdatedTime seq breakEvenPrice
  isReduceOnly`);
const MARGIN = names<Name>(`
  category symbol positionIdx riskId riskLimitValue size avgPrice liqPrice bustPrice markPrice positionValue leverage
  autoAddMargin positionStatus positionIM positionMM takeProfit stopLoss trailingStop unrealisedPnl cumRealisedPnl
  createdTime updatedTime`);

const overRest = fields({ mark: paddedPrice, noStop: '', flat: '' });
const inStream = fields({ mark: plainPrice, noStop: '0', flat: '0' });

export const positionRow = printer(overRest, REST);
export const streamPositionRow = printer(inStream, STREAM);
/** What adding margin answers with. */
export const marginRow = printer(overRest, MARGIN);
