// What do the READMEs tell, and what do the kept results have?
import { readFileSync } from 'node:fs';

export type Row = Readonly<Record<string, string | number>>;
export interface Kept {
  readonly rows: readonly Row[];
  readonly streams: readonly {
    readonly source: string;
    readonly depth: number;
    readonly frames: number;
    readonly symbols: number;
  }[];
  readonly tables: readonly { readonly rows: readonly Row[] }[];
}

export const READMES = ['README.md', 'README.ru.md'];

export const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
export const kept = <Result = Kept>(name: string): Result =>
  JSON.parse(read(`bench/results/reference-${name}.json`)) as Result;

/** The groups of three digits of both languages are closed up. */
export const joined = (text: string): string => text.replaceAll(/(?<=\d)[, ](?=\d{3}(?!\d))/g, '');
/** To the last digit that is told. */
export const isExact = (told: string, measured: number): boolean => {
  const digits = /[.,](\d+)$/.exec(told)?.[1]?.length ?? 0;
  return Math.abs(Number(told.replace(',', '.')) - measured) <= 0.5001 * 10 ** -digits;
};
export const figure = (row: Row | undefined, at: string): number => row?.[at] as number;
