// How does a text leave the process without a secret in it?

const HIDDEN = '[redacted]';
/** A shorter one would be found in every word. */
const CHARACTERS_MIN = 6;

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As it is; inside JSON, and inside JSON that is a text of JSON itself; inside an address; as a header may carry it. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    inJson(secret),
    inJson(inJson(secret)),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
}

/** A secret may stand inside any text: an address, an error's message, the answer of a server that repeats what it was sent. */
export function hiding(secrets: readonly string[]): (text: string) => string {
  const hidden = new Set(secrets.filter(({ length }) => length >= CHARACTERS_MIN).flatMap(formsOf));
  return (text) => {
    let rest = text;
    for (const form of hidden) rest = rest.replaceAll(form, HIDDEN);
    return rest;
  };
}
