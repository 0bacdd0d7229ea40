// How do threads share memory that begins on a cache line? What `new SharedArrayBuffer` gives begins anywhere; WebAssembly's begins on a
// page.

const PAGE_BYTES = 65_536;

/** Memory of at least so many bytes, all zero, that never grows. */
export function createSharedPages(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
