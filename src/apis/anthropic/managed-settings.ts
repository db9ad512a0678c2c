// The settings that Claude Code takes from its gateway (docs/wire/anthropic.md#managed-settings): only models and their
// limits, which its user need not approve. Nothing here changes permissions or runs commands.
import { sha256 } from '../../base/sha256.ts';
import { modelVariables, type NamedModel } from './claude-code-models.ts';
import { maxOutputTokens } from './models.ts';

export interface ManagedSettings {
  uuid: string;
  /** `sha256:` and the hash of the settings as JSON with sorted keys. */
  checksum: string;
  settings: { env: Record<string, string> };
}

export function managedSettings(main: NamedModel, small: NamedModel): ManagedSettings {
  const variables = {
    ...modelVariables(main, small),
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(main.model.contextWindow),
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(maxOutputTokens),
    // Logged in to a gateway, Claude Code sends no effort for models that it does not know.
    CLAUDE_CODE_ALWAYS_ENABLE_EFFORT: '1',
  };
  const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
  const settings = { env: Object.fromEntries(sorted) };
  const hash = sha256(JSON.stringify(settings));
  return { uuid: uuidOf(hash), checksum: `sha256:${hash}`, settings };
}

/** The same for the same settings, in the form of RFC 9562 5.8. */
function uuidOf(hash: string): string {
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`];
  return [...parts, hash.slice(20, 32)].join('-');
}
