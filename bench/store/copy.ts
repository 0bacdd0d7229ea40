// How does a text that is at hand go into a table by COPY? The client library has the messages, but no query that sends them.
import type pg from 'pg';

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

class CopyIn {
  readonly #text: string;
  readonly #body: Buffer;
  /** The client puts another one around it, which ends its timer. */
  callback: (error?: Error) => void;

  constructor(text: string, body: Buffer, settle: (error?: Error) => void) {
    this.#text = text;
    this.#body = body;
    this.callback = settle;
  }

  submit(connection: unknown): void {
    (connection as CopyConnection).query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(this.#body);
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {
    // What counts is that the server is ready again.
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback();
  }
}

export function copyIn(client: pg.Client, text: string, body: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    client.query(new CopyIn(text, body, (error) => (error === undefined ? done() : fail(error))));
  });
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** COPY's text format: rows of fields with tabs between them; `columns` are what `insertOf` makes of rows. */
export function copyText(columns: readonly (readonly (string | null)[])[]): Buffer {
  const field = (value: string | null): string =>
    value === null ? '\\N' : value.replace(/[\\\t\n\r]/g, (found) => ESCAPES[found] as string);
  const count = columns[0]?.length ?? 0;
  let text = '';
  for (let row = 0; row < count; row++)
    text += `${columns.map((values) => field(values[row] as string | null)).join('\t')}\n`;
  return Buffer.from(text);
}
