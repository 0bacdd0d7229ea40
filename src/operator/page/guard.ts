// Does a request come from our own page? What a browser says of itself it cannot be made to say by another page.

export interface Asked {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

export interface Names {
  /** `host:port`, in small letters. */
  readonly hosts: ReadonlySet<string>;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** Every address, and the one of them by which the same machine is asked. */
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

/** A name that some other site's DNS points at us is not ours. */
export function isOurHost({ host }: Asked, { hosts }: Names): boolean {
  return host !== undefined && hosts.has(host.toLowerCase());
}

/** For whatever changes something or keeps on showing: a page of ours must have sent it, by the browser's own word. */
export function isOurPage(asked: Asked, names: Names): boolean {
  const { host, origin, fetchSite } = asked;
  if (host === undefined || !isOurHost(asked, names)) return false;
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
