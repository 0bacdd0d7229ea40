// Where is the exchange?

export type Environment = 'simulator' | 'testnet' | 'demo' | 'mainnet';

export interface Endpoints {
  readonly rest: string;
  /** A second way to the same REST service, for when the first has no route (W14). */
  readonly restSecond: string | undefined;
  readonly public: string;
  readonly private: string | undefined;
  /** Order entry; the demo environment has none. */
  readonly trade: string | undefined;
}

export interface EndpointOverrides {
  readonly rest?: string | undefined;
  readonly public?: string | undefined;
  readonly private?: string | undefined;
  readonly trade?: string | undefined;
}

const KNOWN: Readonly<Record<Exclude<Environment, 'simulator'>, Endpoints>> = {
  mainnet: {
    rest: 'https://api.bybit.com',
    restSecond: 'https://api.bytick.com',
    public: 'wss://stream.bybit.com/v5/public/linear',
    private: 'wss://stream.bybit.com/v5/private',
    trade: 'wss://stream.bybit.com/v5/trade',
  },
  testnet: {
    rest: 'https://api-testnet.bybit.com',
    restSecond: undefined,
    public: 'wss://stream-testnet.bybit.com/v5/public/linear',
    private: 'wss://stream-testnet.bybit.com/v5/private',
    trade: 'wss://stream-testnet.bybit.com/v5/trade',
  },
  demo: {
    rest: 'https://api-demo.bybit.com',
    restSecond: undefined,
    // A demo account trades on the real market's prices.
    public: 'wss://stream.bybit.com/v5/public/linear',
    private: 'wss://stream-demo.bybit.com/v5/private',
    trade: undefined,
  },
};

const trimmed = (url: string | undefined): string | undefined => url?.replace(/\/+$/, '');

/** The simulator has no address of its own: `rest` and `public` are what it printed when it was ready. */
export function endpointsOf(environment: Environment, overrides: EndpointOverrides = {}): Endpoints {
  const known = environment === 'simulator' ? undefined : KNOWN[environment];
  const rest = trimmed(overrides.rest) ?? known?.rest;
  const publicUrl = trimmed(overrides.public) ?? known?.public;
  if (rest === undefined || publicUrl === undefined) {
    throw new Error(`environment ${environment} needs the addresses of a running simulator: rest and public`);
  }
  return {
    rest,
    restSecond: overrides.rest === undefined ? known?.restSecond : undefined,
    public: publicUrl,
    private: trimmed(overrides.private) ?? known?.private,
    trade: trimmed(overrides.trade) ?? known?.trade,
  };
}
