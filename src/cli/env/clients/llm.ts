// llm (https://llm.datasette.io/en/stable/other-models.html): models in its extra-openai-models.yaml, which is a list.
import { join } from 'node:path';
import { type Client, inConfigHome, inHome, type Machine, pathJoiner } from '../client.ts';
import type { Daemon } from '../daemon.ts';
import { quote, setRootItems } from '../yaml-text.ts';

const mark = 'codexd: made by `codexd env llm --write`';
const fileName = 'extra-openai-models.yaml';

export const llm: Client = {
  title: 'llm',
  configuration: (daemon) => ({ text: [...items(daemon).flat(), ''].join('\n') }),
  file: {
    path: (machine) => pathJoiner(machine.platform)(directoryOf(machine), fileName),
    edit: (file, daemon) => setRootItems(file, mark, items(daemon)),
    containsKey: false,
  },
  notes: ({ main, keyKind }) => [
    `Choose a model with \`llm -m ${idOf(main.model.slug)}\`, or make it the default with \`llm models default ${idOf(main.model.slug)}\`.`,
    ...(keyKind === 'any' ? [] : ["Store the daemon's key with `llm keys set codexd`."]),
  ],
  launch: {
    program: 'llm',
    install: '`python -m pip install llm`.',
    settings: ({ daemon, directory }) => ({
      variables: { LLM_USER_PATH: join(directory, 'llm'), OPENAI_API_KEY: daemon.key },
      files: {
        [`llm/${fileName}`]: [...items(daemon).flat(), ''].join('\n'),
        'llm/default_model.txt': idOf(daemon.main.model.slug),
      },
    }),
  },
  about: {
    prints: 'models',
    edits: 'a marked block in `~/.config/io.datasette.llm/extra-openai-models.yaml`',
    limits: [
      "The models are named `codexd/…`, so that they do not hide OpenAI's.",
      "`codexd run llm` uses its own directory: your templates, keys and logs stay in llm's.",
    ],
    sources: ['https://llm.datasette.io/en/stable/other-models.html'],
    tried: 'llm 0.36',
  },
};

/** The directory for the application io.datasette.llm on each system. */
function directoryOf(machine: Machine): string {
  const { LLM_USER_PATH: chosen, APPDATA: roaming } = machine.env;
  if (chosen) return chosen;
  const name = 'io.datasette.llm';
  if (machine.platform === 'darwin') return inHome(machine, 'Library', 'Application Support', name);
  if (machine.platform !== 'win32') return inConfigHome(machine, name);
  return pathJoiner('win32')(roaming || inHome(machine, 'AppData', 'Roaming'), name);
}

function idOf(slug: string): string {
  return `codexd/${slug}`;
}

/** The lines of each model's entry. Without `api_key_name`, llm sends a placeholder. */
function items({ origin, keyKind, models }: Daemon): string[][] {
  return models.map(({ slug, inputModalities }) => [
    `- model_id: ${quote(idOf(slug))}`,
    `  model_name: ${quote(slug)}`,
    `  api_base: ${quote(`${origin}/v1`)}`,
    ...(keyKind === 'any' ? [] : ['  api_key_name: codexd']),
    '  responses: true',
    '  reasoning: true',
    `  vision: ${inputModalities.includes('image')}`,
    '  supports_schema: true',
    '  supports_tools: true',
  ]);
}
