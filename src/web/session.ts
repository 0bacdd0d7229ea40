// May this browser see the engine, and change something? The token comes once in the address and goes out of it at once.
import {
  PROOF_HEADER,
  type CommandReply,
  type CommandRequest,
  type ErrorReply,
  type SessionAnswer,
} from '../operator/page/protocol.ts';

export class Session {
  #answer: SessionAnswer | undefined;

  get mayControl(): boolean {
    return this.#answer?.control === true;
  }

  /** With the token of the address, or the cookie of an earlier visit. False: a token has to be asked for. */
  async open(): Promise<boolean> {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token !== null) {
      history.replaceState(null, '', location.pathname + location.search);
      if ((await this.login(token)) === undefined) return true;
    }
    return this.renew();
  }

  async renew(limit: AbortSignal | null = null): Promise<boolean> {
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
      const answer = await post('/api/command', request, { [PROOF_HEADER]: this.#answer?.proof ?? '' });
      if (answer.ok) return (await answer.json()) as CommandReply;
      return { accepted: false, text: await reasonOf(answer) };
    } catch (error) {
      const command = [kind === 'kill' ? 'flatten' : kind, ...(symbol === undefined ? [] : [symbol])].join(' ');
      return {
        accepted: false,
        text: `The engine was not reached (${String(error)}). On its host: plotnost ${command}`,
      };
    }
  }
}

function post(path: string, body: object, headers: Record<string, string>): Promise<Response> {
  return fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
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
