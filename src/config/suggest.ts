// Which known name did they mean?

/** Edits between two names: insert, delete, replace, and swap of neighbours. */
function distance(a: string, b: string): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let j = 1; j <= b.length; j++) (rows[0] as number[])[j] = j;
  for (let i = 1; i <= a.length; i++) {
    const row = rows[i] as number[];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j] as number, at(i - 2, j - 2) + 1);
    }
  }
  return at(a.length, b.length);
}

/** The nearest of `known`, or undefined when none is near: at most a third of the letters, or one begins the other. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replaceAll('-', '_');
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of known) {
    const begins = plain.length >= 3 && (candidate.startsWith(plain) || plain.startsWith(candidate));
    const edits = Math.min(distance(plain, candidate), begins ? 1.5 : Infinity);
    if (edits < least && edits <= Math.max(1, Math.min(plain.length, candidate.length) / 3, begins ? 1.5 : 0)) {
      best = candidate;
      least = edits;
    }
  }
  return best;
}
