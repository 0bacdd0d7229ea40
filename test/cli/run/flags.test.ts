// Are real orders sent only by whoever says so, and a simulated exchange asked for nothing where there is none of ours?
import { expect, test } from 'vitest';
import { EXIT } from '../../../src/cli/context.ts';
import { checkFlags, type RunFlags } from '../../../src/cli/run/flags.ts';
import { configOf } from '../../config-of.ts';

const refusalOf = (flags: RunFlags, ...settings: string[]): unknown => {
  try {
    return checkFlags(flags, configOf(settings));
  } catch (error) {
    return error;
  }
};

test.each(['testnet', 'demo', 'mainnet'])('orders are sent to %s only where --live is said', (environment) => {
  const on = (mode: string) => [`exchange.environment=${environment}`, `trading.mode=${mode}`];
  expect(refusalOf({}, ...on('live'))).toMatchObject({
    exitCode: EXIT.config,
    message: `trading.mode: live on ${environment} sends real orders: say so with --live, or take --mode paper or --mode off`,
  });
  expect(refusalOf({ live: true }, ...on('live'))).toBeUndefined();
  expect(['paper', 'off'].map((mode) => refusalOf({}, ...on(mode)))).toEqual([undefined, undefined]);
});

test('the simulated exchange is sent orders without a word', () => {
  expect(refusalOf({}, 'trading.mode=live')).toBeUndefined();
});

test.each(['score', 'ledger', 'scenario'] as const)('--%s asks for the exchange that the run starts itself', (flag) => {
  const flags = { [flag]: flag === 'score' ? true : '/dev/null' };
  const refusal = {
    exitCode: EXIT.usage,
    message: `--${flag}: only with the simulated exchange that run starts itself`,
  };
  expect(refusalOf(flags, 'trading.mode=off', 'exchange.environment=demo')).toMatchObject(refusal);
  const elsewhere = ['rest', 'public', 'private', 'trade'].map(
    (name) => `exchange.endpoints.${name}=${name === 'rest' ? 'http' : 'ws'}://127.0.0.1:1`,
  );
  expect(refusalOf(flags, 'trading.mode=off', ...elsewhere)).toMatchObject(refusal);
  expect(refusalOf(flags, 'trading.mode=off')).toBeUndefined();
});

test('a ledger that could not be written is refused before anything is started', () => {
  expect(refusalOf({ ledger: '/dev/null/ledger' }, 'trading.mode=off')).toMatchObject({
    exitCode: EXIT.usage,
    message: '--ledger /dev/null/ledger: cannot be written (ENOTDIR): name a file in a folder that is there',
  });
});
