// Where does a stop wait, and which price sets it off?
import type { Tick } from './units.ts';

export type TriggerBy = 'last' | 'mark' | 'index';

export interface StopPrice {
  readonly tick: Tick;
  readonly by: TriggerBy;
}
