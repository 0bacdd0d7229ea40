// Which signals came before the run could handle them? Loading takes a second or more, and they would end the process meanwhile.
const EARLY = ['SIGHUP', 'SIGUSR2'] as const;
const heard = new Set<NodeJS.Signals>();

export function catchEarlySignals(): void {
  for (const signal of EARLY) process.on(signal, () => void heard.add(signal));
  // Node's own answer opens a debugger's port, and whoever else is on the machine reads keys and sends orders through it.
  process.on('SIGUSR1', () => void process.stderr.write('SIGUSR1 does nothing: the kill switch is SIGUSR2\n'));
}

export function cameEarly(signal: (typeof EARLY)[number]): boolean {
  return heard.has(signal);
}
