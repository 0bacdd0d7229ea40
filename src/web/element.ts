// How is a piece of the page made? From names and texts only: nothing that comes from the engine is ever read as markup.

export type Child = Node | string | undefined;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** `el('button.quiet', { type: 'button' }, 'Pause')`. Classes follow the tag's name, an attribute that is undefined or false is left out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K | `${K}.${string}`,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name as K);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** The head of a table. */
export function headOf(names: readonly string[]): HTMLElement {
  return el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name))));
}

/** The part of the page that stands in its HTML under this id. */
export function part<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

/** Touches the page only where the text is another: most of what is told ten times a second has not changed. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** How far a bar reaches, from 0 to 1; the sheet does the rest. */
export function setReach(node: HTMLElement, part: number): void {
  const value = (Math.round(Math.min(1, Math.max(0, part)) * 1_000) / 1_000).toString();
  if (node.style.getPropertyValue('--reach') !== value) node.style.setProperty('--reach', value);
}
