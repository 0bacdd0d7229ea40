// How is the running engine asked? One connection a question; a command whose answer was lost is sent again under its id.
import { connect } from 'node:net';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { ControlError } from './control-error.ts';
import { findPlace } from './control-place.ts';
import { ANSWER_BYTES_MAX, readAnswer, type Ask } from './control-words.ts';

const ATTEMPTS_MAX = 3;
/** The engine itself gives up after ten seconds, and says so. */
const WITHIN = 12_000 as Ms;
/** EINVAL: too long for a socket, and no file names another place: nobody listens. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'ENOTDIR', 'EINVAL']);
const FORBIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** The answer's value, unread. Throws a `ControlError`; `lost` inside is the one failure that is tried again. */
export async function askEngine(stateDir: string, ask: Ask, clock: Clock): Promise<unknown> {
  let reason = '';
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const outcome = await attemptOnce(await findPlace(stateDir), ask, clock);
    switch (outcome.kind) {
      case 'answered':
        return outcome.value;
      case 'refused':
        throw new ControlError('refused', outcome.reason);
      case 'forbidden':
        throw new ControlError(
          'forbidden',
          `the engine on ${stateDir} belongs to another account (${outcome.reason}): ask as that one (sudo -u)`,
        );
      case 'absent':
        if (attempt === 1) throw new ControlError('absent', `no engine is running on ${stateDir}`);
        throw new ControlError('silent', `the engine on ${stateDir} went away before it answered`);
      case 'silent':
        throw new ControlError('silent', `the engine on ${stateDir} does not answer (${outcome.reason})`);
      case 'lost':
        reason = outcome.reason;
    }
  }
  throw new ControlError('silent', `the engine on ${stateDir} does not answer (${reason})`);
}

type Outcome =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'refused' | 'absent' | 'forbidden' | 'silent' | 'lost'; readonly reason: string };

function attemptOnce(path: string, ask: Ask, clock: Clock): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (outcome: Outcome): void => {
      deadline.cancel();
      socket.destroy();
      resolve(outcome);
    };
    const deadline = clock.after(WITHIN, () => finish({ kind: 'silent', reason: `${WITHIN / 1_000} s` }));
    socket.once('connect', () => socket.write(`${JSON.stringify({ re: 0, ...ask })}\n`));
    socket.on('error', ({ code = 'unknown' }: NodeJS.ErrnoException) => {
      const kind = ABSENT.has(code) ? 'absent' : FORBIDDEN.has(code) ? 'forbidden' : 'lost';
      finish({ kind, reason: code });
    });
    socket.on('close', () => finish({ kind: 'lost', reason: 'the connection ended' }));
    socket.on('data', (bytes: Buffer) => {
      chunks.push(bytes);
      size += bytes.length;
      if (bytes.includes('\n')) finish(outcomeOf(Buffer.concat(chunks).toString().split('\n', 1)[0] as string));
      else if (size > ANSWER_BYTES_MAX) finish({ kind: 'silent', reason: 'its answer has no end' });
    });
  });
}

function outcomeOf(line: string): Outcome {
  const answer = readAnswer(line);
  if (answer === undefined) return { kind: 'silent', reason: 'what listens there speaks another language' };
  return answer.ok ? { kind: 'answered', value: answer.value } : { kind: 'refused', reason: answer.error };
}
