// How does a text leave the process without a secret in it?

const HIDDEN = '[redacted]';
/** A shorter one would be found in every word. */
const CHARACTERS_MIN = 6;

/** A secret may stand inside any text, an address or an error's message; also in the JSON form of itself. */
export function hiding(secrets: readonly string[]): (text: string) => string {
  const hidden = secrets
    .filter((secret) => secret.length >= CHARACTERS_MIN)
    .map((secret) => JSON.stringify(secret).slice(1, -1));
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
}
