// Does the score count what issue and log say, on logs small enough to be judged by hand?
import { describe, expect, test } from 'vitest';
import { judgeRun, type Judgement, type ObservedLife, type Score } from '../../../src/cli/score/score.ts';

const END = 60_000;
const LIFETIME = 3_000;
const RUN = { kind: 'run', seed: 1, startMs: 0, thresholds: { abs: 50_000, minLifetimeMs: LIFETIME } };
const OVER = { kind: 'end' };
const CLEAR: View = [[10_000, 2, 1]];

type View = readonly (readonly [number, number, 0 | 1])[];
type Wall = Record<string, unknown> & { readonly id: number };

let ids = 0;

/** A bid wall at 100, twice every threshold from 10 s to 30 s, then eaten. */
function wall(changes: Record<string, unknown> = {}): Wall {
  ids += 1;
  return {
    kind: 'wall',
    id: ids,
    symbol: 'XUSDT',
    side: 'bid',
    lowPrice: '100.0',
    highPrice: '100.0',
    bornMs: 10_000,
    endedMs: 30_000,
    ending: 'eaten',
    decoy: null,
    movedTo: null,
    eaten: 100_000,
    pulled: 0,
    refilled: 0,
    view: CLEAR,
    ...changes,
  };
}

function natural(changes: Record<string, unknown> = {}): object {
  const span = { fromMs: 10_000, toMs: 30_000 };
  return { kind: 'natural', symbol: 'XUSDT', side: 'bid', price: '100.0', peakRatio: 1.1, ...span, ...changes };
}

/** What a detector says that finds the wall of `wall()` and tells its ending. */
function life(changes: Partial<ObservedLife> = {}): ObservedLife {
  ids += 1;
  return {
    id: ids,
    symbol: 'XUSDT',
    side: 'bid',
    lowPrice: '100',
    highPrice: '100',
    firstSeenMs: 10_000,
    confirmedMs: 13_000,
    endedMs: 30_500,
    label: 'eaten',
    ...changes,
  };
}

const WATCHED = [{ symbol: 'XUSDT', fromMs: 0, toMs: END }];

function judge(truth: readonly object[], lives: readonly ObservedLife[], watched = WATCHED): Judgement {
  const lines = [RUN, ...truth, OVER].map((line) => JSON.stringify(line));
  return judgeRun(lines, lives, { endMs: END, watched });
}

const score = (truth: readonly object[], lives: readonly ObservedLife[], watched = WATCHED): Score =>
  judge(truth, lives, watched).score;

const PERFECT = { precision: 1, recall: 1, labelAccuracy: 1, planted: 1, detected: 1 };
const NOTHING = { precision: 0, recall: 0, labelAccuracy: 0, planted: 0, detected: 0, confusion: {} };

test('a wall that is found and told right scores one in everything', () => {
  expect(score([wall()], [life()])).toEqual({ ...PERFECT, confusion: { eaten: { eaten: 1 } } });
});

test('nothing planted and nothing seen proves nothing', () => {
  expect(score([], [])).toEqual(NOTHING);
});

describe('a wall is positive', () => {
  const planted = (view: View, changes: Record<string, unknown> = {}): number =>
    score([wall({ view, ...changes })], []).planted;

  test('when it was clear of every threshold for twice the minimum life', () => {
    expect(planted([[24_000, 1.21, 1]])).toBe(1);
    expect(planted([[24_001, 1.21, 1]])).toBe(0);
  });

  test('by more than 1.2 times the thresholds, not by just that', () => {
    expect(planted([[10_000, 1.2, 1]])).toBe(0);
    expect(planted([[10_000, 1.201, 1]])).toBe(1);
  });

  test('only in one unbroken stretch', () => {
    const broken = [
      [10_000, 2, 1],
      [15_000, 1.1, 1],
      [15_100, 2, 1],
      [20_000, 0.5, 1],
    ] as const;
    expect(planted(broken)).toBe(0);
    const rising = [
      [10_000, 2, 1],
      [15_000, 1.5, 1],
      [16_000, 1, 1],
    ] as const;
    expect(planted(rising)).toBe(1);
  });

  test('only while it stood inside the subscribed window', () => {
    expect(planted([[10_000, 2, 0]])).toBe(0);
    expect(
      planted([
        [10_000, 2, 1],
        [15_999, 2, 0],
      ]),
    ).toBe(0);
  });

  test('only while its symbol was watched', () => {
    const during = (fromMs: number, toMs: number): number =>
      score([wall()], [], [{ symbol: 'XUSDT', fromMs, toMs }]).planted;
    expect(during(24_000, END)).toBe(1);
    expect(during(24_001, END)).toBe(0);
    expect(during(0, 15_999)).toBe(0);
    expect(score([wall()], [], [{ symbol: 'YUSDT', fromMs: 0, toMs: END }]).planted).toBe(0);
  });

  test('to the end of the run while it still stands', () => {
    expect(planted([[END - 6_000, 2, 1]], { endedMs: null, ending: 'held' })).toBe(1);
    expect(planted([[END - 5_999, 2, 1]], { endedMs: null, ending: 'held' })).toBe(0);
  });

  test('though it is a decoy that could not be known from a wall, but never a ladder', () => {
    expect(planted(CLEAR, { decoy: 'half-pulled' })).toBe(1);
    expect(planted(CLEAR, { decoy: 'grid' })).toBe(0);
  });
});

describe('a wall is found', () => {
  const recall = (changes: Partial<ObservedLife>): number => score([wall()], [life(changes)]).recall;

  test('when a confirmed density was there half of the time', () => {
    expect(recall({ confirmedMs: 20_000 })).toBe(1);
    expect(recall({ confirmedMs: 20_001 })).toBe(0);
    expect(recall({ endedMs: 23_000 })).toBe(1);
    expect(recall({ endedMs: 22_999 })).toBe(0);
  });

  test('by several densities together, whose common time counts once', () => {
    const first = life({ confirmedMs: 10_000, endedMs: 15_000, label: 'absorbed' });
    const second = { confirmedMs: 14_000, endedMs: 20_000 };
    expect(score([wall()], [first, life(second)]).recall).toBe(1);
    expect(score([wall()], [first, life({ ...second, endedMs: 19_999 })]).recall).toBe(0);
  });

  test('neither by a density that was never confirmed, nor on another side, price or symbol', () => {
    expect(recall({ confirmedMs: null })).toBe(0);
    expect(recall({ side: 'ask' })).toBe(0);
    expect(recall({ lowPrice: '100.1', highPrice: '100.3' })).toBe(0);
    expect(recall({ symbol: 'YUSDT' })).toBe(0);
  });

  test('by a cluster whose range reaches its price', () => {
    expect(recall({ lowPrice: '99.9', highPrice: '100.1' })).toBe(1);
    expect(recall({ lowPrice: '100.00', highPrice: '100.1' })).toBe(1);
  });

  test('by prices compared as numbers, not as texts', () => {
    const cheap = wall({ lowPrice: '9.5', highPrice: '10.5' });
    expect(score([cheap], [life({ lowPrice: '9.8', highPrice: '10.1' })]).recall).toBe(1);
  });

  test('or missed, and then the judgement names it', () => {
    const planted = wall();
    expect(judge([planted], []).missed.map(({ id }) => id)).toEqual([planted.id]);
  });
});

describe('a confirmed density is', () => {
  test('false where nothing was planted and nothing grew', () => {
    const stray = life({ lowPrice: '90', highPrice: '90' });
    const { score: told, falsePositives } = judge([wall()], [life(), stray]);
    expect(told).toMatchObject({ precision: 0.5, recall: 1, detected: 2 });
    expect(falsePositives).toEqual([stray]);
  });

  test('false where the wall had gone before it was seen, or had not yet come', () => {
    const late = life({ firstSeenMs: 30_001, confirmedMs: 33_001, endedMs: 40_000 });
    const early = life({ firstSeenMs: 1_000, confirmedMs: 4_000, endedMs: 9_999 });
    expect(judge([wall()], [late, early]).falsePositives).toEqual([late, early]);
  });

  test('not false where its wall went while it was forming', () => {
    const brief = wall({ endedMs: 12_000, ending: 'pulled' });
    expect(score([brief], [life({ firstSeenMs: 12_000, confirmedMs: 15_000 })])).toEqual(NOTHING);
    expect(score([brief], [life({ firstSeenMs: 12_001, confirmedMs: 15_001 })]).detected).toBe(1);
  });

  test('not scored on a wall in the grey zone', () => {
    for (const ratio of [0.8, 1, 1.2]) {
      expect(score([wall({ view: [[10_000, ratio, 1]] })], [life()]), `ratio ${ratio}`).toEqual(NOTHING);
      expect(score([wall({ view: [[10_000, ratio, 1]] })], []), `ratio ${ratio}`).toEqual(NOTHING);
    }
  });

  test('not scored on a natural level while that was there', () => {
    expect(score([natural()], [life()])).toEqual(NOTHING);
    expect(score([natural({ fromMs: 30_501, toMs: 40_000 })], [life()])).toMatchObject({ precision: 0, detected: 1 });
    expect(score([natural({ side: 'ask' })], [life()]).detected).toBe(1);
    expect(score([natural({ price: '100.1' })], [life()]).detected).toBe(1);
  });

  test('false on a ladder, a flicker, and the last level of the window', () => {
    const flicker = wall({ decoy: 'flicker', endedMs: 12_000, ending: 'pulled' });
    const edge = wall({ decoy: 'edge', view: [[10_000, 2, 0]] });
    for (const decoy of [wall({ decoy: 'grid' }), flicker, edge]) {
      expect(score([decoy], [life()]), String(decoy['decoy'])).toMatchObject({ precision: 0, planted: 0, detected: 1 });
    }
  });

  test('not scored on a decoy that stood over the grey line for the minimum life', () => {
    const brief = wall({ decoy: 'flicker', endedMs: 13_000, ending: 'pulled', view: [[10_000, 0.8, 1]] });
    expect(score([brief], [life()])).toEqual(NOTHING);
    const grey = wall({ decoy: 'half-pulled', view: [[10_000, 0.79, 1]] });
    expect(score([grey], [life()]).detected).toBe(1);
  });

  test('of no account before it is confirmed', () => {
    expect(score([], [life({ confirmedMs: null })])).toEqual(NOTHING);
  });
});

describe('the ending', () => {
  const told = (changes: Record<string, unknown>, seen: Partial<ObservedLife>): Score =>
    score([wall(changes)], [life(seen)]);

  test.each(['eaten', 'pulled', 'moved'])('%s must be told as such', (ending) => {
    for (const label of ['eaten', 'pulled', 'moved', 'unknown', 'absorbed', 'out_of_view', 'held']) {
      const { labelAccuracy, confusion } = told({ ending }, { label });
      expect(labelAccuracy, label).toBe(label === ending ? 1 : 0);
      expect(confusion).toEqual({ [ending]: { [label]: 1 } });
    }
  });

  test('of a wall that stands to the end is held, also where the density is simply alive', () => {
    const standing = { endedMs: null, ending: 'held' };
    expect(told(standing, { endedMs: null, label: 'held' }).labelAccuracy).toBe(1);
    expect(told(standing, { endedMs: null, label: null }).labelAccuracy).toBe(1);
    expect(told(standing, { endedMs: 50_000, label: 'unknown' }).labelAccuracy).toBe(0);
  });

  test('that comes after the engine has stopped is held as well', () => {
    const later = { endedMs: END + 1, ending: 'pulled' };
    expect(told(later, { endedMs: null, label: 'held' }).labelAccuracy).toBe(1);
  });

  test('that nobody watched is not judged, but the wall is found all the same', () => {
    const seen = score([wall()], [life()], [{ symbol: 'XUSDT', fromMs: 0, toMs: 29_999 }]);
    expect(seen).toEqual({ ...PERFECT, labelAccuracy: 0, confusion: {} });
  });

  test('of a missed wall is not judged', () => {
    expect(told({}, { confirmedMs: 29_000, label: 'pulled' })).toMatchObject({ recall: 0, confusion: {} });
  });

  test('is told by the density that was there longest, not by one that it absorbed', () => {
    const long = life({ endedMs: 25_000, label: 'absorbed' });
    const short = life({ confirmedMs: 22_000 });
    expect(score([wall()], [long, short]).confusion).toEqual({ eaten: { eaten: 1 } });
    const wrong = life({ confirmedMs: 14_000, label: 'pulled' });
    expect(score([wall()], [short, wrong]).confusion).toEqual({ eaten: { pulled: 1 } });
  });

  test('of a wall that moved: both places are walls, each with its own density', () => {
    const old = wall({ ending: 'moved', endedMs: 20_000 });
    const next = wall({ lowPrice: '100.3', highPrice: '100.3', bornMs: 20_000, view: [[20_000, 2, 1]] });
    const lives = [
      life({ endedMs: 20_100, label: 'moved' }),
      life({ lowPrice: '100.3', highPrice: '100.3', firstSeenMs: 10_000, confirmedMs: 20_100 }),
    ];
    const confusion = { moved: { moved: 1 }, eaten: { eaten: 1 } };
    expect(score([old, next], lives)).toEqual({ ...PERFECT, planted: 2, detected: 2, confusion });
  });
});

describe('a worse detector scores worse', () => {
  const ENDINGS = ['eaten', 'pulled', 'moved', 'held'] as const;
  const walls = Array.from({ length: 80 }, (_, i) => {
    const ending = ENDINGS[i % 4] as string;
    const at = `${100 + i}`;
    return wall({ lowPrice: at, highPrice: at, ending, ...(ending === 'held' ? { endedMs: null } : {}) });
  });
  const lives = walls.map((one) => {
    const ending = one['ending'] as string;
    const at = one['lowPrice'] as string;
    return life({ lowPrice: at, highPrice: at, label: ending, ...(ending === 'held' ? { endedMs: null } : {}) });
  });

  test('than one that is right everywhere', () => {
    expect(score(walls, lives)).toMatchObject({ ...PERFECT, planted: 80, detected: 80 });
  });

  test('when it swaps two labels', () => {
    const swapped = lives.map((one) => {
      const other = one.label === 'eaten' ? 'pulled' : one.label === 'pulled' ? 'eaten' : one.label;
      return { ...one, label: other };
    });
    const { labelAccuracy, precision, recall, confusion } = score(walls, swapped);
    expect({ labelAccuracy, precision, recall }).toEqual({ labelAccuracy: 0.5, precision: 1, recall: 1 });
    expect(confusion).toMatchObject({ eaten: { pulled: 20 }, pulled: { eaten: 20 }, moved: { moved: 20 } });
  });

  test('when it never knows', () => {
    expect(
      score(
        walls,
        lives.map((one) => ({ ...one, label: 'unknown' })),
      ).labelAccuracy,
    ).toBe(0);
  });

  test('when it sees every tenth wall not at all', () => {
    expect(
      score(
        walls,
        lives.filter((_, i) => i % 10 !== 0),
      ),
    ).toMatchObject({ recall: 0.9, precision: 1 });
  });

  test('when it sees every wall a second time where nothing is', () => {
    const ghosts = lives.map((one) => life({ ...one, side: 'ask' }));
    expect(score(walls, [...lives, ...ghosts])).toMatchObject({ recall: 1, precision: 0.5, detected: 160 });
  });

  test('when it confirms nothing', () => {
    const shy = lives.map((one) => ({ ...one, confirmedMs: null }));
    expect(score(walls, shy)).toMatchObject({ recall: 0, precision: 0, labelAccuracy: 0, planted: 80, detected: 0 });
  });
});

describe('a log that cannot be trusted is refused with its line and a remedy:', () => {
  const read = (...lines: string[]): (() => Score) => {
    return () => judgeRun(lines, [], { endMs: END, watched: WATCHED }).score;
  };
  const run = JSON.stringify(RUN);
  const over = JSON.stringify(OVER);

  test('a line cut off', () => {
    expect(read(run, JSON.stringify(wall()).slice(0, 90))).toThrow(
      expect.objectContaining({ name: 'CliError', exitCode: 65 }),
    );
    expect(read(run, '{"kind":"wa')).toThrow(/truth log line 2: no JSON.*run the simulator again/);
  });

  test('a field missing or of another kind', () => {
    expect(read(run, JSON.stringify(wall({ ending: 'lost' })))).toThrow(/line 2: ending: .*run the simulator again/);
    expect(read(run, JSON.stringify(wall({ lowPrice: 100 })))).toThrow(/line 2: lowPrice/);
    expect(read(run, JSON.stringify(wall({ lowPrice: '1e5' })))).toThrow(/line 2: lowPrice: a plain decimal/);
    expect(read(run, JSON.stringify(wall({ view: [[1, 2]] })))).toThrow(/line 2: view\.0/);
    expect(read(run, '{"kind":"rumour"}')).toThrow(/line 2: kind/);
  });

  test('one that ends with a whole line and not with its last, as on a full disk', () => {
    expect(read(run, JSON.stringify(wall()))).toThrow(/breaks off before its line of kind "end".*a disk with room/);
  });

  test('no thresholds', () => {
    expect(read(JSON.stringify(wall()))).toThrow(/no line of kind "run"/);
  });

  test('while empty lines are nothing', () => {
    expect(read(run, '', over, '  ')()).toEqual(NOTHING);
  });
});
