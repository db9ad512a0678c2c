// `codexd env CLIENT`: what to set so that a client uses the daemon, printed, or written into the client's own
// file. The account is asked for its models only when none are cached on this machine.
import { nearest } from '../config/nearest.ts';
import { Failure } from '../failure.ts';
import { namingOf } from '../models/aliases.ts';
import type { Models } from '../models/catalog.ts';
import { type Command, command, type Invocation } from './command.ts';
import type { Client, Place } from './env/client.ts';
import { clients } from './env/clients.ts';
import { type Replaced, replaceFile } from './env/config-file.ts';
import { type Daemon, daemonNotes, meetDaemon } from './env/daemon.ts';
import { exportLines, type Shell, shellOf, shells, takeOver } from './env/shell.ts';
import { openSession, type Session } from './session.ts';
import type { Output } from './terminal.ts';

interface Deps {
  /** The account's models; the bundled ones when they cannot be fetched. */
  models(session: Session): Promise<Models>;
  now: () => Date;
}

/** One client, the daemon it shall use, and where its files lie. */
interface Meeting {
  name: string;
  client: Client;
  daemon: Daemon;
  place: Place;
  /** Of the daemon and of the models, whichever the client is. */
  notes: string[];
}

export function envCommand(deps: Deps): Command {
  return command({
    args: {
      client: {
        type: 'positional',
        required: true,
        description: `One of ${Object.keys(clients).join(', ')}.`,
      },
      write: {
        type: 'boolean',
        description: "Edit the client's own configuration file, after copying it.",
      },
      shell: {
        type: 'enum',
        options: [...shells],
        description: 'The shell the variables are for; without it, the one of $SHELL.',
      },
    },
    settings: ['server.listen', 'server.api_key', 'models.default'],
    examples: ['eval "$(codexd env claude)"', 'codexd env aider --write', 'codexd env aider --undo'],
    run: async (call) => {
      const { client: name, shell, write } = call.args;
      const client = clientOf(name);
      const meeting = { name, client, ...(await meet(call, deps)) };
      if (write) edit(meeting, call, deps.now());
      else show(meeting, call, shell ?? shellOf(call.env, call.platform));
    },
  });
}

function clientOf(name: string): Client {
  const client = Object.hasOwn(clients, name) ? clients[name] : undefined;
  if (client) return client;
  const near = nearest(name, Object.keys(clients));
  throw new Failure('invalid_request', `\`codexd env\` does not know "${name}".`, {
    code: 'usage',
    next:
      near === undefined
        ? `It knows ${Object.keys(clients).join(', ')}. What speaks the OpenAI API can be told the address of \`codexd env openai\`.`
        : `Did you mean \`codexd env ${near}\`?`,
  });
}

async function meet(call: Invocation, deps: Deps): Promise<Omit<Meeting, 'name' | 'client'>> {
  const session = await openSession(call);
  const { config, sources, paths } = session;
  const { models, origin } = await deps.models(session);
  const asked = sources['models.default']?.layer === 'flag' ? config.models.default : undefined;
  return {
    daemon: meetDaemon(config.server, namingOf(config.models, models), asked),
    place: {
      env: call.env,
      platform: call.platform,
      homedir: call.homedir,
      codexConfigFile: paths.codexConfigFile,
      readFile: call.readFile,
    },
    notes: [
      ...daemonNotes(config.server),
      ...(origin === 'bundle'
        ? [
            'These are the models that codexd was built with: log in with `codexd login` to use those of your account.',
          ]
        : []),
    ],
  };
}

function show(meeting: Meeting, { terminal, json }: Invocation, shell: Shell): void {
  const { name, client, daemon, place } = meeting;
  const shown = client.shown(daemon, place);
  const file = typeof client.file === 'string' ? undefined : client.file.path(place);
  const notes = [...meeting.notes, ...client.notes(daemon, place, false)];
  if (json) {
    const facts = { client: name, ...shown, file: file ?? null, notes };
    terminal.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const command = `codexd env ${name}`;
  if ('variables' in shown) {
    terminal.stdout.write(exportLines(shown.variables, shell));
    // Not when a shell is reading: it would be told at every start.
    if (terminal.stdout.isTty) notes.unshift(`The shell takes these over with ${takeOver(command, shell)}`);
  } else {
    terminal.stdout.write(shown.text);
    if (file !== undefined) notes.unshift(`This belongs into ${file}; \`${command} --write\` puts it there.`);
  }
  tell(terminal.stderr, notes);
}

function edit(meeting: Meeting, { terminal, json, readFile }: Invocation, now: Date): void {
  const { name, client, daemon, place } = meeting;
  const { file } = client;
  if (typeof file === 'string') {
    throw new Failure('invalid_request', `There is nothing to write for ${client.title}: ${file}`, {
      code: 'usage',
      next: `\`codexd env ${name}\` prints what to set.`,
    });
  }
  if (file.holdsKey && daemon.keyIs === 'missing') throw missingKey(client);
  const path = file.path(place);
  const before = readFile(path);
  const replaced = replaceFile({
    path,
    text: file.edit({ path, text: before ?? '' }, daemon, place),
    before,
    isPrivate: file.holdsKey && daemon.keyIs === 'own',
    now,
  });
  const notes = [...meeting.notes, ...client.notes(daemon, place, true)];
  if (json) {
    const facts = {
      client: name,
      file: path,
      changed: replaced.changed,
      backup: replaced.backup ?? null,
      notes,
    };
    terminal.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  terminal.stdout.write(`${outcome(path, replaced)}\n`);
  tell(terminal.stderr, notes);
}

function outcome(path: string, { changed, backup }: Replaced): string {
  if (!changed) return `codexd is in ${path} already; nothing was changed.`;
  const kept = backup === undefined ? '' : ` The old file is kept as ${backup}.`;
  return `codexd is in ${path} now.${kept}`;
}

function missingKey({ title }: Client): Failure {
  return new Failure(
    'invalid_request',
    `The daemon wants a key, and codexd keeps only hashes of its keys: it has none to write for ${title}.`,
    { code: 'no_api_key', next: 'Give it one for this command, in CODEXD_API_KEY.' },
  );
}

function tell(stderr: Output, notes: readonly string[]): void {
  for (const note of notes) stderr.write(`${note}\n`);
}
