// What does one connection of an operator ask, and what is it answered? Bounded in everything, and a kill goes first.
import type { Socket } from 'node:net';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { ANSWER_BYTES_MAX, QUESTION_BYTES_MAX, readQuestion, type Answer, type Question } from './control-words.ts';

/** Calls `answer` once. */
export type Serve = (question: Question, answer: (value: unknown) => void) => void;

export interface SessionPorts {
  readonly clock: Clock;
  readonly serve: Serve;
  /** The connection was ended by us: it said what nobody understands, too much of it, or nothing at all. */
  readonly onEnded: (reason: string) => void;
}

/** Without a whole question for so long it is over. */
const IDLE = 10_000 as Ms;
/** A command that the engine does not get to in this time is answered so; it may still be carried out. */
const ANSWER = 10_000 as Ms;
const OPEN_MAX = 8;
const NEWLINE = 10;

export class ControlSession {
  readonly #socket: Socket;
  readonly #ports: SessionPorts;
  #held: Buffer = Buffer.alloc(0);
  #open = 0;
  /** Or is not listened to any more. */
  #hasPeerEnded = false;
  #idle: Timer;

  constructor(socket: Socket, ports: SessionPorts) {
    this.#socket = socket;
    this.#ports = ports;
    this.#idle = this.#patience();
    socket.on('data', (bytes: Buffer) => this.#hear(bytes));
    socket.on('end', () => {
      this.#hasPeerEnded = true;
      this.#endIfDone();
    });
    socket.on('error', () => socket.destroy()); // whoever hangs up has nothing more to be told
    socket.on('close', () => this.#idle.cancel());
  }

  /** Nothing that it has asked is unanswered. */
  get isIdle(): boolean {
    return this.#open === 0;
  }

  end(): void {
    this.#socket.destroy();
  }

  #patience(): Timer {
    return this.#ports.clock.after(IDLE, () => {
      if (this.isIdle) this.#cut('asks nothing');
      else this.#idle = this.#patience();
    });
  }

  #hear(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    const questions: Question[] = [];
    let fault: string | undefined;
    for (let at = this.#held.indexOf(NEWLINE); at >= 0; at = this.#held.indexOf(NEWLINE)) {
      if (at > QUESTION_BYTES_MAX) break;
      const line = this.#held.toString('utf8', 0, at);
      this.#held = this.#held.subarray(at + 1);
      const question = readQuestion(line);
      if (typeof question === 'string') {
        fault = question;
        break;
      }
      questions.push(question);
    }
    if (this.#held.length > QUESTION_BYTES_MAX) fault ??= `a question has at most ${QUESTION_BYTES_MAX} bytes`;
    for (const question of questions.filter(isKill)) this.#take(question);
    for (const question of questions.filter((one) => !isKill(one))) this.#take(question);
    if (fault !== undefined) this.#refuse(fault);
  }

  #take(question: Question): void {
    const { re } = question;
    if (this.#open >= OPEN_MAX && !isKill(question)) {
      return this.#say({ re, ok: false, error: `more than ${OPEN_MAX} questions at once: wait for answers` });
    }
    this.#open++;
    this.#idle.cancel();
    this.#idle = this.#patience();
    let isOver = false;
    const finish = (answer: Answer): void => {
      if (isOver) return;
      isOver = true;
      deadline.cancel();
      this.#open--;
      this.#say(answer);
      this.#endIfDone();
    };
    const deadline = this.#ports.clock.after(ANSWER, () => {
      const error = `the engine has not answered within ${ANSWER / 1_000} s; it may still do what was asked`;
      finish({ re, ok: false, error });
    });
    this.#ports.serve(question, (value) => finish({ re, ok: true, value }));
  }

  #say(answer: Answer): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(`${JSON.stringify(answer)}\n`);
    if (this.#socket.writableLength > ANSWER_BYTES_MAX) this.#cut('reads nothing');
  }

  /** What comes after it is not listened to; what was asked before it is still answered. */
  #refuse(error: string): void {
    this.#socket.removeAllListeners('data');
    this.#say({ re: -1, ok: false, error });
    this.#hasPeerEnded = true;
    this.#endIfDone();
    this.#ports.onEnded(error);
  }

  #cut(reason: string): void {
    this.#socket.destroy();
    this.#ports.onEnded(reason);
  }

  #endIfDone(): void {
    if (this.#hasPeerEnded && this.isIdle) this.#socket.end();
  }
}

function isKill(question: Question): boolean {
  return question.ask === 'command' && question.command.kind === 'kill';
}
