// A process that takes the lock of its state directory some times, and tells whether it was alone with it. It also leaves
// the claims of the dead behind.
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { claim } from '../../src/lib/claim.ts';

const dir = process.argv[2] as string;
const place = path.join(dir, 'engine.lock');
const witness = path.join(dir, 'witness');
/** Claims of others come and go meanwhile. */
function readText(name: string): string {
  try {
    return readFileSync(path.join(dir, name), 'utf8');
  } catch {
    return '';
  }
}

/** On a full disk it is a link, and says by its target whose it is. */
function targetOf(name: string): string | undefined {
  try {
    return readlinkSync(path.join(dir, name));
  } catch {
    return undefined;
  }
}

function die(claim: string): void {
  if (targetOf(claim) === undefined) {
    return writeFileSync(path.join(dir, claim), JSON.stringify({ pid: 0, identity: 'killed' }));
  }
  const draft = path.join(dir, `dead-${process.pid}`);
  symlinkSync('0:killed', draft);
  renameSync(draft, path.join(dir, claim));
}

for (let held = 0; held < 5;) {
  const answer = await claim(place);
  if (answer.kind === 'taken') continue;
  held++;
  try {
    closeSync(openSync(witness, 'wx'));
    process.stdout.write('alone\n');
    rmSync(witness);
  } catch {
    process.stdout.write('not alone\n');
  }
  const claims = readdirSync(dir).filter((name) => /^engine\.lock\.\d+$/.test(name));
  const own = claims.find(
    (name) => targetOf(name)?.startsWith(`${process.pid}:`) ?? readText(name).includes(`"pid":${process.pid},`),
  ) as string;
  if (held % 2 === 0) await answer.release();
  // As if it had been killed: the claim stays, and its process is not there.
  else die(own);
}
