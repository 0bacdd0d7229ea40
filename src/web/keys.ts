// What does a key do? One table: the page listens by it and the help is written from it.
import { el } from './element.ts';

export interface Shortcut {
  /** As `KeyboardEvent.key` tells it, in lower case. */
  readonly keys: readonly string[];
  /** As it is printed on the key. */
  readonly shown: string;
  readonly group: 'Go to' | 'Depth map' | 'Commands' | 'Page';
  readonly does: string;
  /** With Shift or without, where that makes two keys of one. */
  readonly withShift?: boolean;
  /** Heard also while a dialog is open. */
  readonly isFirst?: boolean;
  run(): void;
}

/** A single letter must not act while a person writes, nor where a control has a use for it itself. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}

/** What the focused control or list does with a key itself comes first: it presses, it scrolls. */
const OWN_KEYS = new Set([' ', 'arrowup', 'arrowdown']);

function isFree(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('body, #map-panel, canvas');
}

/** By its place where the layout has other letters: the kill switch must not ask for a Latin one. */
function keyOf({ key, code }: KeyboardEvent): string {
  const isLatin = (key.codePointAt(0) ?? 0) < 0x80;
  return (isLatin || !code.startsWith('Key') ? key : code.slice(3)).toLowerCase();
}

export function listenToKeys(shortcuts: readonly Shortcut[]): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const isAsked = document.querySelector('dialog[open]') !== null;
    const key = keyOf(event);
    if (isWriting(event.target)) {
      if (key === 'escape' && !isAsked) (event.target as HTMLElement).blur();
      return;
    }
    if (OWN_KEYS.has(key) && !isFree(event.target)) return;
    const found = shortcuts.find(
      ({ keys, withShift = event.shiftKey }) => keys.includes(key) && withShift === event.shiftKey,
    );
    if (found === undefined || (isAsked && found.isFirst !== true)) return;
    event.preventDefault();
    found.run();
  });
}

const READING = [
  ['▬', 'a density: a band as long as its life; dotted forming, solid confirmed, dashed eroding'],
  ['■ □', 'its end: full square eaten, empty square pulled, bar anything else'],
  ['● ◆', 'trades: circle bought, diamond sold; area by size'],
  ['▲ △', 'a signal, pointing where the trade goes: full offered, empty and crossed out refused'],
  ['B S', 'our own execution; solid line entry, dashed line stop'],
  ['▨', 'hatched: the book was not to be believed then'],
] as const;

export function fillHelp(dialog: HTMLDialogElement, shortcuts: readonly Shortcut[]): void {
  const groups = [...new Set(shortcuts.map(({ group }) => group))];
  const close = el('button', { type: 'button' }, 'Close');
  close.addEventListener('click', () => dialog.close());
  dialog.replaceChildren(
    el('h2', { id: 'help-title' }, 'Keyboard shortcuts'),
    ...groups.flatMap((group) => [
      el('h3.soft', {}, group),
      el(
        'div.keys',
        {},
        ...shortcuts
          .filter((shortcut) => shortcut.group === group)
          .map(({ shown, does }) =>
            el('div', {}, el('span', {}, does), el('span', {}, ...shown.split(' ').map((key) => el('kbd', {}, key)))),
          ),
      ),
    ]),
    el('h3.soft', {}, 'What the map shows'),
    el('dl.reading', {}, ...READING.flatMap(([sign, text]) => [el('dt', {}, sign), el('dd', {}, text)])),
    el('div.choices', {}, close),
  );
}
