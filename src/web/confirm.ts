// Is it really meant? What cannot be taken back is asked once more, in words that say what will happen.
import { el } from './element.ts';

export interface Question {
  readonly title: string;
  readonly lines: readonly string[];
  readonly yes: string;
  readonly isGrave?: boolean;
  /** What lowers the risk must be quick: Enter says yes. Elsewhere the harmless answer is the one under the finger. */
  readonly isUrgent?: boolean;
  /** Whatever is asked already gives way to it, unanswered. */
  readonly isFirst?: boolean;
  /** Has to be typed before `yes` can be pressed. */
  readonly typed?: string;
}

/** Resolves with false on Escape, on Cancel and where another question is open, or comes first. */
export function confirmed(dialog: HTMLDialogElement, question: Question): Promise<boolean> {
  const { title, lines, yes, isGrave = false, isUrgent = false, isFirst = false, typed } = question;
  if (dialog.open && !isFirst) return Promise.resolve(false);
  const cancel = el('button', { type: 'button' }, 'Cancel');
  const agree = el(isGrave ? 'button.danger' : 'button.primary', { type: 'submit' }, yes);
  const field = el('input', { type: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false' });
  const form = el(
    'form',
    { method: 'dialog' },
    el('h2', { id: 'confirm-title' }, title),
    ...lines.map((line) => el('p', {}, line)),
    typed === undefined ? undefined : el('label', {}, `Type ${typed} to go on`, field),
    el('div.choices', {}, cancel, agree),
  );
  if (typed !== undefined) {
    agree.disabled = true;
    field.addEventListener('input', () => {
      agree.disabled = field.value.trim().toUpperCase() !== typed;
    });
  }
  dialog.close();
  dialog.classList.toggle('grave', isGrave);
  dialog.replaceChildren(form);
  cancel.addEventListener('click', () => dialog.close());
  return new Promise((resolve) => {
    // `close` is told late: by then the next question may be open, and the event is none of its own.
    const over = (): void => {
      if (dialog.open && form.isConnected) return;
      dialog.removeEventListener('close', over);
      resolve(false);
    };
    form.addEventListener('submit', () => resolve(true));
    dialog.addEventListener('close', over);
    dialog.showModal();
    if (typed !== undefined) field.focus();
    else (isUrgent ? agree : cancel).focus();
  });
}
