// Which signals came before the run could handle them? Loading takes a second or more, and they would end the process meanwhile.
const EARLY = ['SIGHUP', 'SIGUSR2'] as const;
const heard = new Set<NodeJS.Signals>();

export function catchEarlySignals(): void {
  for (const signal of EARLY) process.on(signal, () => void heard.add(signal));
}

export function cameEarly(signal: (typeof EARLY)[number]): boolean {
  return heard.has(signal);
}
