// What does the desk know inside? For the second line of a defence, which its first one never lets be seen.
import { vi } from 'vitest';
import { Core } from '../../src/position/core.ts';
import { DeskRoom, type RoomOptions } from './desk-room.ts';

export function roomWithCore(options?: RoomOptions): { readonly room: DeskRoom; readonly core: Core } {
  const cores = vi.spyOn(Core.prototype, 'takeEffects');
  const room = new DeskRoom(options);
  const core = cores.mock.contexts[0] as Core;
  cores.mockRestore();
  return { room, core };
}
