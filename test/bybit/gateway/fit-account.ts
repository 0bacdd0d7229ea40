// What is told of an account of which nothing speaks against trading it?
import type { Setup } from '../../../src/bybit/gateway/setup.ts';

export const FIT: Setup = {
  key: {
    userId: '1',
    isReadOnly: false,
    mayOrder: true,
    maySetPositions: true,
    mayWithdraw: false,
    isUnified: true,
    addresses: [],
    expiresMs: undefined,
  },
  marginMode: 'isolated',
  accountStatus: 5,
  cancelsOnDisconnect: false,
  symbols: [],
  takerFees: new Map(),
  maintenance: [],
};
