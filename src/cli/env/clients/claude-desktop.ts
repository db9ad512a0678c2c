// Claude Desktop with third-party inference (https://claude.com/docs/cowork/3p/configuration): a form in its Developer menu.
import type { Client } from '../client.ts';
import { formText, keyField } from '../form-text.ts';

export const claudeDesktop: Client = {
  title: 'Claude Desktop',
  configuration: (daemon) => ({
    text: formText({
      'Inference provider': 'Gateway',
      // It adds /v1 itself.
      'Gateway base URL': daemon.origin,
      'Gateway API key': keyField(daemon),
      'Gateway auth scheme': 'bearer',
      'Model list': [...new Set([daemon.main.plainName, daemon.small.plainName])].join(', '),
    }),
  }),
  file: 'its settings are managed by the app.',
  notes: () => [
    'In Claude Desktop, choose Help > Troubleshooting > Enable Developer Mode, then Developer > Configure Third-Party Inference, and enter these values.',
  ],
  about: {
    prints: 'the fields of its third-party inference',
    limits: [
      'In this mode the app offers Cowork and Code, not the chat of claude.ai.',
      'Claude names work as well: they mean the default model, and small Claude models the smallest.',
    ],
    sources: [
      'https://claude.com/docs/cowork/3p/configuration',
      'https://docs.litellm.ai/docs/proxy/client_setup/claude_desktop',
    ],
  },
};
