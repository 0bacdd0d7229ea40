// How fast are entries off and everything closed, by each way to say stop? node test/safety/kill-switch-run.ts --rounds 3
import { readFlags } from '../flags.ts';
import { killBy, killWhileUnreachable, restartKilled, resume, WAYS, type Killed } from './kill-switch.ts';
import { SafetyRoom } from './room.ts';

const { values } = readFlags('node test/safety/kill-switch-run.ts', {
  rounds: { type: 'whole', least: 1, default: 3, says: 'of every way to say stop' },
  positions: { type: 'whole', least: 1, default: 5, says: 'open before it is said' },
  seed: { type: 'whole', default: 2, says: 'of the exchange' },
});
const { positions } = values;
const ENTRY_MS_MAX = 50;
const FLAT_MS_MAX = 5_000;
let failed = 0;
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (killed: Killed, flatMsMax = FLAT_MS_MAX): void => {
  const { way, lastEntryMs, flatMs, naked, sentAfter } = killed;
  const isFine = lastEntryMs <= ENTRY_MS_MAX && flatMs <= flatMsMax && naked === 0 && sentAfter === 0;
  if (!isFine) failed++;
  const figures = [killed.positions, lastEntryMs, flatMs, naked, sentAfter].map((figure) => `${figure}`.padStart(11));
  say(`${way.padEnd(12)}${figures.join(' ')}  ${isFine ? 'ok' : 'FAILED'}`);
};

const room = await SafetyRoom.open({ seed: values.seed, symbols: 40 });
try {
  say('way           positions  last entry     flat ms       naked  sent after');
  for (let round = 0; round < values.rounds; round++) {
    for (const way of WAYS) {
      tell(await killBy(room, way, positions));
      await resume(room);
    }
  }
  const blindMs = 8_000;
  const honest = await killWhileUnreachable(room, positions, blindMs);
  tell(honest.killed, blindMs + 2_000);
  if (honest.saidFlatWhileBlind || honest.code !== 0) failed++;
  say(
    `while unreachable: ${honest.openWhileBlind} open, flatten ${honest.saidFlatWhileBlind ? 'SAID FLAT' : 'did not say flat'}, then exit ${honest.code}`,
  );
  await resume(room);
  const restarted = await restartKilled(room, positions);
  if (restarted.entries > 0 || !restarted.isKilled || restarted.mode !== 'HALTED') failed++;
  say(
    `after a restart: ${restarted.open} were open, ${restarted.entries} entries, killed ${restarted.isKilled}, ${restarted.mode}`,
  );
} finally {
  await room.close();
}
process.exitCode = failed === 0 ? 0 : 1;
