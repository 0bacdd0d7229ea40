// How does a person act on the engine? Four commands, each asked once more in words of what it will do, each answered.
import type { CommandRequest } from '../operator/page/protocol.ts';
import type { PositionView, StatusView } from '../operator/page/protocol-status.ts';
import { confirmed, type Question } from './confirm.ts';
import { el, setText } from './element.ts';
import { gain } from './format.ts';
import { isOurs } from './ours.ts';
import type { Session } from './session.ts';
import type { Toasts } from './toasts.ts';

export class Commands {
  readonly #dialog: HTMLDialogElement;
  readonly #session: Session;
  readonly #toasts: Toasts;
  readonly #pause = el('button', { type: 'button', 'aria-keyshortcuts': 'P' }, 'Pause');
  readonly #kill = el('button.danger', { type: 'button', 'aria-keyshortcuts': 'Shift+K' }, 'Kill switch');
  readonly #readOnly = el(
    'span.chip',
    { title: 'dashboard.control is false: nothing can be changed here' },
    'read-only',
  );
  #status: StatusView | undefined;
  /** By name. A command waits for the answer to none but itself, the kill switch least of all. */
  readonly #unanswered = new Set<string>();

  constructor(parent: HTMLElement, dialog: HTMLDialogElement, session: Session, toasts: Toasts) {
    this.#dialog = dialog;
    this.#session = session;
    this.#toasts = toasts;
    this.#pause.addEventListener('click', () => void this.pauseOrResume());
    this.#kill.addEventListener('click', () => void this.kill());
    parent.append(this.#readOnly, this.#pause, this.#kill);
    this.show(undefined);
  }

  show(status: StatusView | undefined): void {
    // By another hand: whatever is being asked was asked of an engine that was not killed.
    if (status?.isKilled === true && this.#status?.isKilled === false) this.#dialog.close();
    this.#status = status;
    const { mayControl } = this.#session;
    const isTrading = status?.mode !== undefined;
    this.#readOnly.hidden = mayControl;
    this.#pause.hidden = !mayControl;
    this.#kill.hidden = !mayControl;
    this.#pause.disabled = !isTrading || this.#unanswered.has('pause') || this.#unanswered.has('resume');
    this.#kill.disabled = !isTrading || this.#unanswered.has('kill') || status.isKilled;
    setText(this.#pause, this.#isPaused ? 'Resume' : 'Pause');
    setText(this.#kill, status?.isKilled === true ? 'Killed' : 'Kill switch');
  }

  /** Something stands that only an operator's word takes away. */
  get #isPaused(): boolean {
    const status = this.#status;
    if (status === undefined) return false;
    return status.isKilled || status.latch !== undefined || status.blocks.some(({ sticky }) => sticky);
  }

  async pauseOrResume(): Promise<void> {
    const status = this.#status;
    if (!this.#session.mayControl || status?.mode === undefined) return;
    if (!this.#isPaused) {
      return this.#ask('pause', undefined, {
        title: 'Pause entries?',
        lines: ['No new position is opened. What is open stays, with its stop and its exits.'],
        yes: 'Pause',
        isUrgent: true,
      });
    }
    const why = status.isKilled ? 'the kill switch was pressed' : (status.latch ?? reasonsOf(status));
    const { isKilled, session } = status;
    const isReal = session.environment === 'mainnet' && session.tradingMode === 'live';
    return this.#ask('resume', undefined, {
      title: 'Resume trading?',
      lines: [
        `Entries are off because: ${why}.`,
        'Positions may be opened again as soon as nothing else blocks it.',
        ...(isReal ? ['This is real money.'] : []),
      ],
      yes: 'Resume',
      isGrave: isKilled,
      ...(isKilled && isReal ? { typed: 'RESUME' } : {}),
    });
  }

  async close(symbol: string): Promise<void> {
    const position = this.#status?.positions.find((one) => one.symbol === symbol && isOurs(one));
    if (!this.#session.mayControl || position === undefined) return;
    return this.#ask('close', symbol, {
      title: `Close ${symbol}?`,
      lines: [`${heldText(position)} is closed at the market now.`],
      yes: `Close ${symbol}`,
      isUrgent: true,
    });
  }

  async kill(): Promise<void> {
    const status = this.#status;
    if (!this.#session.mayControl || status?.mode === undefined || status.isKilled) return;
    const read = status.positions.filter((position) => position.state !== 'flat' && isOurs(position));
    const open = [...read.map(heldText), ...status.unread.map((symbol) => `${symbol} (not read yet)`)];
    return this.#ask('kill', undefined, {
      title: 'Press the kill switch?',
      lines: [
        'Entries stop at once, and every position of ours is closed at the market. What somebody else holds stays open.',
        open.length === 0 ? 'Nothing of ours is open now.' : `Open now: ${open.join('; ')}.`,
        'It stays so over restarts until somebody resumes.',
      ],
      yes: 'Kill: close everything',
      isGrave: true,
      isUrgent: true,
      isFirst: true,
    });
  }

  async #ask(kind: CommandRequest['kind'], symbol: string | undefined, question: Question): Promise<void> {
    const name = symbol === undefined ? kind : `${kind} ${symbol}`;
    if (this.#unanswered.has(name) || !(await confirmed(this.#dialog, question))) return;
    this.#unanswered.add(name);
    this.show(this.#status);
    const { accepted, text } = await this.#session.command(kind, symbol);
    this.#unanswered.delete(name);
    this.show(this.#status);
    this.#toasts.say(`${name}: ${accepted ? 'accepted' : 'not accepted'}. ${text}`, accepted ? 'good' : 'bad');
  }
}

function reasonsOf({ blocks }: StatusView): string {
  return blocks
    .filter(({ sticky }) => sticky)
    .map(({ reason }) => reason)
    .join(', ');
}

function heldText({ symbol, side, size, profit }: PositionView): string {
  const name = [symbol, side, size].filter((part) => part !== undefined).join(' ');
  return profit === undefined ? name : `${name} (${gain(profit)} USDT)`;
}
