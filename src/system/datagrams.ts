// Datagrams over Unix sockets (docs/bun.md#datagrams) and the monotonic clock, through the C library. Linux only; the
// library has the same name in glibc and musl (docs/bun.md#libc-name).
import { dlopen, read } from 'bun:ffi';
import { constants } from 'node:os';

const signatures = {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  sendto: { args: ['i32', 'ptr', 'u64', 'i32', 'ptr', 'u32'], returns: 'i64' },
  clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' },
  __errno_location: { args: [], returns: 'ptr' },
} as const;

const unixFamily = 1;
/** SOCK_DGRAM | SOCK_CLOEXEC: programs that codexd starts do not inherit it. */
const datagramSocket = 0o2000002;
/** MSG_DONTWAIT | MSG_NOSIGNAL: a receiver that does not read never blocks the daemon. */
const sendFlags = 0x4040;
const monotonicClock = 1;

export interface Datagrams {
  /** Throws an error with a `code`, like those of `node:fs`. */
  send(text: string): void;
  /** CLOCK_MONOTONIC, which other processes also use. */
  monotonicMicroseconds(): bigint;
}

/** Sends to a Unix socket: its path, or `@name` for an abstract one. Throws if the C library cannot be used. */
export function openDatagrams(path: string): Datagrams {
  const { symbols: libc } = dlopen('libc.so.6', signatures);
  const address = addressOf(path);
  const fd = libc.socket(unixFamily, datagramSocket, 0);
  const check = (result: number | bigint) => {
    if (result >= 0) return;
    const location = libc.__errno_location();
    throw errnoError(location === null ? 0 : read.i32(location, 0));
  };
  check(fd);
  return {
    send(text) {
      const bytes = Buffer.from(text);
      check(libc.sendto(fd, bytes, bytes.length, sendFlags, address, address.length));
    },
    monotonicMicroseconds() {
      const time = new BigInt64Array(2);
      check(libc.clock_gettime(monotonicClock, time));
      return time[0]! * 1_000_000n + time[1]! / 1000n;
    },
  };
}

/** `struct sockaddr_un`: a path ends with a NUL, an abstract name begins with one. */
function addressOf(path: string): Buffer {
  const family = Buffer.alloc(2);
  new Uint16Array(family.buffer, family.byteOffset, 1)[0] = unixFamily;
  const name = path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`;
  const bytes = Buffer.from(name);
  if (bytes.length > 108) throw Object.assign(new Error('socket name too long'), { code: 'ENAMETOOLONG' });
  return Buffer.concat([family, bytes]);
}

function errnoError(errno: number): Error {
  const [code = `errno ${errno}`] =
    Object.entries(constants.errno).find(([, number]) => number === errno) ?? [];
  return Object.assign(new Error(code), { code });
}
