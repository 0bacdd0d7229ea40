// How does a list follow what is told without losing focus, selection or place? Rows keep their elements as long as their key lives.

export interface RowKind<T, E extends HTMLElement> {
  key(item: T): string;
  create(item: T): E;
  update(row: E, item: T): void;
}

export class Rows<T, E extends HTMLElement> {
  readonly #parent: HTMLElement;
  readonly #kind: RowKind<T, E>;
  #rows = new Map<string, E>();

  constructor(parent: HTMLElement, kind: RowKind<T, E>) {
    this.#parent = parent;
    this.#kind = kind;
  }

  get size(): number {
    return this.#rows.size;
  }

  row(key: string): E | undefined {
    return this.#rows.get(key);
  }

  show(items: readonly T[]): void {
    const next = new Map<string, E>();
    let at = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#kind.key(item);
      const row = this.#rows.get(key) ?? this.#kind.create(item);
      this.#kind.update(row, item);
      next.set(key, row);
      if (row === at) at = at.nextElementSibling;
      else this.#parent.insertBefore(row, at);
    }
    for (const [key, row] of this.#rows) if (next.get(key) !== row) row.remove();
    this.#rows = next;
  }
}
