// Does a request come from our own page? Decided by headers that another site cannot make a browser send.

export interface RequestOrigin {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

export interface Names {
  /** `host:port`, in small letters. */
  readonly hosts: ReadonlySet<string>;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** Addresses that listen on every interface, and the loopback address to use on the same machine. */
const ANY: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '[::1]'],
]);

/** What a server that listens there is called on its own machine. */
export function nameOf(host: string): string {
  return ANY.get(host) ?? (host.includes(':') ? `[${host}]` : host);
}

/** The names under which a server on this port may be asked for. */
export function namesOf(host: string, port: number, allowed: readonly string[]): Names {
  return {
    hosts: new Set([...[...LOOPBACK, nameOf(host)].map((name) => `${name}:${port}`.toLowerCase()), ...allowed]),
  };
}

/** Refuses a foreign host name whose DNS points at us (DNS rebinding). */
export function isOurHost({ host }: RequestOrigin, { hosts }: Names): boolean {
  return host !== undefined && hosts.has(host.toLowerCase());
}

/** For requests that change something, and for the WebSocket: the browser's headers must name our own page. */
export function isOurPage(request: RequestOrigin, names: Names): boolean {
  const { host, origin, fetchSite } = request;
  if (host === undefined || !isOurHost(request, names)) return false;
  if (fetchSite !== undefined && fetchSite !== 'same-origin') return false;
  const named = host.toLowerCase();
  return origin === `http://${named}` || origin === `https://${named}`;
}

/** The cookie of that name; undefined where there is none, or more than one. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`));
  return found.length === 1 ? found[0]?.slice(name.length + 1) : undefined;
}
