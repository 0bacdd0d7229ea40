// Where was each book scanned? One record a scan, from the thread that scans to main, for whoever wants to do it again.

/** Slot, tenancy, the exchange's number of the newest message that was seen, and how often the slot's densities began anew. */
export const SCAN_STRIDE = 4;
/** More than a thread scans between two batches of frames. */
export const SCANS_MAX = 16_384;
