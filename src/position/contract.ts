// What must be known of a contract to trade it, and to leave it?
import type { ContractFacts } from '../risk/situation.ts';

export interface Contract extends ContractFacts {
  /** How far from the mark an order may be priced, as a fraction: X of the price band. */
  readonly bandRatio: number;
}
