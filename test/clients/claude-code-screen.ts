// Claude Code on a terminal.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TmuxScreen } from '../support/tmux.ts';

export interface ScreenOptions {
  path: string;
  env: Record<string, string>;
  cwd: string;
  args?: string[];
  /** An empty one by default. */
  home?: string;
}

export class ClaudeScreen extends TmuxScreen {
  readonly home: string;

  constructor({ path, env, cwd, args = [], home = temporaryHome() }: ScreenOptions) {
    const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
    const settings = { hasCompletedOnboarding: true, theme: 'dark', projects: { [cwd]: project } };
    writeFileSync(join(home, '.claude.json'), JSON.stringify(settings));
    super({ command: [path, ...args], cwd, home, env });
    this.home = home;
  }

  /** Types a line, and presses Enter when the line is on the screen. */
  async enter(line: string): Promise<void> {
    this.type(line);
    await this.shows(new RegExp(`^❯\\s+${RegExp.escape(line)}`, 'm'));
    this.press('Enter');
  }
}

function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), 'codexd-claude-home-'));
}
