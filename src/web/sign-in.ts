// Who is there? Asked for the token once, where the address did not bring it.
import { el } from './element.ts';
import type { Session } from './session.ts';

/** Resolves when the right token was given. */
export function signIn(dialog: HTMLDialogElement, session: Session): Promise<void> {
  return new Promise((resolve) => {
    const field = el('input', { type: 'password', autocomplete: 'current-password', required: true });
    const trouble = el('p.bad', { role: 'alert' });
    const form = el(
      'form',
      {},
      el('h2', { id: 'sign-in-title' }, 'Sign in'),
      el(
        'p',
        {},
        'The address that the terminal shows has the token in it. It is also in dashboard.token in the state directory, or where dashboard.token_file puts it, and is new after each start.',
      ),
      el('label', {}, 'Token', field),
      trouble,
      el('div.choices', {}, el('button.primary', { type: 'submit' }, 'Sign in')),
    );
    const stay = (event: Event): void => event.preventDefault();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void session.login(field.value.trim()).then((reason) => {
        if (reason !== undefined) {
          trouble.textContent = reason;
          field.select();
          return;
        }
        dialog.removeEventListener('cancel', stay);
        dialog.close();
        resolve();
      });
    });
    dialog.addEventListener('cancel', stay);
    dialog.replaceChildren(form);
    if (!dialog.open) dialog.showModal();
    field.focus();
  });
}
