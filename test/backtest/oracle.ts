// What must a backtest's trades have brought, by its executions alone? Plain arithmetic on whole numbers of 10^-18, nothing of ours.

interface Execution {
  readonly tradeId: string | undefined;
  readonly kind: string;
  readonly side: string;
  readonly price: string;
  readonly size: string;
  readonly fee: string;
}

const DECIMALS = 18;

/** A decimal text as a whole number. */
function whole(text: string): bigint {
  const [units = '', parts = ''] = text.replace('-', '').split('.');
  const count = BigInt(units + parts.padEnd(DECIMALS, '0'));
  return text.startsWith('-') ? -count : count;
}

export interface Plain {
  bought: bigint;
  sold: bigint;
  value: bigint;
  fees: bigint;
}

/** Of each trade: sizes, and what was earned by selling less what was paid for buying, all in 10^-18. */
export function byTrade(executions: readonly Execution[]): Map<string, Plain> {
  const trades = new Map<string, Plain>();
  for (const { tradeId = '', kind, side, price, size, fee } of executions) {
    const plain = trades.get(tradeId) ?? { bought: 0n, sold: 0n, value: 0n, fees: 0n };
    trades.set(tradeId, plain);
    plain.fees += whole(fee);
    if (kind === 'funding') continue;
    const [lots, value] = [whole(size), (whole(price) * whole(size)) / 10n ** BigInt(DECIMALS)];
    if (side === 'buy') {
      plain.bought += lots;
      plain.value -= value;
    } else {
      plain.sold += lots;
      plain.value += value;
    }
  }
  return trades;
}

export const netOf = ({ value, fees }: Plain): bigint => value - fees;
export const exactly = whole;
