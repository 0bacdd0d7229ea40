// Do secrets stay where they are used, with every error of the exchange in between? node test/safety/canary-run.ts --executions 40
import { readFlags } from '../flags.ts';
import { SERVERS } from '../store/servers.ts';
import { FAULTS, takeCourse } from './canary-course.ts';
import { CanaryRoom } from './canary-room.ts';

const { values } = readFlags('node test/safety/canary-run.ts', {
  executions: { type: 'whole', least: 1, default: 40, says: 'on each server before the faults begin' },
});
const say = (text: string): void => void process.stdout.write(`${text}\n`);
let leaks = 0;
for (const server of SERVERS) {
  const room = await CanaryRoom.open(server);
  try {
    const { answers, messages, alerts, executions, files, rows, commands, engine } = await takeCourse(room, {
      executions: values.executions,
      faults: FAULTS,
    });
    say(`${server.name}: ${executions} executions, then ${FAULTS.join(', ')}; the crash ended it with ${engine.code}`);
    for (const [args, { code, stderr }] of commands) say(`  ${args}: exit ${code} ${stderr}`.trimEnd());
    const counted = [...rows.values()].reduce((sum, count) => sum + count, 0);
    say(`  ${answers.length} answers, ${messages} messages, ${alerts} alerts, ${files.length} files, ${counted} rows`);
    for (const [place, bytes] of room.collector.bytes) say(`  ${place}: ${bytes} bytes`);
    for (const leak of room.collector.found) say(`  LEAK ${leak}`);
    leaks += room.collector.found.length;
  } finally {
    await room.close();
  }
}
say(`${leaks} leaks`);
process.exitCode = leaks === 0 ? 0 : 1;
