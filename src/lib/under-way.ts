// How much of what was handed to another thread is it not done with? Sent is a number, done a word of 32 bits, which wraps.

export function underWay(sent: number, done: Int32Array): number {
  return (sent - Atomics.load(done, 0)) | 0;
}
