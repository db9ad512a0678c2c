// The pages in docs/clients and the README's table of clients, made from the definitions in src/cli/env/clients.
// test/house/clients.test.ts keeps them equal; `UPDATE=1 ./scripts/bun.sh test test/house` rewrites them.
import type { Client, Machine } from '../src/cli/env/client.ts';
import { clients } from '../src/cli/env/clients.ts';
import { type Daemon, describeDaemon } from '../src/cli/env/daemon.ts';
import { exportLines } from '../src/cli/env/shell.ts';
import { load } from '../src/config/load.ts';
import { namingOf } from '../src/models/aliases.ts';
import { readModels } from '../src/models/model.ts';

/** When the sources were read and the clients were run. */
const checked = '2026-12';

const models = readModels([
  {
    slug: 'gpt-6.2-sol',
    display_name: 'GPT-6.2 Sol',
    priority: 1,
    context_window: 500_000,
    supported_reasoning_levels: ['low', 'medium', 'high', 'xhigh', 'max'].map((effort) => ({ effort })),
  },
  { slug: 'gpt-6-luna', display_name: 'GPT-6 Luna', priority: 2, context_window: 272_000 },
]);

const systems = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };

export function clientTable(): string {
  const rows = Object.entries(clients).map(([name, { title, about, launch }]) => {
    const run = launch === undefined ? '' : 'yes';
    return `| [\`${name}\`](docs/clients/${name}.md) | ${title} | ${about.prints} | ${about.edits ?? ''} | ${run} |`;
  });
  return [
    '| client | | `codexd env` prints | `--write` edits | `codexd run` |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

export function clientPage(name: string, client: Client): string {
  return [
    `# ${capitalize(client.title)} with codexd`,
    `<!-- Made from src/cli/env/clients; \`UPDATE=1 ./scripts/bun.sh test test/house\` rewrites it. -->`,
    ...runSection(name, client),
    ...setUpSection(name, client),
    ...loginSection(name, client),
    '## Limits',
    client.about.limits.map((limit) => `- ${limit}`).join('\n'),
    '## Sources',
    sources(client),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function runSection(name: string, { launch }: Client): string[] {
  if (launch === undefined) return [];
  const program = launch.program === undefined ? ' PROGRAM' : '';
  const stored =
    launch.storage === undefined
      ? 'Your own configuration is not changed.'
      : 'Your own configuration is not changed. If it was never used on this machine, it gets a temporary directory for its settings and sessions; `--no-temporary` lets it create its own, `--temporary` gives it one in any case.';
  return [
    '## Run it',
    sh(`codexd run ${name}${program}`),
    `Starts a daemon if none is listening, and stops it afterwards. ${stored} With \`codexd run --demo ${name}${program}\` the responses come from a simulated upstream, without a login.`,
    launch.program === undefined ? '' : `Install it: ${launch.install}`,
  ].filter((part) => part !== '');
}

function setUpSection(name: string, client: Client): string[] {
  const daemon = daemonWith();
  const shown = client.configuration(daemon, machineOf('linux'));
  const text = 'variables' in shown ? exportLines(shown.variables, 'posix') : shown.text;
  const notes = client.notes(daemon, machineOf('linux'), false);
  const keyed = client
    .notes(daemonWith('cdx_…'), machineOf('linux'), false)
    .filter((note) => !notes.includes(note));
  return [
    '## Set it up',
    sh(`codexd env ${name}`),
    `prints ${client.about.prints}, for example:`,
    `\`\`\`${'variables' in shown ? 'sh' : ''}\n${text}\`\`\``,
    ...notes,
    ...(keyed.length === 0 ? [] : [`If the daemon requires a key: ${keyed.join(' ')}`]),
    ...writeParts(name, client),
  ];
}

function writeParts(name: string, { file, about, title }: Client): string[] {
  if (typeof file === 'string') return [`\`--write\` is not supported for ${title}: ${file}`];
  const { platforms = Object.keys(systems) } = about;
  const paths = Object.entries(systems)
    .filter(([platform]) => platforms.includes(platform))
    .map(([platform, system]) => `| ${system} | \`${file.path(machineOf(platform))}\` |`);
  return [
    sh(`codexd env ${name} --write`),
    `edits ${about.edits}, keeps a backup of the file, and changes nothing else in it; \`codexd env ${name} --undo\` restores it.`,
    ['| system | file |', '| --- | --- |', ...paths].join('\n'),
  ];
}

function loginSection(name: string, { login, title }: Client): string[] {
  if (login === undefined) return [];
  const daemon = daemonWith();
  return [
    '## Or log in',
    sh(`codexd env ${name} --login --write`),
    `sets up ${title} to log in to the daemon by itself, without variables and a key:`,
    `\`\`\`json\n${login.configuration(daemon).text}\`\`\``,
    login
      .notes(daemon, machineOf('linux'), false)
      .map((note) => `- ${note}`)
      .join('\n'),
  ];
}

function sources({ about }: Client): string {
  const how =
    about.tried === undefined
      ? `These settings come from its documentation (as of ${checked}) and were not tested.`
      : `Tested against the simulated upstream in ${checked}: ${about.tried}.`;
  return [how, '', ...about.sources.map((url) => `- <${url}>`)].join('\n');
}

function daemonWith(key?: string): Daemon {
  const env = key === undefined ? {} : { CODEXD_API_KEY: key };
  const { config } = load({ ...machineOf('linux'), env, flags: {} });
  return describeDaemon(config.server, namingOf(config.models, models), undefined);
}

function machineOf(platform: string): Machine {
  return {
    env: platform === 'win32' ? { APPDATA: '%APPDATA%' } : {},
    platform,
    homedir: platform === 'win32' ? '%USERPROFILE%' : '~',
    codexConfigFile: platform === 'win32' ? '%USERPROFILE%\\.codex\\config.toml' : '~/.codex/config.toml',
    readFile: () => undefined,
  };
}

function sh(line: string): string {
  return `\`\`\`sh\n${line}\n\`\`\``;
}

function capitalize(text: string): string {
  return text.startsWith('the ') ? `T${text.slice(1)}` : text;
}
