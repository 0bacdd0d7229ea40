// What is done with the secrets, and who is asked what, so that everything that can be written is?
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ENGINE } from '../store/chaos/network-server.ts';
import { PageSocket } from '../operator/page-socket.ts';
import { ADDRESSES, ask as askPage, type Sent } from '../operator/visitor.ts';
import { CANARIES, WRONG, type CanaryRoom, type Speaking, type Spoken, type Start } from './canary-room.ts';

const METHODS = ['GET', 'POST', 'OPTIONS'] as const;
const CRASH = new URL('canary-crash.ts', import.meta.url);
const UNANSWERED = 69;
/** Answers of the exchange that are errors, each of them told by somebody. */
export const FAULTS = [
  'key-expired',
  'ip-refused',
  'permission-lost',
  'banned',
  'server-error',
  'wrong-time',
  'rate-burst',
  'gateway-error',
  'truncated-answer',
] as const;

export interface Course {
  /** Of ours before anything goes wrong. */
  readonly executions: number;
  readonly faults: readonly string[];
}

export interface Took {
  readonly engine: Spoken;
  readonly executions: number;
  readonly alerts: number;
  /** Statuses of the page's answers. */
  readonly answers: readonly number[];
  readonly messages: number;
  readonly files: readonly string[];
  readonly rows: ReadonlyMap<string, number>;
  /** How each short command ended, by its words. */
  readonly commands: ReadonlyMap<string, Spoken>;
}

/** A busy machine writes later than this: then what waits is looked at on the disk. */
const LOOKS_MAX = 100;

export async function takeCourse(room: CanaryRoom, { executions, faults }: Course): Promise<Took> {
  const engine = room.start(['run', '--json'], { preload: CRASH });
  const commands = new Map<string, Spoken>();
  const command = async (args: string, start: Start = {}): Promise<void> => {
    const state = start.state === undefined ? '' : ` (${start.state})`;
    commands.set(`${args}${state}`, await room.run(args.split(' '), start));
  };
  /** A busy engine may not answer in time: then it is asked again. */
  const ask = async (args: string): Promise<void> => {
    do await command(args);
    while (commands.get(args)?.code === UNANSWERED && !engine.isOver());
  };
  /** Ended when its log tells what it was refused for. */
  const refused = async (start: Start, told: readonly string[]): Promise<void> => {
    const run = room.start(['run', '--json', '--set', 'dashboard.enabled=false'], start);
    await room.until(run, async () => {
      const log = await room.log(start.state);
      return told.every((words) => log.includes(words));
    });
    run.child.kill('SIGTERM');
    commands.set(`run (${start.state})`, await run.ended);
  };
  // A key that nobody knows; a secret that does not fit, and a password that opens nothing.
  const unknown = { state: 'unknown', env: WRONG.key };
  const wrong = { state: 'wrong', env: { ...WRONG.secret, ...WRONG.password } };
  await Promise.all([
    refused(unknown, ['10003']),
    refused(wrong, ['10004 error sign! origin_string[', 'password authentication failed']).then(() =>
      command('doctor', wrong),
    ),
    room.until(engine, () => room.executions >= executions),
  ]);
  const { url, token } = await placeOf(room, engine);
  const page = await PageSocket.open(url, token);
  // What was dealt is in the database too before it is taken away: of the spool nothing may be written back before the crash.
  let looks = 0;
  await room.until(engine, async () => {
    if (++looks > LOOKS_MAX) return true;
    const [rows] = await room.server.sql<{ dealt: number }>(
      'SELECT least((SELECT count(*) FROM executions), (SELECT count(*) FROM trades))::int AS dealt',
    );
    return (rows?.dealt ?? 0) > 0;
  });
  // Without a database everything waits on the disk: that is looked at too.
  await room.server.sql(`ALTER ROLE ${ENGINE} NOLOGIN`);
  await room.server.disconnect();
  for (const kind of faults) await room.fault(kind, { count: 3 });
  const answers = await askAll(room, url, token, page);
  await Promise.all([ask('status'), ask('positions --json'), command('check-config --print-effective')]);
  const spooled = await room.lookAtFiles();
  await room.server.sql(`ALTER ROLE ${ENGINE} LOGIN`);
  await Promise.all([command('doctor'), command('report --json'), ask('pause')]);
  for (const message of page.told) room.collector.look('socket', JSON.stringify(message));
  const messages = page.told.length;
  page.close();
  engine.child.kill('SIGWINCH');
  const spoken = await engine.ended;
  return {
    engine: spoken,
    executions: room.executions,
    alerts: room.alerts,
    answers,
    messages,
    files: [...new Set([...spooled, ...(await room.lookAtFiles())])],
    rows: await room.lookAtRows(),
    commands,
  };
}

async function placeOf(room: CanaryRoom, engine: Speaking): Promise<{ readonly url: string; readonly token: string }> {
  let url: string | undefined;
  await room.until(engine, async () => {
    url = /"url":"(http:[^"]*\/)/.exec(await room.log())?.[1];
    return url !== undefined;
  });
  const token = await readFile(path.join(room.stateDir(), 'dashboard.token'), 'utf8');
  return { url: url as string, token: token.trim() };
}

/** Every address, by a stranger and by us, also with the secrets themselves in it: they must not come back. */
async function askAll(room: CanaryRoom, url: string, token: string, { login }: PageSocket): Promise<number[]> {
  const own = { cookie: login.cookie, origin: url.replace(/\/$/, '') };
  const bearer = { authorization: `Bearer ${token}` };
  const answers: number[] = [];
  const hear = async (sent: Sent): Promise<void> => {
    const { status, text } = await askPage(url, sent);
    room.collector.look('answers', text);
    answers.push(status);
  };
  for (const headers of [{}, own, bearer]) {
    for (const asked of ADDRESSES) {
      for (const method of METHODS) {
        await hear({ method, path: asked, headers });
      }
    }
  }
  for (const { value } of CANARIES) {
    const body = JSON.stringify({ token: value, id: value, kind: value });
    const json = { ...own, 'content-type': 'application/json' };
    for (const asked of ['/api/login', '/api/command', `/${encodeURIComponent(value)}`]) {
      await hear({ method: 'POST', path: asked, headers: json, body });
    }
  }
  return answers;
}
