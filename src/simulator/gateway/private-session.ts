// What does one private connection get? Login, subscriptions, pongs, and the messages of its account.
import { isRefusal } from '../venue/model.ts';
import { messageText, type PrivateMessage } from './private-messages.ts';
import { Session } from './session.ts';
import { checkLogin } from './sign.ts';

interface Request {
  readonly req_id?: unknown;
  readonly op?: unknown;
  readonly args?: unknown;
}

const TOPIC = /^(order|execution|execution\.fast|position)(?:\.(spot|linear|inverse|option))?$/;
const OTHER_TOPIC = /^(wallet|greeks|dcp\.(future|spot|option))$/;

export class PrivateSession extends Session {
  readonly #topics = new Set<string>();

  deliver(message: PrivateMessage): void {
    if (this.key?.uid !== message.uid) return;
    for (const topic of [message.kind, `${message.kind}.linear`]) {
      if (!this.#topics.has(topic)) continue;
      this.idle.heard(this.host.clock.monotonic());
      this.wire.send(messageText(message, topic));
    }
  }

  protected take(request: Request): void {
    const { op, args } = request;
    if (op === 'ping') return this.#pong(request);
    if (op === 'auth') return this.#login(request);
    if (op !== 'subscribe' && op !== 'unsubscribe')
      return this.#answer(request, op === undefined ? 'Params Error' : 'error:unknown op');
    if (this.key === undefined) return this.#answer(request, 'Request not authorized');
    if (!Array.isArray(args) || args.length === 0 || !args.every((arg) => typeof arg === 'string'))
      return this.#answer(request, 'Params Error');
    const refusal = op === 'subscribe' ? this.#refusal(args) : undefined;
    if (refusal === undefined) {
      for (const topic of args) {
        if (op === 'subscribe') this.#topics.add(topic);
        else this.#topics.delete(topic);
      }
    }
    return this.#answer(request, refusal ?? '');
  }

  /** Why none of these topics can be had: one that cannot spoils the request. */
  #refusal(args: readonly string[]): string | undefined {
    const seen = new Set(this.#topics);
    for (const topic of args) {
      if (!TOPIC.test(topic) && !OTHER_TOPIC.test(topic)) return `error:handler not found,topic:${topic}`;
      if (seen.has(topic)) return `error:already subscribed,topic:${topic}`;
      seen.add(topic);
      const [, kind, category] = TOPIC.exec(topic) ?? [];
      if (category !== undefined && args.includes(kind as string))
        return `error:all-in-one and categorised topics cannot be in one request,topic:${topic}`;
    }
    return undefined;
  }

  #login(request: Request): void {
    const key = checkLogin(this.host.market.venue.keys, request.args, this.host.nowMs());
    if (!isRefusal(key)) {
      this.key = key;
      return this.#answer(request, '');
    }
    this.#answer(request, key.text);
    if (this.host.variants.refusedLogin === 'closes') this.wire.close();
  }

  #pong({ req_id: id }: Request): void {
    const args = [String(this.host.nowMs())];
    this.wire.send(JSON.stringify({ req_id: typeof id === 'string' ? id : '', op: 'pong', args, conn_id: this.id }));
  }

  /** An empty message is success. */
  #answer({ req_id: id, op }: Request, message: string): void {
    const answer = {
      success: message === '',
      ret_msg: message,
      op: typeof op === 'string' ? op : '',
      conn_id: this.id,
    };
    this.wire.send(JSON.stringify(typeof id === 'string' ? { ...answer, req_id: id } : answer));
  }
}
