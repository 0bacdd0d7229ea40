// What does something that was thrown say of itself?

/** An attempt over several addresses says nothing of its own, but each of its errors does. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
