// What does an account see that owns nothing? A mode keeps root from nothing, so it works as nobody meanwhile.
const NOBODY = 65_534;

export async function asNobody<T>(work: () => T | Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
