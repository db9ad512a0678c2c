// The receiving end of sd_notify(3): a datagram socket of the test's own, in a Python process, because Bun has none.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

const program = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1].replace('@', '\\0', 1))
print('bound', flush=True)
while True:
    print(repr(receiver.recv(65536).decode()), flush=True)
`;

/** Undefined if the tests that need the socket can run, otherwise the reason. */
export const noNotifySocket =
  process.platform !== 'linux' ? 'only Linux has systemd' : Bun.which('python3') ? undefined : 'no python3';

export interface NotifySocket extends AsyncDisposable {
  /** The value of NOTIFY_SOCKET. */
  address: string;
  /** Messages so far. */
  messages: readonly string[];
  /** Resolves once a message matches. */
  receives(pattern: RegExp): Promise<void>;
  /** Stops reading permanently. */
  pause(): void;
}

export async function openNotifySocket(kind: 'path' | 'abstract' = 'path'): Promise<NotifySocket> {
  const directory = mkdtempSync(join(tmpdir(), 'codexd-notify-'));
  const address = kind === 'path' ? join(directory, 'notify') : `@codexd-${crypto.randomUUID()}`;
  const receiver = Bun.spawn(['python3', '-c', program, address], { stdout: 'pipe', stderr: 'inherit' });
  let output = '';
  const messages: string[] = [];
  void (async () => {
    const decoder = new TextDecoder();
    for await (const bytes of receiver.stdout) {
      output += decoder.decode(bytes, { stream: true });
      const lines = output.split('\n');
      messages.splice(0, messages.length, ...lines.slice(1, -1).map(text));
    }
  })();
  await until(() => output.startsWith('bound\n'));
  return {
    address,
    messages,
    receives: (pattern) => until(() => messages.some((message) => pattern.test(message))),
    pause: () => receiver.kill('SIGSTOP'),
    async [Symbol.asyncDispose]() {
      receiver.kill('SIGKILL');
      await receiver.exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Python's `repr` of a message without quotes in it. */
function text(literal: string): string {
  return literal.slice(1, -1).replaceAll('\\n', '\n');
}
