// Does an operator reach the engine, once a command, first of all with a kill, and does nobody else do any harm?
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { folderIdentity } from '../../src/lib/folder.ts';
import { askEngine } from '../../src/ops/control-client.ts';
import type { CommandAnswer } from '../../src/ops/control-words.ts';
import { crowdedDisk } from '../state/small-disk.ts';
import { HandClock } from '../hand-clock.ts';
import { ControlRoom, HELD, WATCHING } from './control-room.ts';

const rooms: ControlRoom[] = [];
let room: ControlRoom;

async function opened(made: Promise<ControlRoom>): Promise<ControlRoom> {
  const found = await made;
  rooms.push(found);
  return found;
}

beforeEach(async () => {
  room = await opened(ControlRoom.open());
});
afterEach(async () => {
  for (const one of rooms.splice(0)) await one.close();
});

const command = (kind: string, id = 'command-1', symbol?: string): object => ({
  re: 0,
  ask: 'command',
  command: { id, kind, ...(symbol === undefined ? {} : { symbol }) },
});

describe('a command in a terminal', () => {
  test('is answered with the state of the engine and its positions', async () => {
    expect(await askEngine(room.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
    const clock = new HandClock(0);
    expect(await askEngine(room.stateDir, { ask: 'positions' }, clock)).toEqual([HELD]);
    expect(clock.dueMs, 'it ends at once').toBe(Infinity);
  });

  test('is told of a thousand positions, which come in many pieces', async () => {
    room.positions = Array.from({ length: 1_000 }, (_, i) => ({ ...HELD, symbol: `COIN${i}USDT` }));
    expect(await askEngine(room.stateDir, { ask: 'positions' }, systemClock)).toEqual(room.positions);
  });

  test('is no crowd, however many come one after the other', async () => {
    for (let i = 0; i < 40; i++) await askEngine(room.stateDir, { ask: 'status' }, systemClock);
    expect(room.lines).toEqual([]);
  });

  test('is told what the engine says to it', async () => {
    room.carryOut = () => Promise.resolve({ accepted: false, text: 'no position of ours in SOLUSDT' });
    const ask = { ask: 'command', command: { id: 'command-7', kind: 'close', symbol: 'SOLUSDT' } } as const;
    expect(await askEngine(room.stateDir, ask, systemClock)).toEqual({
      accepted: false,
      text: 'no position of ours in SOLUSDT',
    });
    expect(room.commands).toEqual([ask.command]);
    expect(room.lines).toEqual(['control.command {"id":"command-7","kind":"close","symbol":"SOLUSDT"}']);
  });

  test('hears that no engine runs, whether there never was one or it was killed', async () => {
    const dead = await opened(ControlRoom.make());
    const ask = { ask: 'status' } as const;
    await expect(askEngine(dead.stateDir, ask, systemClock)).rejects.toMatchObject({ code: 'absent', exitCode: 69 });
    await dead.listen();
    // A killed process leaves its file: so does a socket that is closed behind the back of its name.
    const left = path.join(dead.stateDir, 'control.sock');
    spawnSync(process.execPath, [
      '-e',
      `const net = require('node:net'); const fs = require('node:fs');
       fs.rmSync(${JSON.stringify(left)});
       net.createServer().listen(${JSON.stringify(left)}, () => {
         fs.linkSync(${JSON.stringify(left)}, ${JSON.stringify(`${left}.new`)});
         process.kill(process.pid, 'SIGKILL');
       });`,
    ]);
    expect([existsSync(left), existsSync(`${left}.new`)]).toEqual([true, true]);
    await expect(askEngine(dead.stateDir, ask, systemClock)).rejects.toMatchObject({ code: 'absent' });
    const next = await opened(Promise.resolve(dead));
    await next.listen();
    expect(await askEngine(dead.stateDir, ask, systemClock)).toEqual(WATCHING);
  });

  test('still reaches the engine that has taken the place of one that ends: each takes away its own socket alone', async () => {
    const own = await opened(ControlRoom.make());
    const [first, second] = [await own.listen(), `${own.path}.second`];
    const other = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => other.listen(second, resolve));
    await rename(second, first.path);
    await first.close();
    expect(existsSync(first.path)).toBe(true);
    await new Promise((resolve) => other.close(resolve));
    const next = await own.listen();
    await next.close();
    expect(existsSync(next.path)).toBe(false);
  });

  test('is carried out once when its answer is lost and it is sent again', async () => {
    // The engine takes the command; the way back breaks twice.
    const broken = await opened(ControlRoom.make());
    await mkdir(broken.stateDir, { recursive: true });
    let tries = 0;
    const wall = createServer((socket) => {
      tries++;
      socket.on('data', (bytes) => {
        if (tries < 3) {
          void relay(bytes).then(() => socket.destroy());
        } else void relay(bytes).then((answer) => socket.end(answer));
      });
    });
    const relay = async (bytes: Buffer): Promise<string> => {
      const client = await room.client();
      client.say(bytes.toString());
      return `${JSON.stringify(await client.next())}\n`;
    };
    await new Promise<void>((resolve) => wall.listen(path.join(broken.stateDir, 'control.sock'), resolve));
    const ask = { ask: 'command', command: { id: 'command-9', kind: 'pause' } } as const;
    expect(await askEngine(broken.stateDir, ask, systemClock)).toEqual({ accepted: true, text: 'pause taken' });
    expect(tries).toBe(3);
    expect(room.commands).toEqual([ask.command]);
    await new Promise((resolve) => wall.close(resolve));
  });

  const REFUSED = '{"re":0,"ok":false,"error":"more than 8 questions at once: wait for answers"}\n';

  test.each([
    ['goes away with it', 'silent', 69, 'went away before it answered', undefined],
    ['has no end', 'silent', 69, 'its answer has no end', 'x'.repeat(5 * 1_024 * 1_024)],
    ['is in other words', 'silent', 69, 'what listens there speaks another language', 'HTTP/1.1 400 Bad Request\r\n'],
    ['is a refusal', 'refused', 1, 'more than 8 questions at once: wait for answers', REFUSED],
  ])('is not told that nobody has heard it where the engine’s answer %s', async (_, code, exitCode, reason, text) => {
    const dying = await opened(ControlRoom.make());
    const wall = createServer((socket) => {
      wall.close();
      socket.on('error', () => undefined);
      socket.once('data', () => (text === undefined ? socket.destroy() : socket.write(text)));
    });
    await new Promise<void>((resolve) => wall.listen(dying.path, resolve));
    const asking = askEngine(dying.stateDir, { ask: 'status' }, systemClock);
    const message = expect.stringContaining(reason) as string;
    await expect(asking).rejects.toMatchObject({ code, exitCode, message });
  });

  test('asks three times where the way back breaks, and then says how it broke', async () => {
    const broken = await opened(ControlRoom.make());
    let asked = 0;
    const wall = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        asked++;
        socket.end();
      });
    });
    await new Promise<void>((resolve) => wall.listen(broken.path, resolve));
    await expect(askEngine(broken.stateDir, { ask: 'status' }, systemClock)).rejects.toMatchObject({
      code: 'silent',
      message: `the engine on ${broken.stateDir} does not answer (the connection ended)`,
    });
    expect(asked).toBe(3);
    await new Promise((resolve) => wall.close(resolve));
  });

  test('waits twelve seconds for an engine that takes the question and says nothing, and not once more', async () => {
    const clock = new HandClock(0);
    const deaf = await opened(ControlRoom.make());
    let asked = 0;
    const wall = createServer((socket) => socket.once('data', () => asked++));
    await new Promise<void>((resolve) => wall.listen(deaf.path, resolve));
    let told: unknown;
    const asking = askEngine(deaf.stateDir, { ask: 'status' }, clock).catch((error: unknown) => (told = error));
    await expect.poll(() => asked).toBe(1);
    clock.pass(11_999);
    await askEngine(room.stateDir, { ask: 'status' }, systemClock);
    expect(told).toBeUndefined();
    clock.pass(1);
    await asking;
    const message = `the engine on ${deaf.stateDir} does not answer (12 s)`;
    expect(told).toMatchObject({ code: 'silent', exitCode: 69, message });
    expect([asked, clock.dueMs]).toEqual([1, Infinity]);
    await new Promise((resolve) => wall.close(resolve));
  });

  test('gives up on an engine that stands still, and says that the command may still be carried out', async () => {
    const clock = new HandClock(0);
    const stuck = await opened(ControlRoom.open(clock));
    let finish: (answer: CommandAnswer) => void = () => undefined;
    stuck.carryOut = () => new Promise((resolve) => (finish = resolve));
    const client = await stuck.client();
    client.say(command('pause'));
    await expect.poll(() => stuck.commands.length).toBe(1);
    clock.pass(10_000);
    const error = 'the engine has not answered within 10 s; it may still do what was asked';
    expect(await client.next()).toMatchObject({ ok: false, error });
    finish({ accepted: true, text: 'too late' });
    await askEngine(stuck.stateDir, { ask: 'status' }, systemClock);
    clock.pass(10_000);
    expect(await client.next()).toBeUndefined();
  });
});

describe('a command’s id', () => {
  test('gets its first answer again, also while that is still to come, and nothing is done twice (Y09)', async () => {
    let finish: (answer: CommandAnswer) => void = () => undefined;
    room.carryOut = () => new Promise((resolve) => (finish = resolve));
    const first = await room.client();
    const second = await room.client();
    first.say(command('close', 'command-2', 'SOLUSDT'));
    await expect.poll(() => room.commands.length).toBe(1);
    second.say(command('close', 'command-2', 'SOLUSDT'));
    second.say({ re: 1, ask: 'status' });
    expect(await second.next()).toMatchObject({ re: 1, ok: true }); // it was read, and waits
    finish({ accepted: true, text: 'SOLUSDT is being closed' });
    const same = { re: 0, ok: true, value: { accepted: true, text: 'SOLUSDT is being closed' } };
    expect(await first.next()).toEqual(same);
    expect(await second.next()).toEqual(same);
    first.say(command('pause', 'command-3'));
    await expect.poll(() => room.commands.length).toBe(2);
    second.say(command('close', 'command-2', 'SOLUSDT'));
    expect(await second.next()).toEqual(same);
    expect(room.commands.map(({ id }) => id)).toEqual(['command-2', 'command-3']);
  });

  test('names one command: another one under the same id is not done', async () => {
    const client = await room.client();
    client.say(command('pause', 'command-3'));
    expect(await client.next()).toMatchObject({ value: { accepted: true } });
    client.say(command('kill', 'command-3'));
    expect(await client.next()).toMatchObject({ value: { accepted: false } });
    expect(room.commands).toHaveLength(1);
  });

  test('is remembered until as many others have come after it as are kept', async () => {
    const own = await opened(ControlRoom.make());
    own.limits = { idsKept: 2 };
    await own.listen();
    const client = await own.client();
    for (const id of ['command-1', 'command-2', 'command-1', 'command-3', 'command-2', 'command-1']) {
      client.say(command('pause', id));
      await client.next();
    }
    expect(own.commands.map(({ id }) => id)).toEqual(['command-1', 'command-2', 'command-3', 'command-1']);
  });
});

describe('a kill', () => {
  test('that comes in pieces is one', async () => {
    const client = await room.client();
    const [status, kill] = [{ re: 1, ask: 'status' }, command('kill', 'command-6')].map(
      (line) => `${JSON.stringify(line)}\n`,
    );
    client.say(`${status}${kill?.slice(0, 30)}`);
    expect(await client.next()).toMatchObject({ re: 1, ok: true });
    client.say(`${kill?.slice(30)}`);
    expect(await client.next()).toMatchObject({ ok: true, value: { accepted: true } });
    expect(room.commands.map(({ id }) => id)).toEqual(['command-6']);
  });

  test('goes before whatever came with it', async () => {
    const client = await room.client();
    const lines = [command('pause', 'command-4'), { re: 1, ask: 'positions' }, command('kill', 'command-5')];
    client.say(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(await client.next()).toBeDefined();
    expect(room.commands.map(({ kind }) => kind)).toEqual(['kill', 'pause']);
    for (let answers = 1; answers < lines.length; answers++) await client.next();
    client.say({ re: 9, ask: 'status' });
    expect(await client.next()).toMatchObject({ re: 9 }); // each was answered once
  });

  test('does not wait for a command that the engine has not finished, nor for room', async () => {
    room.carryOut = ({ kind }) =>
      kind === 'kill' ? Promise.resolve({ accepted: true, text: 'killed' }) : new Promise(() => undefined);
    const client = await room.client();
    for (let i = 0; i < 20; i++) client.say({ ...command('pause', `command-${i}`), re: i });
    await expect.poll(() => room.commands.length).toBe(8);
    client.say({ ...command('kill', 'command-kill'), re: 99 });
    for (let answer = await client.next(); answer?.['re'] !== 99; answer = await client.next()) {
      expect(answer).toMatchObject({ ok: false, error: expect.stringContaining('at once') as string });
    }
    expect(room.commands.filter(({ kind }) => kind === 'pause')).toHaveLength(8);
    expect(room.commands.filter(({ kind }) => kind === 'kill')).toHaveLength(1);
  });

  test('gets through when idlers hold every connection that there is, and nobody who waits for an answer makes room', async () => {
    let finish: (answer: CommandAnswer) => void = () => undefined;
    room.carryOut = ({ kind }) =>
      kind === 'kill' ? Promise.resolve({ accepted: true, text: '' }) : new Promise((resolve) => (finish = resolve));
    const waiting = await room.client();
    waiting.say(command('close', 'command-2', 'SOLUSDT'));
    await expect.poll(() => room.commands.length).toBe(1);
    const idlers = await Promise.all(Array.from({ length: 100 }, () => room.client()));
    const client = await room.client();
    client.say(command('kill'));
    expect(await client.next()).toMatchObject({ value: { accepted: true } });
    await idlers[0]?.ended;
    expect(room.lines.some((line) => line.startsWith('control.refused'))).toBe(true);
    finish({ accepted: true, text: 'SOLUSDT is being closed' });
    expect(await waiting.next()).toMatchObject({ value: { text: 'SOLUSDT is being closed' } });
  });
});

test('where everybody who is connected waits for an answer the one who waits longest makes room', async () => {
  room.carryOut = ({ kind }) =>
    kind === 'kill' ? Promise.resolve({ accepted: true, text: '' }) : new Promise(() => undefined);
  const clients = await Promise.all(Array.from({ length: 32 }, () => room.client()));
  clients.forEach((client, i) => client.say(command('pause', `command-${i}`)));
  await expect.poll(() => room.commands.length).toBe(32);
  const last = await room.client();
  last.say(command('kill', 'command-kill'));
  expect(await last.next()).toMatchObject({ ok: true, value: { accepted: true } });
  const gone = () => clients.filter(({ socket }) => socket.readableEnded || socket.destroyed);
  await expect.poll(gone).toHaveLength(1);
  expect(room.lines.filter((line) => line.includes('more than 32 connections'))).toHaveLength(1);
});

describe('whoever speaks badly', () => {
  test.each([
    ['garbage', '\u0000\u0001\uffff}{"\n'],
    ['another protocol', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['JSON that is no question', '[1, 2, 3]\n'],
    ['a command that does not exist', `${JSON.stringify(command('reverse'))}\n`],
    ['a close of nothing', `${JSON.stringify(command('close'))}\n`],
    ['a close of everything', `${JSON.stringify(command('close', 'command-1', '*'))}\n`],
    ['a command without an id', '{"re":0,"ask":"command","command":{"kind":"kill"}}\n'],
    ['an id with a path in it', `${JSON.stringify(command('kill', 'command-1/../passwords'))}\n`],
    ['more than was asked for', '{"re":0,"ask":"status","and":"kill"}\n'],
    ['a prototype', '{"re":0,"ask":"command","command":{"id":"command-1","kind":"kill","__proto__":{"x":1}}}\n'],
    ['a line without an end', 'x'.repeat(100_000)],
    ['a long line', `{"re":0,"ask":"status"${' '.repeat(5_000)}}\n`],
  ])('%s is refused, nothing is done, and what follows is not listened to', async (_, text) => {
    const client = await room.client();
    client.say(text);
    client.say(command('kill'));
    expect(await client.next()).toMatchObject({ re: -1, ok: false });
    expect(await client.next()).toBeUndefined();
    client.say(command('kill'));
    expect(await askEngine(room.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
    expect(room.commands).toEqual([]);
    expect(room.lines).toEqual([expect.stringMatching(/^control\.refused/)]);
  });

  test('and does not read what he is answered is cut off before it fills the memory', async () => {
    const long = 'x'.repeat(100_000);
    room.status = { ...WATCHING, engine: { ...WATCHING.engine, version: long } };
    const client = await room.client();
    client.socket.pause();
    for (let re = 0; re < 100; re++) client.say({ re, ask: 'status' });
    await expect.poll(() => room.lines).toEqual([expect.stringContaining('reads nothing')]);
  });

  test('has what was asked before it done and answered, in the same breath or earlier', async () => {
    let finish: (answer: CommandAnswer) => void = () => undefined;
    room.carryOut = () => new Promise((resolve) => (finish = resolve));
    const client = await room.client();
    client.say({ re: 1, ask: 'status' });
    client.say(`${JSON.stringify({ ...command('pause'), re: 2 })}\nnonsense\n`);
    const answers = [await client.next(), await client.next()];
    finish({ accepted: true, text: 'paused' });
    answers.push(await client.next());
    expect(answers).toMatchObject([
      { re: 1, ok: true },
      { re: -1, ok: false },
      { re: 2, ok: true, value: { accepted: true } },
    ]);
    await client.ended;
    expect(room.commands).toHaveLength(1);
  });

  test('half a line is nothing, however long it is waited for', async () => {
    const clock = new HandClock(0);
    const still = await opened(ControlRoom.open(clock));
    const client = await still.client();
    const text = JSON.stringify(command('kill'));
    client.say(text.slice(0, -1));
    client.say(text.slice(-1));
    const other = await still.client();
    other.say({ re: 1, ask: 'status' });
    expect(await other.next()).toMatchObject({ ok: true }); // by now the half has been read too
    clock.pass(10_000);
    await client.ended;
    expect(still.commands).toEqual([]);
  });

  test('a question in pieces of one byte is a question', async () => {
    const client = await room.client();
    for (const letter of `${JSON.stringify({ re: 7, ask: 'positions' })}\n`) client.say(letter);
    expect(await client.next()).toEqual({ re: 7, ok: true, value: [HELD] });
  });

  test('one who closes his side after the question still gets its answer', async () => {
    const clock = new HandClock(0);
    const still = await opened(ControlRoom.open(clock));
    let finish: (answer: CommandAnswer) => void = () => undefined;
    still.carryOut = () => new Promise((resolve) => (finish = resolve));
    const client = await still.client();
    client.socket.end(`${JSON.stringify(command('pause'))}\n`);
    await expect.poll(() => still.commands.length).toBe(1);
    await askEngine(still.stateDir, { ask: 'status' }, systemClock);
    finish({ accepted: true, text: 'paused' });
    expect(await client.next()).toMatchObject({ ok: true, value: { text: 'paused' } });
    await client.ended;
    await expect.poll(() => clock.dueMs).toBe(Infinity);
  });

  test('one who goes on asking is not cut off as one who asks nothing', async () => {
    const clock = new HandClock(0);
    const still = await opened(ControlRoom.open(clock));
    const client = await still.client();
    for (const re of [1, 2, 3]) {
      client.say({ re, ask: 'status' });
      expect(await client.next()).toMatchObject({ re, ok: true });
      clock.pass(6_000);
    }
    expect(still.lines).toEqual([]);
  });

  test('one who hangs up before the answer harms nobody', async () => {
    let finish: (answer: CommandAnswer) => void = () => undefined;
    room.carryOut = () => new Promise((resolve) => (finish = resolve));
    const client = await room.client();
    client.say(command('pause'));
    await expect.poll(() => room.commands.length).toBe(1);
    client.socket.destroy();
    finish({ accepted: true, text: '' });
    expect(await askEngine(room.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
  });
});

describe('the socket', () => {
  test('is for its own account alone, and is gone with the engine', async () => {
    const file = path.join(room.stateDir, 'control.sock');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await room.close();
    expect(existsSync(file)).toBe(false);
  });

  test('ends with the engine, who waits for no one who still holds it', async () => {
    const own = await opened(ControlRoom.make(new HandClock(0)));
    const control = await own.listen();
    const client = await own.client();
    await control.close();
    expect(await client.next()).toBeUndefined();
  });

  test('of another account’s engine is told as that, and not as one that nobody listens at', async () => {
    chmodSync(room.stateDir, 0);
    const isRoot = process.geteuid?.() === 0;
    // Whom a mode keeps from nothing.
    if (isRoot) process.seteuid?.(65_534);
    const told = await askEngine(room.stateDir, { ask: 'status' }, systemClock).catch((error: unknown) => error);
    if (isRoot) process.seteuid?.(0);
    chmodSync(room.stateDir, 0o700);
    const message = `the engine on ${room.stateDir} belongs to another account (EACCES): ask as that one (sudo -u)`;
    expect(told).toMatchObject({ code: 'forbidden', exitCode: 69, message });
  });

  test('that cannot let somebody in is told in the log, and lets in who comes then', async () => {
    const listening = vi.spyOn(Server.prototype, 'listen');
    onTestFinished(() => listening.mockRestore());
    const full = await opened(ControlRoom.open());
    (listening.mock.contexts[0] as Server).emit('error', new Error('accept EMFILE'));
    expect(full.lines).toContain('control.trouble {"reason":"accept EMFILE"}');
    expect(await askEngine(full.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
  });

  test('of a living engine is not taken over', async () => {
    const listening = room.listen();
    await expect(listening).rejects.toMatchObject({ code: 'in-use', exitCode: 75 });
    expect(await askEngine(room.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
  });

  test('on a disk that takes no file now may be there later', async ({ skip }) => {
    const { dir, isSmall } = crowdedDisk();
    skip(!isSmall, 'nobody may mount one here');
    await expect(new ControlRoom(dir, systemClock).listen()).rejects.toMatchObject({
      code: 'disk',
      exitCode: 75,
      message: expect.stringMatching(/ENOSPC.*: make room on its disk$/) as string,
    });
  });

  test('where there can be none needs a person', async () => {
    const none = new ControlRoom('/proc/none', systemClock);
    await expect(none.listen()).rejects.toMatchObject({ code: 'disk', exitCode: 78 });
  });

  test('of a directory whose path is too long lies in a private folder, and moves when the engine starts again', async () => {
    const deep = await opened(ControlRoom.make(systemClock, path.join('a'.repeat(80), 'b'.repeat(80))));
    await mkdir(deep.stateDir, { recursive: true });
    const first = await deep.listen();
    expect(Buffer.byteLength(first.path)).toBeLessThan(104);
    expect(statSync(path.dirname(first.path)).mode & 0o777).toBe(0o700);
    expect(readFileSync(path.join(deep.stateDir, 'control.path'), 'utf8').split('\n')[0]).toBe(first.path);
    expect(await askEngine(deep.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
    // As after a kill: its folder is still there.
    await rm(first.path);
    const second = await deep.listen();
    expect(second.path).not.toBe(first.path);
    expect(existsSync(path.dirname(first.path))).toBe(false);
    expect(await askEngine(deep.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
    await second.close();
    expect(existsSync(path.dirname(second.path))).toBe(false);
    expect(existsSync(path.join(deep.stateDir, 'control.path'))).toBe(false);
  });

  test('of a directory whose path is all but too long is one that can be made', async () => {
    const short = path.join(tmpdir(), 'plotnost-control-XXXXXX', 'control.sock');
    for (const bytes of [98, 99, 107]) {
      const own = await opened(ControlRoom.make(systemClock, 'a'.repeat(bytes - short.length - 1)));
      await mkdir(own.stateDir);
      await own.listen();
      expect([bytes, await askEngine(own.stateDir, { ask: 'status' }, systemClock)]).toEqual([bytes, WATCHING]);
    }
  });

  test('of a copied directory is its own: the first engine is not commanded in its name, and stays within reach', async () => {
    const deep = await opened(ControlRoom.make(systemClock, path.join('a'.repeat(80), 'b'.repeat(80))));
    await mkdir(deep.stateDir, { recursive: true });
    const first = await deep.listen();
    const copy = await opened(ControlRoom.make(systemClock, path.join('c'.repeat(80), 'd'.repeat(80))));
    await mkdir(copy.stateDir, { recursive: true });
    await copyFile(path.join(deep.stateDir, 'control.path'), path.join(copy.stateDir, 'control.path'));

    await expect(askEngine(copy.stateDir, { ask: 'status' }, systemClock)).rejects.toMatchObject({ code: 'absent' });
    const second = await copy.listen();
    expect(second.path).not.toBe(first.path);
    expect(await askEngine(copy.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
    expect(await askEngine(deep.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
    expect(existsSync(first.path)).toBe(true);
  });

  test('is looked for nowhere else, whatever stands in the file that names it', async () => {
    const lured = await opened(ControlRoom.make());
    await mkdir(lured.stateDir, { recursive: true });
    const pointer = path.join(lured.stateDir, 'control.path');
    const precious = path.join(lured.stateDir, 'precious', 'control.sock');
    const others = path.join(lured.stateDir, 'plotnost-control-x', 'other');
    const stranger = path.join(lured.stateDir, 'etc', 'passwd');
    for (const file of [precious, others, stranger]) {
      await mkdir(path.dirname(file));
      await writeFile(file, 'precious');
    }
    const point = async (at: string): Promise<void> =>
      writeFile(pointer, `${at}\n${await folderIdentity(lured.stateDir)}\n`);
    for (const named of [stranger, precious, others]) {
      await point(named);
      await expect(askEngine(lured.stateDir, { ask: 'status' }, systemClock)).rejects.toMatchObject({ code: 'absent' });
      await (await lured.listen()).close();
    }
    expect([stranger, precious, others].map((file) => existsSync(file))).toEqual([true, true, true]);
    // Of an engine whose directory had a longer path, or as one might lie: nothing but a socket is taken away.
    const beside = path.join(lured.stateDir, 'plotnost-control-y', 'precious');
    await mkdir(path.dirname(beside));
    await writeFile(beside, 'precious');
    await point(path.join(path.dirname(beside), 'control.sock'));
    await (await lured.listen()).close();
    expect(existsSync(beside)).toBe(true);
    await point(path.join(tmpdir(), 'plotnost-control-gone', 'control.sock'));
    await lured.listen();
    expect(await askEngine(lured.stateDir, { ask: 'status' }, systemClock)).toEqual(WATCHING);
  });
});
