// Is maintenance announced, under way or over? As the exchange's status page says it.
import type { Maintenance } from '../faults/doors.ts';

export function systemStatus(maintenance: Maintenance | undefined, nowMs: number): readonly object[] {
  if (maintenance === undefined) return [];
  const { beginMs, endMs } = maintenance;
  const state = nowMs < beginMs ? 'scheduled' : nowMs < endMs ? 'ongoing' : 'completed';
  return [
    {
      id: `maintenance-${beginMs}`,
      title: 'Maintenance of the trading system',
      state,
      begin: String(beginMs),
      end: String(endMs),
      href: '',
      serviceTypes: [1, 2, 3, 4, 5],
      product: [1, 2, 3, 4],
      uidSuffix: [],
      maintainType: 1,
      env: 1,
    },
  ];
}
