// Xcode (https://developer.apple.com/documentation/xcode/setting-up-coding-intelligence): a model provider in its settings.
import type { Client } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { formText, keyField } from '../form-text.ts';

export const xcode: Client = {
  title: 'Xcode',
  configuration: (daemon) => ({
    text: formText(isLocal(daemon) ? locallyHosted(daemon) : internetHosted(daemon)),
  }),
  file: 'its settings are stored inside Xcode.',
  notes: () => [
    "Enter these values in Xcode's Settings > Intelligence > Add a Chat Provider (Add a Model Provider in older versions).",
  ],
  about: {
    prints: 'the fields of its settings',
    limits: [
      'Xcode 26.3 or newer; older versions of Xcode 26 may forget providers when they restart.',
      "Xcode lists the daemon's models itself. Code completion still uses Apple's own model.",
    ],
    sources: [
      'https://developer.apple.com/documentation/xcode/setting-up-coding-intelligence',
      'https://docs.venice.ai/guides/integrations/xcode',
    ],
  },
};

/** "Locally Hosted" is a port of this machine, without a key. */
function isLocal({ origin, keyKind }: Daemon): boolean {
  return keyKind === 'any' && /^http:\/\/(?:127\.|localhost|\[::1\])/.test(origin);
}

function locallyHosted({ origin }: Daemon) {
  return { Type: 'Locally Hosted', Port: new URL(origin).port, Description: 'codexd' };
}

function internetHosted(daemon: Daemon) {
  return {
    Type: 'Internet Hosted',
    // Xcode adds /v1 itself.
    URL: daemon.origin,
    'API Key': keyField(daemon),
    'API Key Header': 'x-api-key',
    Description: 'codexd',
  };
}
