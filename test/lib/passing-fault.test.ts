// Which end does a start come to by what its disk says? A service manager starts it again after 75, and never after 78.
import { expect, test } from 'vitest';
import { refusedByDisk } from '../../src/cli/run/process.ts';
import { ControlError } from '../../src/ops/control-error.ts';
import { diskError } from '../../src/state/state-error.ts';

const ends = (code: string): readonly number[] => {
  const error = Object.assign(new Error(code), { code });
  const refusals = [
    diskError('', error),
    new ControlError('disk', '', error),
    refusedByDisk('', error, 'name another'),
  ];
  return [...new Set(refusals.map(({ exitCode }) => exitCode))];
};

test.each(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE'])('%s passes: the same start may go well later', (code) => {
  expect(ends(code)).toEqual([75]);
});

test.each(['EACCES', 'EPERM', 'ENOTDIR', 'EROFS', 'ENAMETOOLONG'])('%s stays until a person mends it', (code) => {
  expect(ends(code)).toEqual([78]);
});
