// When has the scanner read a frame? It is called inside of the ingest, so its stamp is taken there.
import { FrameScanner } from '../../src/bybit/frames/scanner.ts';
import { FRAME_SCANNED } from './probe.ts';
import type { Probe } from './probe.ts';

export function stampScanner(probe: Probe): void {
  const { prototype } = FrameScanner;
  const scan = Reflect.get(prototype, 'scan') as (this: FrameScanner, bytes: Uint8Array) => number;
  Reflect.set(prototype, 'scan', function (this: FrameScanner, bytes: Uint8Array): number {
    const kind = scan.call(this, bytes);
    probe.pass(FRAME_SCANNED, probe.place);
    return kind;
  });
}
