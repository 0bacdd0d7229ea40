// How does a row get its fields in the exchange's own order? From a table of fields and a list of their names.

/** Prints the named fields in this order: text form of JSON depends on it. */
export function printer<T, K extends string>(
  fields: Readonly<Record<K, (value: T) => unknown>>,
  keys: readonly K[],
): (value: T) => Record<K, unknown> {
  return (value) => {
    const row: Partial<Record<K, unknown>> = {};
    for (const key of keys) row[key] = fields[key](value);
    return row as Record<K, unknown>;
  };
}

/** The names of a space-separated list. */
export function names<K extends string>(text: string): readonly K[] {
  return text.trim().split(/\s+/) as K[];
}

/** A field whose spelling never changes for linear contracts. */
export function always(value: unknown): () => unknown {
  return () => value;
}
