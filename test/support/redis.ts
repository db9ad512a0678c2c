// A Redis of the test's own, with nothing on disk. Debian's package is enough: ./scripts/redis installs it.
import { until } from './until.ts';

export interface RunningRedis {
  url: string;
  port: number;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const programs = ['redis-server', 'valkey-server'];

export function installedRedis(): { program: string } | { why: string } {
  const program = programs.find((name) => Bun.which(name) !== null);
  return program === undefined ? { why: `neither ${programs.join(' nor ')} is installed` } : { program };
}

export async function startRedis(port = freePort(), more: string[] = []): Promise<RunningRedis> {
  const found = installedRedis();
  if ('why' in found) throw new Error(found.why);
  const options = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...more];
  const child = Bun.spawn([found.program, '--port', String(port), ...options], {
    stdout: 'ignore',
    stderr: 'ignore',
    stdin: 'ignore',
  });
  await until(() => isOpen(port));
  const stop = async () => {
    child.kill('SIGKILL');
    await child.exited;
  };
  return { url: `redis://127.0.0.1:${port}`, port, stop, [Symbol.asyncDispose]: stop };
}

function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
