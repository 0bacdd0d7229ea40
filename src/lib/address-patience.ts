// For how long is one address of a host tried before the next?
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/**
 * After Node's 250 ms a host that is farther away is out of reach where its last address is none for this machine, as one of IPv6
 * often is.
 */
const ADDRESS_MS = 1_000;

/** Holds for the calling thread alone: each that connects to others has to call it. */
export function waitForFarAddresses(): void {
  setDefaultAutoSelectFamilyAttemptTimeout(ADDRESS_MS);
}
