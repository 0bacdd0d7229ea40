// How are the processes of a load run started and spoken to?
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { keepCompiled } from '../../src/lib/compiled.ts';
import { under } from '../measure/processes.ts';

/** Hundreds of books on a machine that does other things too. */
const SILENT_MS_MAX = 180_000;

export interface Talk<Word extends { readonly word: string }> {
  readonly child: ChildProcess;
  tell(order: object): void;
  /** The next such word. */
  until<Kind extends Word['word']>(kind: Kind): Promise<Extract<Word, { readonly word: Kind }>>;
  /** Resolves once it has ended of itself. */
  readonly ended: Promise<void>;
}

export function talkTo<Word extends { readonly word: string }>(
  file: string,
  job: object,
  flags: readonly string[],
  onWord: (word: Word) => void = () => undefined,
): Talk<Word> {
  // As the daemon does for its threads.
  keepCompiled();
  const { argv, env } = under(flags);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv, file, JSON.stringify(job)], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Set<(word: Word) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const word = JSON.parse(line) as Word;
    onWord(word);
    for (const take of waiting) take(word);
  });
  // Its end breaks the pipe; what it says about it is its exit.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${file} ended with ${code ?? signal}`));
    });
  });
  ended.catch(() => undefined);
  return {
    child,
    ended,
    tell: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    async until(kind) {
      let late: NodeJS.Timeout | undefined;
      let take: (word: Word) => void = () => undefined;
      const told = new Promise<Extract<Word, { readonly word: typeof kind }>>((resolve, reject) => {
        late = setTimeout(() => reject(new Error(`${file} has not said ${kind}`)), SILENT_MS_MAX);
        take = (word) => {
          if (word.word === kind) resolve(word as Extract<Word, { readonly word: typeof kind }>);
        };
        waiting.add(take);
      });
      const over = ended.then(() => {
        throw new Error(`${file} ended and has not said ${kind}`);
      });
      try {
        return await Promise.race([told, over]);
      } finally {
        clearTimeout(late);
        waiting.delete(take);
      }
    },
  };
}
