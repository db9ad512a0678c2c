// A program on a terminal, in tmux.

export const hasTmux = Bun.which('tmux') !== null;

export interface TmuxOptions {
  /** The program and its arguments. */
  command: readonly string[];
  cwd: string;
  home: string;
  env?: Record<string, string>;
}

export class TmuxScreen implements AsyncDisposable {
  readonly #socket = `codexd-${crypto.randomUUID()}`;

  constructor({ command, cwd, home, env }: TmuxOptions) {
    const variables = Object.entries({
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: home,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      ...env,
    }).map(([name, value]) => `${name}=${value}`);
    this.#tmux(
      'new-session',
      '-d',
      '-x',
      '120',
      '-y',
      '45',
      '-c',
      cwd,
      'env',
      '-i',
      ...variables,
      ...command,
    );
  }

  /** The non-empty lines. */
  text(): string {
    const { stdout } = this.#tmux('capture-pane', '-p');
    return stdout.toString().replace(/^\s*\n/gm, '');
  }

  /** The screen as soon as it shows `pattern`. */
  async shows(pattern: RegExp, timeoutMs = 80_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const text = this.text();
      if (pattern.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`The screen never showed ${pattern}:\n${text}`);
      await Bun.sleep(50);
    }
  }

  type(text: string): void {
    this.#tmux('send-keys', '-l', text);
  }

  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tmux('kill-server');
  }

  #tmux(...args: string[]) {
    return Bun.spawnSync(['tmux', '-L', this.#socket, '-f', '/dev/null', ...args]);
  }
}
