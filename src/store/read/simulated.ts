// Was the exchange of a trade there at some moment? A simulated one and paper end with the run that started them, and so do their positions.

/** As SQL, for a row of `trades`; `at` is SQL too, of a time. A run that was killed has no end: it has ended when another begins. */
export function exchangeStood(at: string): string {
  return `((account <> 'simulator:own' AND account NOT LIKE '%:paper') OR session_id = (
    SELECT CASE WHEN ended_at IS NULL OR ended_at > ${at} THEN session_id END
    FROM sessions WHERE started_at <= ${at} ORDER BY started_at DESC LIMIT 1))`;
}
