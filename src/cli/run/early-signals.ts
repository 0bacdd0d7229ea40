// What was a run told before it could hear? Loading it takes a second or more, and these signals would end it meanwhile.
const EARLY = ['SIGHUP', 'SIGUSR2'] as const;
const heard = new Set<NodeJS.Signals>();

export function hearEarly(): void {
  for (const signal of EARLY) process.on(signal, () => void heard.add(signal));
}

export function wasHeardEarly(signal: (typeof EARLY)[number]): boolean {
  return heard.has(signal);
}
