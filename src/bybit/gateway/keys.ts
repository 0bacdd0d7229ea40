// Which API key is used, and how is it kept out of everything that is printed?

export interface ApiKeys {
  readonly key: string;
  readonly secret: string;
}

/** From the environment, by the names that the configuration gives; a text says what is missing. */
export function keysFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  keyName: string,
  secretName: string,
): ApiKeys | string {
  const key = env[keyName]?.trim() ?? '';
  const secret = env[secretName]?.trim() ?? '';
  if (key === '') return `environment variable ${keyName} (exchange.api_key_env) is empty: put the API key there`;
  if (secret === '')
    return `environment variable ${secretName} (exchange.api_secret_env) is empty: put the API secret there`;
  return { key, secret };
}

/** The exchange echoes what it was sent (10004): neither key nor secret passes. */
export function hide(text: string, { key, secret }: ApiKeys): string {
  return text.replaceAll(secret, '***').replaceAll(key, '***');
}
