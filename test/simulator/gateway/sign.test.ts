// Does the exchange know its clients by their signatures? The published vectors, and every way of being wrong.
import { expect, test } from 'vitest';
import { checkLogin, checkRequest, signatureOf } from '../../../src/simulator/gateway/sign.ts';
import type { ApiKey } from '../../../src/simulator/venue/model.ts';

const AT = 1_786_310_820_412;
const KEY: ApiKey = {
  key: 'simkey',
  secret: 'simsecret',
  uid: 123_456_789,
  readOnly: false,
  permissions: ['Order', 'Position'],
  ips: [],
  expiresMs: AT + 86_400_000,
};
const QUERY = 'category=linear&settleCoin=USDT';
const BODY =
  '{"category":"linear","symbol":"SOLUSDT","side":"Buy","orderType":"Market","qty":"1.3","positionIdx":0,' +
  '"orderLinkId":"pf-7f3a-0001","stopLoss":"76.530","tpslMode":"Full","slTriggerBy":"MarkPrice"}';
const GET_SIGN = '45f00ddb0416def9cc75b01b7a0332f9c58507f5179e7510f3aa1d16d1ec5ec3';
const POST_SIGN = 'dac8ed55dd5580a8e0732045e438611258312c7cb94d9d5063fdccb21f66b6af';
const LOGIN_SIGN = '5eb9621a3f40acc8127fae5f24d950d0f27bffea9518963088da0c75974b0700';
const EXPIRES = 1_786_310_825_000;

const signed = (signature: string, timestamp = AT, window = '5000') => ({
  key: 'simkey',
  timestamp: String(timestamp),
  window,
  signature,
});

test('the published signatures of a query, a body and a login are accepted', () => {
  expect(checkRequest([KEY], signed(GET_SIGN), QUERY, AT)).toBe(KEY);
  expect(checkRequest([KEY], signed(POST_SIGN), Buffer.from(BODY), AT)).toBe(KEY);
  expect(checkLogin([KEY], ['simkey', EXPIRES, LOGIN_SIGN], EXPIRES - 1)).toBe(KEY);
});

test('one changed byte is another signature, and the exchange says what it has signed', () => {
  const refused = checkRequest([KEY], signed(POST_SIGN), `${BODY} `, AT);
  expect(refused).toEqual({ code: 10_004, text: `error sign! origin_string[${AT}simkey5000${BODY} ]` });
});

test.each([
  ['a second ahead', 1_000, 10_002],
  ['almost a second ahead', 999, 0],
  ['as far behind as its window', -5_000, 0],
  ['further behind than its window', -5_001, 10_002],
])('a request %s', (_, offset, code) => {
  const timestamp = AT + offset;
  const signature = signatureOf('simsecret', `${timestamp}simkey5000`, QUERY);
  const outcome = checkRequest([KEY], signed(signature, timestamp), QUERY, AT);
  expect('code' in outcome ? outcome.code : 0).toBe(code);
});

test.each([
  ['no such key', [], AT, 10_003],
  ['an expired key', [KEY], KEY.expiresMs, 33_004],
  ['a key bound to another address', [{ ...KEY, ips: ['10.0.0.7'] }], AT, 10_010],
])('%s is refused', (_, keys, nowMs, code) => {
  expect(checkRequest(keys, signed(GET_SIGN), QUERY, nowMs)).toMatchObject({ code });
});

test('a login is refused when it has run out, is signed by another, or has no such shape', () => {
  const refused = (args: unknown, nowMs = AT): unknown => checkLogin([KEY], args, nowMs);
  expect(refused(['simkey', EXPIRES, LOGIN_SIGN], EXPIRES)).toEqual({ code: 10_001, text: 'Params Error' });
  expect(refused(['simkey', EXPIRES + 1, LOGIN_SIGN])).toMatchObject({ code: 10_004 });
  expect(refused(['nobody', EXPIRES, LOGIN_SIGN])).toMatchObject({ code: 10_003 });
  for (const args of [undefined, 'simkey', [], ['simkey', 'soon', LOGIN_SIGN]])
    expect(refused(args)).toEqual({ code: 10_001, text: 'Params Error' });
});
