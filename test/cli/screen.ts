// codexd on a real terminal: a pty of a given width, and the final screen.
import { codexdCommand, emptyHome } from './process.ts';

export interface ScreenOptions {
  columns: number;
  env?: Record<string, string>;
  /** Presses Ctrl-C as soon as this is on the screen. */
  interruptAt?: RegExp;
  /** Called once with the screen's content, as soon as `at` is there. */
  when?: { at: RegExp; act: (screen: string) => Promise<unknown> };
}

export async function screenOf(argv: readonly string[], options: ScreenOptions) {
  let written = '';
  const decoder = new TextDecoder();
  let { interruptAt, when } = options;
  const child = Bun.spawn([...codexdCommand, ...argv], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: emptyHome(),
      TERM: 'xterm-256color',
      TZ: 'UTC',
      NO_COLOR: '1',
      ...options.env,
    },
    terminal: {
      cols: options.columns,
      rows: 24,
      data(terminal, bytes) {
        written += decoder.decode(bytes, { stream: true });
        const screen = render(written);
        if (when?.at.test(screen)) {
          void when.act(screen);
          when = undefined;
        }
        if (interruptAt?.test(screen)) {
          interruptAt = undefined;
          terminal.write('\x03');
        }
      },
    },
  });
  const exitCode = await child.exited;
  return { exitCode, screen: render(written), written };
}

/** Lines as they look after carriage returns have overwritten parts of them. */
export function render(written: string): string {
  return written
    .split('\n')
    .map((line) => {
      const cells: string[] = [];
      for (const part of line.replace(/\r$/, '').split('\r')) cells.splice(0, [...part].length, ...part);
      return cells.join('').trimEnd();
    })
    .join('\n');
}
