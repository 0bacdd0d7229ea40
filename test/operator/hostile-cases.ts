// What can a request claim of itself, and in which mixtures? More than two hundred, of which one is ours.
import { PROOF_HEADER } from '../../src/operator/page/protocol.ts';
import { ask, type Got, type Login, type Sent } from './visitor.ts';

/** What somebody may have got hold of. */
export interface Stolen {
  readonly token: string;
  readonly login: Login;
}

type Named<T> = Readonly<Record<string, T>>;
type Value = (port: string) => string | undefined;

export const ORIGINS: Named<Value> = {
  own: (port) => `http://127.0.0.1:${port}`,
  none: () => undefined,
  null: () => 'null',
  evil: () => 'http://evil.example',
  'another port': () => 'http://127.0.0.1:1',
  'own as a beginning': (port) => `http://127.0.0.1:${port}.evil.example`,
};
export const HOSTS: Named<Value> = {
  own: (port) => `127.0.0.1:${port}`,
  rebound: (port) => `evil.example:${port}`,
  'without port': () => '127.0.0.1',
};
type Proof =
  | 'cookie and proof'
  | 'cookie'
  | 'proof'
  | 'wrong cookie'
  | 'wrong proof'
  | 'cookie twice'
  | 'token'
  | 'nothing';
const PROOFS: readonly Proof[] = [
  'cookie and proof',
  'cookie',
  'proof',
  'wrong cookie',
  'wrong proof',
  'cookie twice',
  'token',
  'nothing',
];
const TYPES: Named<string | undefined> = {
  json: 'application/json',
  text: 'text/plain',
  form: 'application/x-www-form-urlencoded',
  none: undefined,
};
const METHODS = ['POST', 'GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'] as const;

export function proofHeaders(proof: Proof, { token, login }: Stolen): Record<string, string> {
  const { cookie, proof: own } = login;
  const [name] = cookie.split('=') as [string];
  switch (proof) {
    case 'cookie and proof':
      return { cookie, [PROOF_HEADER]: own };
    case 'cookie':
      return { cookie };
    case 'proof':
      return { [PROOF_HEADER]: own };
    case 'wrong cookie':
      return { cookie: `${name}=${'A'.repeat(43)}`, [PROOF_HEADER]: own };
    case 'wrong proof':
      return { cookie, [PROOF_HEADER]: 'A'.repeat(43) };
    case 'cookie twice':
      return { cookie: `${cookie}; ${name}=${'A'.repeat(43)}`, [PROOF_HEADER]: own };
    case 'token':
      return { authorization: `Bearer ${token}`, [PROOF_HEADER]: token };
    case 'nothing':
      return {};
  }
}

export interface Case {
  readonly name: string;
  readonly isProven: boolean;
  readonly sent: Sent;
}

export function cases(url: string, stolen: Stolen): Case[] {
  const { port } = new URL(url);
  const all: Case[] = [];
  let made = 0;
  for (const method of METHODS) {
    for (const [origin, originOf] of Object.entries(ORIGINS)) {
      for (const [host, hostOf] of Object.entries(HOSTS)) {
        for (const proof of PROOFS) {
          for (const [type, contentType] of Object.entries(TYPES)) {
            // One claim at a time beside every other of the grave ones; methods and types by themselves.
            const mild = [method === 'POST', host === 'own', type === 'json'].filter(Boolean).length;
            if (mild < 2) continue;
            if (method !== 'POST' && proof !== 'cookie and proof' && proof !== 'nothing') continue;
            const id = `hostile-${String(++made).padStart(4, '0')}`;
            all.push({
              name: `${method}, origin ${origin}, host ${host}, ${proof}, ${type}`,
              isProven:
                method === 'POST' &&
                origin === 'own' &&
                host === 'own' &&
                proof === 'cookie and proof' &&
                type === 'json',
              sent: {
                method,
                path: '/api/command',
                headers: {
                  host: hostOf(port),
                  origin: originOf(port),
                  'content-type': contentType,
                  ...proofHeaders(proof, stolen),
                },
                body: JSON.stringify({ id, kind: 'pause' }),
              },
            });
          }
        }
      }
    }
  }
  return all;
}

/** A few at a time: the gates that count requests are another test's. */
export async function askAll(url: string, all: readonly Case[]): Promise<Got[]> {
  const answers: Got[] = [];
  for (const { sent } of all) {
    let got = await ask(url, sent);
    while (got.status === 429) {
      await new Promise((next) => setTimeout(next, 100));
      got = await ask(url, sent);
    }
    answers.push(got);
  }
  return answers;
}
