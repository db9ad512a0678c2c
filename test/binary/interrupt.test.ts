// Ctrl-C at a terminal: the terminal sends a character, which the reader of the terminal must treat as the signal.
import { afterAll, expect, test } from 'bun:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { codexdCommand, emptyHome } from '../cli/process.ts';
import { until } from '../support/until.ts';

const simulator = startSimulator();
/** ICANON of termios. */
const lineMode = process.platform === 'linux' ? 0x2 : 0x100;
afterAll(() => simulator.stop());

test.skipIf(process.platform === 'win32')(
  'the first Ctrl-C at the prompt of `login --no-browser` ends it with 130',
  async () => {
    let shown = '';
    const { promise: prompted, resolve } = Promise.withResolvers<void>();
    const child = Bun.spawn(
      [...codexdCommand, 'login', '--no-browser', '--issuer', simulator.issuer, '--port', '0'],
      {
        env: { PATH: process.env.PATH, HOME: emptyHome(), TERM: 'xterm' },
        terminal: {
          data(_, bytes) {
            shown += Buffer.from(bytes).toString();
            if (shown.includes('Waiting for the browser')) resolve();
          },
        },
      },
    );
    await prompted;
    // Until the program reads keys instead of lines, the character has no effect on a terminal without a session.
    await until(() => (child.terminal!.localFlags & lineMode) === 0);
    child.terminal!.write('\x03');
    expect(await child.exited).toBe(130);
    expect(shown).not.toContain('    at ');
  },
);
