// How does a test get an exchange on real sockets that its own busy thread cannot stall? In a worker thread.
import { type MessagePort, Worker } from 'node:worker_threads';
import { assert } from '../lib/assert.ts';
import { systemClock } from '../lib/clock.ts';
import { type Simulator, type SimulatorLog, type SimulatorOptions, startSimulator } from './server.ts';

const ENTRY = new URL('../../workers/simulator.ts', import.meta.url);

export type SimulatorPlace = Pick<
  Simulator,
  'restUrl' | 'publicUrl' | 'privateUrl' | 'tradeUrl' | 'controlUrl' | 'keys'
>;

export interface SimulatorWorker extends SimulatorPlace {
  /** Ends it; its files are whole afterwards. Rejects with the error by which it has ended itself. */
  close(): Promise<void>;
}

export async function startSimulatorWorker(options: SimulatorOptions): Promise<SimulatorWorker> {
  const worker = new Worker(ENTRY, { workerData: options });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject).once('exit', () => resolve());
  });
  const opened = new Promise<SimulatorPlace>((resolve) => worker.once('message', resolve));
  const place = await Promise.race([opened, ended]);
  assert(place !== undefined, 'who ends without an error was told to');
  return {
    ...place,
    async close() {
      worker.postMessage('end');
      await ended;
    },
  };
}

/** Inside the worker: reports the addresses of the exchange, and ends it with the first message from outside. */
export async function runSimulatorWorker(port: MessagePort, options: SimulatorOptions): Promise<void> {
  const silent: SimulatorLog = { info() {}, warn() {} };
  const simulator = await startSimulator(options, systemClock, silent);
  const { restUrl, publicUrl, privateUrl, tradeUrl, controlUrl, keys } = simulator;
  port.postMessage({ restUrl, publicUrl, privateUrl, tradeUrl, controlUrl, keys } satisfies SimulatorPlace);
  await new Promise((resolve) => port.once('message', resolve));
  await simulator.close();
  port.close();
}
