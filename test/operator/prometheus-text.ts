// How does Prometheus read the text format 0.0.4? Written from its description, knowing nothing of who writes it.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/** Throws at the first line that is not of the format. */
export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end');
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  let open: Family | undefined;
  const seen = new Set<string>();
  text.split('\n').forEach((line, at) => {
    const fail = (why: string): never => {
      throw new Error(`line ${at + 1}: ${why}: ${line}`);
    };
    if (line === '') return;
    if (line.startsWith('# HELP ')) {
      const [name = '', ...words] = line.slice(7).split(' ');
      if (helps.has(name)) fail('helped twice');
      helps.set(name, words.join(' '));
    } else if (line.startsWith('# TYPE ')) {
      const [name = '', type = ''] = line.slice(7).split(' ');
      if (!TYPES.has(type)) fail('an unknown type');
      if (families.has(name)) fail('typed twice');
      open = { name, type, help: helps.get(name) ?? fail('no help before'), samples: [] };
      families.set(name, open);
    } else if (line.startsWith('#')) fail('a comment that nobody needs');
    else {
      const sample = parseSample(line, fail);
      const base = open?.type === 'histogram' ? sample.name.replace(/_(?:bucket|sum|count)$/, '') : sample.name;
      if (open === undefined || base !== open.name) return fail('a sample outside of its family');
      const key = `${sample.name} ${Object.entries(sample.labels)
        .map(([label, value]) => JSON.stringify([label, value]))
        .toSorted((a, b) => (a < b ? -1 : 1))
        .join(' ')}`;
      if (seen.has(key)) fail('told twice');
      seen.add(key);
      open.samples.push(sample);
    }
  });
  return families;
}

function parseSample(line: string, fail: (why: string) => never): Sample {
  const name = NAME.exec(line)?.[0] ?? fail('no name');
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const label = LABEL.exec(rest)?.[0] ?? fail('no label');
      const value = /^="((?:[^"\\\n]|\\[\\n"])*)"/.exec(rest.slice(label.length)) ?? fail('no label value');
      if (label in labels) fail('a label twice');
      labels[label] = (value[1] as string).replaceAll(/\\([\\n"])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
      rest = rest.slice(label.length + value[0].length);
      if (rest.startsWith(',')) rest = rest.slice(1);
      else if (!rest.startsWith('}')) fail('labels not parted');
    }
    rest = rest.slice(1);
  }
  const match = /^ (NaN|[+-]Inf|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i.exec(rest) ?? fail('no value');
  const value = Number((match[1] as string).replace('Inf', 'Infinity'));
  return { name, labels, value };
}
