// node --import …/canary-crash.ts src/main.ts run: what if an error that nobody catches carries all that was sent? By SIGWINCH.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('SIGWINCH', () => {
    const {
      BYBIT_API_KEY: key,
      BYBIT_API_SECRET: secret,
      DB_PASSWORD: password,
      ALERTS_WEBHOOK_URL: hook,
    } = process.env;
    // As clients of HTTP and of databases do it: the request and its connection hang on the error.
    const request = { headers: { 'X-BAPI-API-KEY': key }, url: `/v5/order?api_key=${encodeURIComponent(key ?? '')}` };
    const cause = new Error(`signing with ${secret} for ${hook} failed: ${JSON.stringify({ key, password })}`);
    const { headers, url } = request;
    throw Object.assign(
      new Error(`nobody catches this: ${JSON.stringify({ url, headers, secret, password })}`, { cause }),
      {
        request,
        connection: `postgres://engine:${encodeURIComponent(password ?? '')}@127.0.0.1/plotnost`,
        authorization: Buffer.from(secret ?? '').toString('base64'),
      },
    );
  });
}
