// hot: for level changes and trades of lives; allocates nothing.
// What did a change of a density's size mean: eaten, pulled, refilled, or nobody knows? (strategy 3)
import { L_ADJUSTED, L_CURRENT, L_EATEN, L_PULLED, L_REFILLED, L_TRADED } from './layout.ts';

/** Books a change, [units by which it fell (negative: rose), units that traded at that price meanwhile]. */
export function account(lives: Float64Array, life: number, change: Float64Array): void {
  const fall = change[0] as number;
  const traded = change[1] as number;
  const fell = Math.max(0, fall);
  lives[life + L_EATEN] = (lives[life + L_EATEN] as number) + Math.min(fell, traded);
  lives[life + L_PULLED] = (lives[life + L_PULLED] as number) + Math.max(0, fell - traded);
  lives[life + L_REFILLED] = (lives[life + L_REFILLED] as number) + Math.max(0, traded - fall);
  lives[life + L_TRADED] = (lives[life + L_TRADED] as number) + traded;
  lives[life + L_CURRENT] = (lives[life + L_CURRENT] as number) - fall;
}

export function adjust(lives: Float64Array, life: number, units: number): void {
  lives[life + L_ADJUSTED] = (lives[life + L_ADJUSTED] as number) + units;
  lives[life + L_CURRENT] = (lives[life + L_CURRENT] as number) + units;
}

/** What seemed pulled was eaten; what is more than that had come back at once. */
export function explain(lives: Float64Array, life: number, units: number): void {
  const moved = Math.min(units, lives[life + L_PULLED] as number);
  lives[life + L_PULLED] = (lives[life + L_PULLED] as number) - moved;
  lives[life + L_EATEN] = (lives[life + L_EATEN] as number) + moved;
  lives[life + L_REFILLED] = (lives[life + L_REFILLED] as number) + units - moved;
  lives[life + L_TRADED] = (lives[life + L_TRADED] as number) + units;
}
