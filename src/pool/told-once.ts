// A thread may die between telling an event and noting that it did. How does each life still end exactly once?
import { lifeKey } from '../scan/event.ts';
import type { OnEvent } from './analysis.ts';

/**
 * Whoever takes over ends what he finds, also a life whose birth was never told or whose label was told already: those
 * labels go no further. For all threads of an engine together, because lives move between them.
 */
export function toldOnce(onEvent: OnEvent): OnEvent {
  const living = new Set<number>();
  return (event) => {
    const life = lifeKey(event);
    if (event.kind !== 'label') living.add(life);
    else if (!living.delete(life)) return;
    onEvent(event);
  };
}
