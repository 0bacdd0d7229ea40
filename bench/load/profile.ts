// Where did the time of each thread go? Read from the profiles that Node has written: the hottest functions, and their tree.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function with all that it has called, in milliseconds. */
export interface Flame {
  readonly name: string;
  readonly place: string;
  self: number;
  total: number;
  readonly children: Flame[];
}

export interface HotFunction {
  readonly name: string;
  readonly place: string;
  readonly ms: number;
  /** Of the time in which the thread did anything. */
  readonly share: number;
}

export interface ThreadProfile {
  readonly thread: string;
  readonly file: string;
  readonly busyMs: number;
  readonly idleMs: number;
  readonly hottest: readonly HotFunction[];
  readonly root: Flame;
}

const HOTTEST = 10;
const LOOP = 'src/pool/analyzer-loop.ts';
const HOME = fileURLToPath(new URL('../../', import.meta.url));

/** On the machine's monotonic clock, which is that of the profiles too. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** All that lie in `folder`, main first; only what was seen within `span`: starting is not what is measured. */
export function readProfiles(folder: string, span: Span): ThreadProfile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .map((name) => readProfile(path.join(folder, name), span))
    .filter(({ root }) => root.total > 0)
    .sort((a, b) => Number(b.thread === 'main') - Number(a.thread === 'main') || b.busyMs - a.busyMs);
}

/** CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile; main is thread 0. */
function threadOf(file: string): string {
  const thread = path.basename(file).split('.')[4];
  return thread === '0' ? 'main' : `worker ${thread}`;
}

/** A worker that waits for its next book is on no processor, though it is in a function. */
const isIdle = ({ name, place }: Flame): boolean => name === '(idle)' || (name === 'sleep' && place.startsWith(LOOP));

function readProfile(file: string, span: Span): ThreadProfile {
  const { nodes, samples, timeDeltas, startTime } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const selfMs = new Map<number, number>();
  let at = startTime;
  for (const [index, id] of samples.entries()) {
    // What lies between two samples is counted to the first of them.
    const micros = Math.max(0, timeDeltas[index + 1] ?? 0);
    at += timeDeltas[index] ?? 0;
    if (at >= span.from && at + micros <= span.to) selfMs.set(id, (selfMs.get(id) ?? 0) + micros / 1_000);
  }
  const flames = new Map(nodes.map(({ id, callFrame }) => [id, flameOf(callFrame, selfMs.get(id) ?? 0)]));
  for (const { id, children = [] } of nodes) {
    flames.get(id)?.children.push(...children.map((child) => flames.get(child) as Flame));
  }
  const root = flames.get(nodes[0]?.id ?? 0) ?? flameOf({ functionName: '(root)', url: '', lineNumber: 0 }, 0);
  let idleMs = 0;
  for (const flame of flames.values()) {
    if (!isIdle(flame)) continue;
    idleMs += flame.self;
    flame.self = 0;
  }
  const busyMs = sum(root);
  return { thread: threadOf(file), file, busyMs, idleMs, hottest: hottestOf([...flames.values()], busyMs), root };
}

function flameOf({ functionName, url, lineNumber }: CallFrame, self: number): Flame {
  const file = url.startsWith('file:') ? path.relative(HOME, fileURLToPath(url)) : url;
  return {
    name: functionName === '' ? '(anonymous)' : functionName,
    place: file === '' ? '' : `${file}:${lineNumber + 1}`,
    self,
    total: 0,
    children: [],
  };
}

function sum(flame: Flame): number {
  flame.total = flame.children.reduce((total, child) => total + sum(child), flame.self);
  return flame.total;
}

function hottestOf(flames: readonly Flame[], busyMs: number): HotFunction[] {
  const byFunction = Map.groupBy(flames, ({ name, place }) => `${name} ${place}`);
  return [...byFunction.values()]
    .map((group) => {
      const { name, place } = group[0] as Flame;
      const ms = group.reduce((total, { self }) => total + self, 0);
      return { name, place, ms, share: ms / busyMs };
    })
    .sort((a, b) => b.ms - a.ms)
    .slice(0, HOTTEST);
}
