// May this browser see the engine, and change something? Its cookie says so, and a proof that only our own page can read.
import {
  PROOF_HEADER,
  type CommandReply,
  type CommandRequest,
  type ErrorReply,
  type SessionAnswer,
} from '../operator/page/protocol.ts';

/** The engine itself gives up after five seconds, and says so; a network that has changed says nothing for many minutes. */
const ANSWER_MS_MAX = 10_000;

export class Session {
  #answer: SessionAnswer | undefined;

  get mayControl(): boolean {
    return this.#answer?.control === true;
  }

  /** Does the cookie still open the engine? Rejects where nobody says so in time. */
  async renew(limit: AbortSignal = AbortSignal.timeout(ANSWER_MS_MAX)): Promise<boolean> {
    const answer = await fetch('/api/session', { headers: { accept: 'application/json' }, signal: limit });
    if (!answer.ok) return false;
    this.#answer = (await answer.json()) as SessionAnswer;
    return true;
  }

  /** Undefined where it is the right token, else why not. */
  async login(token: string): Promise<string | undefined> {
    try {
      const answer = await post('/api/login', { token }, {});
      if (!answer.ok) return await reasonOf(answer);
      this.#answer = (await answer.json()) as SessionAnswer;
      return undefined;
    } catch (error) {
      return `The engine was not reached (${String(error)})`;
    }
  }

  async command(kind: CommandRequest['kind'], symbol?: string): Promise<CommandReply> {
    const request: CommandRequest = { id: crypto.randomUUID(), kind, ...(symbol === undefined ? {} : { symbol }) };
    try {
      let answer = await this.#send(request);
      // Another window has signed in since: the cookie is of that session now, and so must be the proof.
      if (answer.status === 403 && (await this.renew())) answer = await this.#send(request);
      if (answer.ok) return (await answer.json()) as CommandReply;
      return { accepted: false, text: await reasonOf(answer) };
    } catch (error) {
      const command = [kind === 'kill' ? 'flatten' : kind, ...(symbol === undefined ? [] : [symbol])].join(' ');
      return {
        accepted: false,
        text: `The engine has not answered (${String(error)}) and may still carry this out. On its host, in the folder of the clone: npx plotnost ${command}`,
      };
    }
  }

  #send(request: CommandRequest): Promise<Response> {
    return post('/api/command', request, { [PROOF_HEADER]: this.#answer?.proof ?? '' });
  }
}

function post(path: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
}

async function reasonOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    return (JSON.parse(text) as ErrorReply).error;
  } catch {
    return `${answer.status} ${answer.statusText}`;
  }
}
