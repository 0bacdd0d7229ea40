// What of WebAssembly is used here: Node has all of it, its types have not.
declare namespace WebAssembly {
  class Memory<Buffer extends ArrayBufferLike = SharedArrayBuffer> {
    constructor(descriptor: { readonly initial: number; readonly maximum?: number; readonly shared?: true });
    readonly buffer: Buffer;
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: { readonly env: { readonly memory: Memory<ArrayBufferLike> } });
    readonly exports: object;
  }
}
