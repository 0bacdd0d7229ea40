// What does the code of an answer mean? (failure-modes 11, bybit-v5 11.4) A code in no list is ambiguous.
import type { RefusalClass } from './gateway.ts';

const CODES: readonly (readonly [RefusalClass, readonly number[]])[] = [
  // 34040 is success only after the stop was read back: it also means that a parameter was missing.
  ['ok-noop', [110025, 110026, 110027, 110043, 34040]],
  ['ambiguous', [429, 10000, 10006, 10014, 10016, 10019, 10403, 10429, 20003, 20006]],
  ['duplicate', [110072]],
  ['clock', [10002, -1]],
  ['auth', [10003, 10004, 10005, 10007, 10010, 33004]],
  ['account', [10008, 10009, 10024, 10027, 10028, 3200403]],
  ['funds', [110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053]],
  ['gone', [110001, 110008, 110010]],
  ['flat-hint', [110017, 110033, 110034]],
  ['symbol-block', [10029, 30228, 110005, 110022, 110023, 110042, 110063, 110066, 110074, 110132, 110134]],
  // Of a phase before its listing; and of metals, oil and shares, whose terms the account has not agreed to: one agreement a kind.
  ['symbol-block', [110095, 110096, 110097, 110098, 110099, 110100, 110103, 110123, 110124, 110125, 110126]],
  ['limits', [110009, 110011, 110013, 110016, 110020, 110021, 110039, 110040, 110046, 110061]],
  ['limits', [110085, 110086, 110089, 110090, 110094, 3400139]],
  ['price', [110003, 110092, 110093, 110118, 110120, 110121, 30208, 30209]],
  ['param', [10001, 110032]],
];

const BY_CODE: ReadonlyMap<number, RefusalClass> = new Map(
  CODES.flatMap(([group, codes]) => codes.map((code) => [code, group] as const)),
);

/** Codes with several meanings: only for these is the text of the answer used. */
const ZERO_POSITION = /zero position|position is zero/i;
const SIZE = /exceeds (?:maximum|minimum) limit/i;
/** To this account, whatever the list of contracts says: not every one is offered everywhere. */
const NOT_OFFERED = /symbol is not supported/i;
const PRICE_SIDE = /(?:StopLoss|TakeProfit):|base_price|(?:buy|sell): \[.*\] invalid/i;

export function refusalClassOf(code: number, text: string): RefusalClass {
  const known = BY_CODE.get(code);
  if (known === 'param') {
    if (ZERO_POSITION.test(text)) return 'flat-hint';
    if (NOT_OFFERED.test(text)) return 'symbol-block';
    if (PRICE_SIDE.test(text)) return 'price';
    if (SIZE.test(text)) return 'limits';
  }
  return known ?? 'ambiguous';
}

/** May the request have been carried out all the same? */
export function isAmbiguous(group: RefusalClass): boolean {
  return group === 'ambiguous' || group === 'duplicate';
}
