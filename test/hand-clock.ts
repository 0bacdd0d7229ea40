// What if time stood still until a test moves it? What is due meanwhile runs at its own time.
import { Agenda } from '../src/simulator/agenda.ts';

export class HandClock extends Agenda {
  pass(ms: number): void {
    this.elapse(this.monotonic() + ms);
  }
}
