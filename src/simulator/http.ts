// What is one HTTP request to the exchange, and one answer? Texts, before anybody lends them a socket.

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** As it was sent, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it was sent: signatures cover it. */
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
export const HTML_TYPE = { 'content-type': 'text/html' };

export function jsonAnswer(body: object, status = 200): HttpAnswer {
  return { status, headers: JSON_TYPE, body: JSON.stringify(body) };
}
