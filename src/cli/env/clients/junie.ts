// Junie, the command line (https://junie.jetbrains.com/docs/custom-llm-models.html): a model profile in a file of its own. Its
// name is the profile's.
import { join } from 'node:path';
import { type Client, inHome, keyNote, keyVariable, type Machine, pathJoiner } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { setMember } from '../json-text.ts';

export const junie: Client = {
  title: 'Junie',
  configuration: (daemon) => {
    const key = daemon.keyKind === 'any' ? daemon.key : `\${${keyVariable}}`;
    return { text: `${JSON.stringify(profile(daemon, key), null, 2)}\n` };
  },
  file: {
    path: (machine) => pathJoiner(machine.platform)(homeOf(machine), 'models', 'codexd.json'),
    edit: ({ path, text }, daemon) =>
      Object.entries(profile(daemon, daemon.key)).reduce(
        (edited, [name, value]) => setMember({ path, text: edited }, 'json', [[], name], value),
        text,
      ),
    containsKey: true,
  },
  notes: ({ keyKind }, _, written) => [
    'Start it with `junie --model custom:codexd`.',
    ...(keyKind === 'any' || written ? [] : [keyNote('Junie')]),
  ],
  launch: {
    program: 'junie',
    install: '`npm install -g @jetbrains/junie`.',
    settings: ({ daemon, directory }) => ({
      variables: { JUNIE_MODEL_LOCATIONS: join(directory, 'junie'), JUNIE_MODEL: 'custom:codexd' },
      files: { 'junie/codexd.json': JSON.stringify(profile(daemon, daemon.key)) },
    }),
    storage: {
      paths: (machine) => [homeOf(machine)],
      variables: (directory) => ({ JUNIE_HOME: directory }),
    },
  },
  about: {
    prints: 'a model profile',
    edits: '`~/.junie/models/codexd.json`',
    limits: [
      'A profile has one main model and one for small tasks; no JetBrains account is needed.',
      'Junie inside the IDEs is set up with `codexd env jetbrains`.',
    ],
    sources: ['https://junie.jetbrains.com/docs', 'https://coder.com/docs/ai-coder/ai-gateway/clients/junie'],
  },
};

function homeOf(machine: Machine): string {
  return machine.env.JUNIE_HOME || inHome(machine, '.junie');
}

function profile({ origin, main, small }: Daemon, apiKey: string) {
  return {
    id: main.name,
    // The whole URL of the endpoint.
    baseUrl: `${origin}/v1/responses`,
    apiType: 'OpenAIResponses',
    apiKey,
    fasterModel: { id: small.name },
  };
}
