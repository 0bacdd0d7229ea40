// At a glance: does it live, what may it do, what stops it, and how is the account?
import type { SessionView, StatusView } from '../operator/page/protocol-status.ts';
import { el, setAttribute, setText } from './element.ts';
import { compact, duration, gain, moment, usd, words } from './format.ts';
import { isOurs } from './ours.ts';
import { Rows } from './rows.ts';
import type { LinkState } from './stream.ts';

const MAIN_SILENT_MS_MAX = 3_000;
const TONES: Readonly<Record<string, string>> = {
  ACTIVE: 'good',
  BOOT: 'warn',
  RECONCILING: 'warn',
  REDUCE_ONLY: 'warn',
  DRAINING: 'warn',
  HALTED: 'bad',
  EMERGENCY: 'bad',
  STOPPED: 'bad',
};
const SIGNS: Readonly<Record<string, string>> = { good: '▶', warn: '❚❚', bad: '■' };

interface Fact {
  readonly name: string;
  readonly value: string;
  readonly tone: string;
  readonly title: string;
}

export class HeaderView {
  readonly #mode: HTMLElement;
  readonly #blocks: HTMLElement;
  readonly #link: HTMLElement;
  readonly #session: HTMLElement;
  readonly #facts: Rows<Fact, HTMLElement>;
  readonly #chip = el('span.chip');
  #sessionText = '';
  #blocksText = '';

  constructor(parts: Readonly<Record<'mode' | 'blocks' | 'link' | 'session' | 'facts', HTMLElement>>) {
    this.#mode = parts.mode;
    this.#blocks = parts.blocks;
    this.#link = parts.link;
    this.#session = parts.session;
    this.#mode.append(this.#chip);
    this.#facts = new Rows(parts.facts, {
      key: ({ name }) => name,
      create: ({ name }) => el('div', {}, el('dt', {}, name), el('dd')),
      update: (row, { value, tone, title }) => {
        const dd = row.lastElementChild as HTMLElement;
        setText(dd, value);
        dd.className = tone;
        setAttribute(row, 'title', title);
      },
    });
  }

  link(state: LinkState): void {
    this.#link.dataset['state'] = state === 'up' ? 'up' : 'down';
    setText(this.#link, state === 'up' ? 'connected' : state === 'refused' ? 'signed out' : 'no connection');
  }

  session(session: SessionView): void {
    const { environment, tradingMode, version } = session;
    const text = `${environment} ${tradingMode} ${version}`;
    if (text === this.#sessionText) return;
    this.#sessionText = text;
    const isReal = environment === 'mainnet' && tradingMode === 'live';
    this.#session.replaceChildren(
      el('li.chip', { 'data-tone': isReal ? 'bad' : undefined }, environment),
      el('li.chip', { 'data-tone': isReal ? 'bad' : undefined }, isReal ? 'live · real money' : tradingMode),
    );
    this.#session.title = `version ${version}`;
    document.title = `Plotnost · ${environment}`;
  }

  show(status: StatusView): void {
    this.session(status.session);
    this.#showMode(status);
    this.#showBlocks(status);
    this.#facts.show(factsOf(status));
  }

  #showMode({ mode, isKilled, mainSilentMs }: StatusView): void {
    const isSilent = mainSilentMs > MAIN_SILENT_MS_MAX;
    const name = isSilent ? 'ENGINE SILENT' : isKilled ? 'KILLED' : (mode ?? 'WATCHING');
    const tone = isSilent || isKilled ? 'bad' : mode === undefined ? 'plain' : (TONES[mode] ?? 'warn');
    setText(this.#chip, `${SIGNS[tone] ?? '◉'} ${name.replace('_', '-')}`);
    setAttribute(this.#chip, 'data-tone', tone);
  }

  #showBlocks(status: StatusView): void {
    const { blocks, latch, isKilled, mainSilentMs, unready } = status;
    const reasons: string[] = [];
    if (mainSilentMs > MAIN_SILENT_MS_MAX) reasons.push(`the engine has said nothing for ${duration(mainSilentMs)}`);
    if (isKilled) reasons.push('kill switch pressed: only Resume lets it trade again');
    else if (latch !== undefined) reasons.push(`halted: ${words(latch)}`);
    for (const { reason, sinceMs, sticky } of blocks) {
      const since = sinceMs === undefined ? '' : ` since ${moment(sinceMs, status.atMs)}`;
      reasons.push(`${words(reason)}${since}${sticky ? ', until Resume' : ''}`);
    }
    if (reasons.length === 0 && status.mode !== 'ACTIVE') reasons.push(...unready);
    const isGrave = isKilled || latch !== undefined || mainSilentMs > MAIN_SILENT_MS_MAX;
    const text = reasons.join('|');
    if (text === this.#blocksText) return;
    this.#blocksText = text;
    this.#blocks.hidden = reasons.length === 0;
    this.#blocks.toggleAttribute('data-grave', isGrave);
    this.#blocks.replaceChildren(
      el('strong', {}, isGrave ? 'No trading:' : 'No entries:'),
      ...reasons.map((reason) => el('span.chip', { 'data-tone': isGrave ? 'bad' : 'warn' }, reason)),
    );
  }
}

function factsOf(status: StatusView): Fact[] {
  const { account, positions, unread, positionsMax, analysis, session, atMs } = status;
  const fact = (name: string, value: string, title: string, tone = ''): Fact => ({ name, value, title, tone });
  const standing = [
    fact('Densities', String(analysis.standing), 'Confirmed densities that are alive now, over all symbols'),
    fact('Signals 1 h', String(analysis.signalsLastHour), 'Signals of the last hour'),
    fact('Up', duration(atMs - session.startedMs), `Session ${session.sessionId}`),
  ];
  if (account === undefined) return standing;
  const { equity, dayProfit, exposure, exposureMax } = account;
  const limit = exposureMax === undefined ? '' : ` / ${compact(exposureMax)}`;
  const open = positions.filter((position) => position.state !== 'flat' && isOurs(position)).length + unread.length;
  const tone = dayProfit > 0 ? 'gain' : dayProfit < 0 ? 'loss' : '';
  return [
    fact('Equity', usd(equity), 'USDT'),
    fact('Today', gain(dayProfit), 'Realised since 00:00 UTC, after fees and funding, USDT', tone),
    fact('Exposure', `${compact(exposure)}${limit}`, 'Notional of what is open and pending, USDT'),
    fact('Positions', `${open} / ${positionsMax}`, 'Ours that are open or under way, and how many there may be'),
    ...standing,
  ];
}
