// How does a YAML text become a scenario? Whole or not at all: every fault is reported with its line, the key and the remedy.
import { isMap, isNode, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { issueText } from '../issue-text.ts';
import { SCENARIO, type Scenario } from './scenario.ts';

export type ScenarioRead =
  | {
      readonly kind: 'scenario';
      readonly scenario: Scenario;
      /** Where in the text a key stands. */
      readonly lineOf: (path: readonly PropertyKey[]) => number;
    }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] };

/** A text that is no YAML has errors everywhere, and most of them only follow from the first. */
const FAULTS_MAX = 20;

function errorText({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here: one file is one scenario';
  if (code === 'DUPLICATE_KEY') return 'this key stands twice: remove one of the two';
  return message;
}

/** `name` is how the text is called in what is said about it: its file. */
export function readScenario(text: string, name: string): ScenarioRead {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const refused = [...document.errors, ...document.warnings].slice(0, FAULTS_MAX);
  if (refused.length > 0)
    return { kind: 'faulty', faults: refused.map((error) => `${name}:${lineAt(error.pos[0])} ${errorText(error)}`) };
  if (document.contents === null)
    return { kind: 'faulty', faults: [`${name}: says nothing: write a scenario like those in examples/scenarios`] };
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias of nothing, or one that unfolds without end.
    return { kind: 'faulty', faults: [`${name}: ${(error as Error).message}`] };
  }
  /** The nearest place that exists: the key's own line, else that of what should hold it. */
  const lineOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const holder = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
      const key = path[length - 1];
      const pair = isMap(holder)
        ? holder.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      const node = isNode(pair?.key) ? pair.key : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lineAt(node.range[0]);
    }
    return 1;
  };
  const parsed = SCENARIO.safeParse(value);
  if (parsed.success) return { kind: 'scenario', scenario: parsed.data, lineOf };
  const faults = parsed.error.issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    return keys.map((key) => {
      const path = key === undefined ? issue.path : [...issue.path, key];
      const what =
        key === undefined
          ? issueText(issue, document.hasIn(issue.path))
          : 'is no key of a scenario here: take it out or spell it right';
      return `${name}:${lineOf(path)} ${path.map(String).join('.') || 'scenario'}: ${what}`;
    });
  });
  return { kind: 'faulty', faults };
}
