// Claude Code's own login to the daemon (docs/wire/anthropic.md#gateway-login): two user settings, and no key.
import { Failure } from '../../../failure.ts';
import type { Login } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { notEditable } from '../file-text.ts';
import { objectAt, setMember } from '../json-text.ts';

/** Claude Code uses them instead of its login. */
const overriding = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY'];

export const claudeLogin: Login = {
  configuration: (daemon) => ({ text: `${JSON.stringify(settings(daemon), null, 2)}\n` }),
  edit: ({ path, text }, daemon) => {
    const set = Object.entries(objectAt(text, 'json', ['env'])).find(
      ([name, value]) => overriding.includes(name) && value !== '',
    );
    if (set !== undefined) {
      throw notEditable(
        path,
        `sets ${set[0]} in \`env\`, which overrides a login`,
        'Run `codexd env claude --undo` if codexd wrote it, or remove it.',
      );
    }
    return Object.entries(settings(daemon)).reduce(
      (edited, [name, value]) => setMember({ path, text: edited }, 'json', [[], name], value),
      text,
    );
  },
  notes: ({ keyKind }, { env }) => [
    ...overriding
      .filter((name) => env[name])
      .map(
        (name) =>
          `${name} is set in this shell and overrides the login: unset it before you start Claude Code.`,
      ),
    'Start Claude Code and run `/login`. Press Enter to connect; at "Trust gateway", press the up arrow, then Enter, because "No" is preselected.',
    `Claude Code then shows a code and a link. Open the link and approve the code${keyKind === 'any' ? '' : " with one of the daemon's keys"}.`,
    'Each login has its own key, which `/logout` or `codexd config key remove NAME` revokes.',
    'The drawback: while logged in to a gateway, Claude Code has no WebSearch tool.',
    'With `gateway.managed_settings = true` in its config.toml, the daemon gives Claude Code your models and their context window. Without it, Claude Code knows only the names of Claude models, which codexd maps to yours.',
  ],
};

function settings({ origin }: Daemon): Record<string, string> {
  if (!/^http:\/\/(?:localhost|127\.0\.0\.1)(?::|$)/.test(origin)) {
    throw new Failure(
      'invalid_request',
      `Claude Code does not log in to ${origin}, only to 127.0.0.1 or https.`,
      {
        code: 'no_address',
        param: 'server.listen',
        advice:
          'Also listen on 127.0.0.1, or set `forceLoginMethod` to "gateway" and `forceLoginGatewayUrl` to the https address of the proxy in front of the daemon.',
      },
    );
  }
  return { forceLoginMethod: 'gateway', forceLoginGatewayUrl: origin };
}
