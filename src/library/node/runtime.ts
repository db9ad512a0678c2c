// What the packed library uses of Bun's API and of JavaScript newer than Node 20. `scripts/pack.ts` imports these names
// into every file that uses them. On Bun they are Bun's own.
import { createHash, type Hash } from 'node:crypto';
import { promisify } from 'node:util';
import { Worker as NodeThread, parentPort } from 'node:worker_threads';
import * as zlib from 'node:zlib';
import { fileOf } from './file.ts';
import { spawn, spawnSync, stripANSI, which } from './programs.ts';

const onBun = process.versions.bun !== undefined;

class Hasher {
  private readonly hash: Hash;

  constructor(algorithm: string) {
    this.hash = createHash(algorithm);
  }

  update(text: string): this {
    this.hash.update(text);
    return this;
  }

  digest(encoding: 'hex' | 'base64' | 'base64url'): string {
    return this.hash.digest(encoding);
  }
}

/** Replaces the global `Bun` on Node, with the functions that `CodexClient`, `transcribe` and the translators use. */
const standIn = {
  file: fileOf,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  hash: (text: string) => createHash('sha1').update(text).digest('base64'),
  CryptoHasher: Hasher,
  // Node 20 has none, so `forNode` turns compression off.
  zstdCompress: zlib.zstdCompress && promisify(zlib.zstdCompress),
  ...{ spawn, spawnSync, which, stripANSI },
};

const own = onBun ? globalThis.Bun : standIn;

export { own as Bun };

/** `bun:ffi`, for flock. Node has none, so logins are locked with lock files. */
export function ffi(): typeof import('bun:ffi') | undefined {
  return process.getBuiltinModule('bun:ffi') as typeof import('bun:ffi') | undefined;
}

export function withResolvers<T>() {
  let resolve: (value: T | PromiseLike<T>) => void = () => {};
  let reject: (reason?: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** `Uint8Array.fromBase64` of base64url text, which throws for anything else. */
export function fromBase64(text: string): Uint8Array {
  if (!/^[\w-]*$/.test(text)) throw new SyntaxError('not base64url');
  return Buffer.from(text, 'base64url');
}

/** `RegExp.escape`: the text as a pattern, valid anywhere in one and with any flag. */
export function escapeRegExp(text: string): string {
  const hex = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return text
    .replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&')
    .replace(/[,\-=<>#&!%:;@~'`" ]/g, hex)
    .replace(/^[0-9A-Za-z]/, hex);
}

/** A web worker with the parts that `audio/silk/thread.ts` uses. */
class Thread {
  onmessage: (event: { data: unknown }) => void = () => {};
  onerror: (event: { error: unknown; message: string }) => void = () => {};
  readonly #thread: NodeThread;

  constructor(url: URL) {
    this.#thread = new NodeThread(url);
    this.#thread.on('message', (data: unknown) => this.onmessage({ data }));
    this.#thread.on('error', (error: Error) => this.onerror({ error, message: error.message }));
  }

  addEventListener(_type: 'close', listener: () => void): void {
    this.#thread.once('exit', listener);
  }

  postMessage(message: unknown): void {
    this.#thread.postMessage(message);
  }

  terminate(): void {
    void this.#thread.terminate();
  }
}

const ownWorker = onBun ? globalThis.Worker : Thread;

export { ownWorker as Worker };

/** The worker's side of it. */
interface Scope {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: unknown): void;
}

const scope: Scope = {
  set onmessage(listener: Scope['onmessage']) {
    parentPort?.on('message', (data: unknown) => listener({ data }));
  },
  postMessage: (message) => parentPort?.postMessage(message),
};

const ownSelf = onBun ? globalThis : scope;

export { ownSelf as self };
