// How is a wallet spelt over REST and in the private stream?
import type { MarginMode, Money, Wallet } from '../venue/model.ts';
import { always, names, printer } from './printer.ts';
import { moneyText } from './spelling.ts';

/** A wallet and what its account makes of it. */
export interface WalletView {
  readonly wallet: Wallet;
  readonly marginMode: MarginMode;
  /** How account-wide rates and totals are spelt where they mean nothing: in isolated margin. */
  readonly noTotal: '' | '0';
  readonly coins: readonly object[];
}

const equity = ({ balance, unrealised }: Wallet): Money => balance + unrealised;

const COIN = {
  coin: always('USDT'),
  equity: (wallet: Wallet) => moneyText(equity(wallet)),
  usdValue: (wallet: Wallet) => moneyText(equity(wallet)),
  walletBalance: (wallet: Wallet) => moneyText(wallet.balance),
  availableToWithdraw: always(''),
  availableToBorrow: always(''),
  borrowAmount: always('0'),
  accruedInterest: always('0'),
  totalOrderIM: (wallet: Wallet) => moneyText(wallet.orderMargin),
  totalPositionIM: (wallet: Wallet) => moneyText(wallet.positionMargin),
  totalPositionMM: (wallet: Wallet) => moneyText(wallet.positionMaintenance),
  unrealisedPnl: (wallet: Wallet) => moneyText(wallet.unrealised),
  cumRealisedPnl: (wallet: Wallet) => moneyText(wallet.allRealised),
  bonus: always('0'),
  collateralSwitch: always(true),
  marginCollateral: always(true),
  locked: always('0'),
  spotHedgingQty: always('0'),
  spotBorrow: always('0'),
  colRes: always('0'),
};
type CoinName = keyof typeof COIN;

/** Four decimals, cut. */
function rate(part: Money, whole: Money): string {
  return whole <= 0n ? '0' : moneyText(((part * 10_000n) / whole) * 10_000n);
}

function total(of: (wallet: Wallet) => string): (view: WalletView) => string {
  return ({ wallet, marginMode, noTotal }) => (marginMode === 'ISOLATED_MARGIN' ? noTotal : of(wallet));
}

const initial = ({ positionMargin, orderMargin }: Wallet): Money => positionMargin + orderMargin;
const imRate = total((wallet) => rate(initial(wallet), equity(wallet)));
const mmRate = total((wallet) => rate(wallet.positionMaintenance, equity(wallet)));
const imTotal = total((wallet) => moneyText(initial(wallet)));
const mmTotal = total((wallet) => moneyText(wallet.positionMaintenance));

const ACCOUNT = {
  totalEquity: ({ wallet }: WalletView) => moneyText(equity(wallet)),
  totalWalletBalance: ({ wallet }: WalletView) => moneyText(wallet.balance),
  totalPerpUPL: ({ wallet }: WalletView) => moneyText(wallet.unrealised),
  totalMarginBalance: total((wallet) => moneyText(equity(wallet))),
  totalAvailableBalance: total((wallet) => moneyText(wallet.free)),
  totalInitialMargin: imTotal,
  totalInitialMarginByMp: imTotal,
  totalMaintenanceMargin: mmTotal,
  totalMaintenanceMarginByMp: mmTotal,
  accountIMRate: imRate,
  accountIMRateByMp: imRate,
  accountMMRate: mmRate,
  accountMMRateByMp: mmRate,
  accountLTV: always('0'),
  accountType: always('UNIFIED'),
  coin: ({ coins }: WalletView) => coins,
};
type AccountName = keyof typeof ACCOUNT;

export const coinRow = printer(
  COIN,
  names<CoinName>(`
    availableToBorrow bonus accruedInterest availableToWithdraw totalOrderIM equity totalPositionMM usdValue
    spotHedgingQty unrealisedPnl collateralSwitch borrowAmount totalPositionIM walletBalance cumRealisedPnl locked
    marginCollateral coin spotBorrow colRes`),
);
export const walletRow = printer(
  ACCOUNT,
  names<AccountName>(`
    totalEquity accountIMRate accountIMRateByMp totalMarginBalance totalInitialMargin totalInitialMarginByMp accountType
    totalAvailableBalance accountMMRate accountMMRateByMp totalPerpUPL totalWalletBalance accountLTV
    totalMaintenanceMargin totalMaintenanceMarginByMp coin`),
);
export const streamCoinRow = printer(
  COIN,
  names<CoinName>(`
    coin equity usdValue walletBalance availableToWithdraw availableToBorrow borrowAmount accruedInterest totalOrderIM
    totalPositionIM totalPositionMM unrealisedPnl cumRealisedPnl bonus collateralSwitch marginCollateral locked
    spotHedgingQty spotBorrow`),
);
export const streamWalletRow = printer(
  ACCOUNT,
  names<AccountName>(`
    accountIMRate accountMMRate accountIMRateByMp accountMMRateByMp totalEquity totalWalletBalance totalMarginBalance
    totalAvailableBalance totalPerpUPL totalInitialMargin totalMaintenanceMargin totalInitialMarginByMp
    totalMaintenanceMarginByMp coin accountLTV accountType`),
);

const NOTHING = { balance: 0n, positionMargin: 0n, positionMaintenance: 0n, orderMargin: 0n, unrealised: 0n };
/** A coin of which there is none, asked for by its name. */
export function emptyCoinRow(coin: string): object {
  return { ...coinRow({ ...NOTHING, uid: 0, allRealised: 0n, free: 0n }), coin };
}
