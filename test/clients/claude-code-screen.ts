// Claude Code on a terminal, run in tmux.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasTmux = Bun.which('tmux') !== null;

export interface ScreenOptions {
  path: string;
  env: Record<string, string>;
  cwd: string;
  args?: string[];
}

export class ClaudeScreen implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'codexd-claude-home-'));
  readonly #socket = `codexd-${crypto.randomUUID()}`;

  constructor({ path, env, cwd, args = [] }: ScreenOptions) {
    const { home } = this;
    const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
    const settings = { hasCompletedOnboarding: true, theme: 'dark', projects: { [cwd]: project } };
    writeFileSync(join(home, '.claude.json'), JSON.stringify(settings));
    const variables = Object.entries({
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: home,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      ...env,
    });
    const command = ['env', '-i', ...variables.map(([name, value]) => `${name}=${value}`), path, ...args];
    this.#tmux('new-session', '-d', '-x', '120', '-y', '45', '-c', cwd, ...command);
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

  /** Types a line, and presses Enter when the line is on the screen. */
  async enter(line: string): Promise<void> {
    this.#tmux('send-keys', '-l', line);
    await this.shows(new RegExp(`^❯\\s+${RegExp.escape(line)}`, 'm'));
    this.press('Enter');
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
