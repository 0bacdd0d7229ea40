// How does the public feed reach the exchange without a socket? The same frames, as bytes, on the exchange's own time.
import type { Dial } from '../../src/bybit/feed/dial.ts';
import type { Ms } from '../../src/lib/brand.ts';
import type { Connection } from '../../src/simulator/connection.ts';
import type { World } from './world.ts';

export function publicDial(world: World, taken: () => void = () => undefined): Dial {
  return (_url, events) => {
    const { exchange, agenda } = world;
    const life = world.clock;
    let connection: Connection | undefined;
    let isEnded = false;
    let lastMs = 0;
    /** In the order in which it was sent. */
    const travel = (run: () => void): void => {
      lastMs = Math.max(lastMs, agenda.monotonic() + world.hopMs());
      agenda.at(lastMs, run);
    };
    const closed = (reason: string): void =>
      travel(() =>
        life.hand(() => {
          if (isEnded) return;
          isEnded = true;
          events.closed(reason);
        }),
      );
    travel(() => {
      const door = exchange.door('/v5/public/linear');
      if (door === 'black-hole') return;
      if (door !== 'public' || life.isDead) return closed('refused');
      connection = exchange.open('public', {
        send: (text) =>
          travel(() =>
            life.hand(() => {
              // What was on its way when the engine left still comes out of the kernel's buffers (B10).
              if (isEnded) world.lateFrames++;
              const frame = Buffer.isBuffer(text) ? text : Buffer.from(text);
              const bytes = world.tamper === undefined ? frame : world.tamper(frame);
              if (bytes === undefined) return;
              world.heard('public', bytes);
              events.message(bytes);
              taken();
            }),
          ),
        cut: () => closed('closed'),
      });
      world.opened(connection);
      travel(() =>
        life.hand(() => {
          if (!isEnded) events.open();
        }),
      );
    });
    // A handshake that nobody answers is given up by the socket itself.
    agenda.after(5_000 as Ms, () => {
      if (connection === undefined && !isEnded) closed('handshake timeout');
    });
    return {
      send: (text) => {
        world.said('public', text);
        travel(() => connection?.receive(text));
      },
      buffered: () => 0,
      terminate() {
        isEnded = true;
        travel(() => connection?.ended());
      },
    };
  };
}
