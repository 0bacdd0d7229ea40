// Which forty instruments do the synthetic frames belong to? Names, grids and print formats are the exchange's own.

export interface BenchSymbol {
  readonly symbol: string;
  readonly tickSize: string;
  readonly qtyStep: string;
  /** Decimals with which the exchange prints prices. */
  readonly priceScale: number;
  /** A price of about the right length; the walk starts there. */
  readonly price: string;
}

const ROWS: readonly (readonly [string, string, string, number, string])[] = [
  ['BTCUSDT', '0.10', '0.001', 2, '65114.20'],
  ['ETHUSDT', '0.01', '0.01', 2, '1910.31'],
  ['SOLUSDT', '0.010', '0.1', 3, '77.310'],
  ['DOGEUSDT', '0.00001', '1', 5, '0.07053'],
  ['XRPUSDT', '0.0001', '0.1', 4, '1.1412'],
  ['ADAUSDT', '0.0001', '1', 4, '0.4312'],
  ['AVAXUSDT', '0.001', '0.1', 3, '12.417'],
  ['LINKUSDT', '0.001', '0.1', 3, '9.873'],
  ['LTCUSDT', '0.01', '0.1', 2, '61.42'],
  ['DOTUSDT', '0.0001', '0.1', 4, '2.1873'],
  ['BNBUSDT', '0.10', '0.01', 2, '612.30'],
  ['TRXUSDT', '0.00001', '1', 5, '0.28714'],
  ['ARBUSDT', '0.00001', '0.1', 5, '0.21873'],
  ['OPUSDT', '0.00001', '0.1', 5, '0.31274'],
  ['SUIUSDT', '0.00010', '10', 5, '1.42310'],
  ['APTUSDT', '0.0001', '0.01', 4, '2.8714'],
  ['NEARUSDT', '0.0001', '0.1', 4, '1.7321'],
  ['ATOMUSDT', '0.0001', '0.1', 4, '2.6180'],
  ['FILUSDT', '0.0001', '0.1', 4, '1.4142'],
  ['INJUSDT', '0.0010', '0.1', 4, '6.2830'],
  ['TIAUSDT', '0.0001', '0.1', 4, '0.7719'],
  ['SEIUSDT', '0.00001', '1', 5, '0.14159'],
  ['WLDUSDT', '0.0001', '0.1', 4, '0.6931'],
  ['ETCUSDT', '0.001', '0.1', 3, '14.142'],
  ['BCHUSDT', '0.10', '0.01', 2, '412.30'],
  ['UNIUSDT', '0.001', '0.1', 3, '5.772'],
  ['AAVEUSDT', '0.01', '0.01', 2, '161.80'],
  ['1000PEPEUSDT', '0.0000010', '100', 7, '0.0073210'],
  ['WIFUSDT', '0.00001', '1', 5, '0.36788'],
  ['ENAUSDT', '0.00001', '1', 5, '0.23606'],
  ['JUPUSDT', '0.00001', '1', 5, '0.27182'],
  ['ORDIUSDT', '0.001', '0.01', 3, '5.123'],
  ['STXUSDT', '0.00010', '0.1', 5, '0.41420'],
  ['LDOUSDT', '0.0001', '0.1', 4, '0.7320'],
  ['CRVUSDT', '0.0001', '0.1', 4, '0.4812'],
  ['GALAUSDT', '0.000001', '1', 6, '0.012345'],
  ['SANDUSDT', '0.00001', '1', 5, '0.17320'],
  ['ALGOUSDT', '0.00001', '0.1', 5, '0.14427'],
  ['HBARUSDT', '0.00001', '1', 5, '0.11832'],
  ['HYPEUSDT', '0.001', '0.01', 3, '31.415'],
];

export const BENCH_SYMBOLS: readonly BenchSymbol[] = ROWS.map(([symbol, tickSize, qtyStep, priceScale, price]) => ({
  symbol,
  tickSize,
  qtyStep,
  priceScale,
  price,
}));
