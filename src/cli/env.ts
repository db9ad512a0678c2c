// `codexd env CLIENT`: what to set so that a client uses the daemon, printed, or written into the client's own
// file. The account is asked for its models only when none are cached on this machine.
import { nearest } from '../config/nearest.ts';
import { Failure } from '../failure.ts';
import { namingOf } from '../models/aliases.ts';
import type { Models } from '../models/catalog.ts';
import { usage } from './arguments.ts';
import { type Command, command, type Invocation } from './command.ts';
import type { Client, ClientFile, Place } from './env/client.ts';
import { clients } from './env/clients.ts';
import { type Replaced, replaceFile } from './env/config-file.ts';
import { type Daemon, daemonNotes, meetDaemon } from './env/daemon.ts';
import { replacedText, replacedValues } from './env/replaced.ts';
import { exportLines, type Shell, shellNamed, shellNames, shellOf, takeOver } from './env/shell.ts';
import { undoWrite } from './env/undo.ts';
import { createMessages } from './messages.ts';
import { openSession, type Session } from './session.ts';
import type { Output } from './terminal.ts';
import { lineWidth, paragraph } from './wrap.ts';

interface Deps {
  /** The account's models; the bundled ones when they cannot be fetched. */
  models(session: Session): Promise<Models>;
  /** Whether a daemon listens at one of the addresses of the settings. */
  isListening(session: Session): Promise<boolean>;
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
        description: "Edit the client's own configuration file, and keep a backup of it.",
      },
      undo: { type: 'boolean', description: 'Take back the last --write.' },
      shell: {
        type: 'enum',
        options: [...shellNames],
        description: 'Shell to print the variables for; defaults to the one in $SHELL.',
      },
    },
    settings: ['server.listen', 'server.api_key', 'models.default'],
    examples: ['eval "$(codexd env claude)"', 'codexd env aider --write', 'codexd env aider --undo'],
    run: async (call) => {
      const { client: name, shell, write, undo } = call.args;
      if (write && undo)
        throw usage('`--write` and `--undo` are mutually exclusive.', 'Leave out one of them.');
      const client = clientOf(name);
      const meeting = { name, client, ...(await meet(call, deps)) };
      if (undo) takeBack(meeting, call, deps.now());
      else if (write) edit(meeting, call, deps.now());
      else show(meeting, call, shell === undefined ? shellOf(call.env, call.platform) : shellNamed(shell));
    },
  });
}

function clientOf(name: string): Client {
  const client = Object.hasOwn(clients, name) ? clients[name] : undefined;
  if (client) return client;
  const near = nearest(name, Object.keys(clients));
  throw new Failure('invalid_request', `\`codexd env\` does not know "${name}".`, {
    code: 'usage',
    advice:
      near === undefined
        ? `It knows ${Object.keys(clients).join(', ')}. For other OpenAI-compatible clients, use the values from \`codexd env openai\`.`
        : `Did you mean \`codexd env ${near}\`?`,
  });
}

async function meet(call: Invocation, deps: Deps): Promise<Omit<Meeting, 'name' | 'client'>> {
  const session = await openSession(call);
  const { config, sources, paths } = session;
  const { models, origin } = await deps.models(session);
  const asked = sources['models.default']?.layer === 'flag' ? config.models.default : undefined;
  const daemon = meetDaemon(config.server, namingOf(config.models, models), asked);
  return {
    daemon,
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
      ...((await deps.isListening(session))
        ? []
        : [`No daemon is listening on ${daemon.origin}; start it with \`codexd serve\`.`]),
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
    // Not when a shell is reading: it would be printed whenever one starts.
    if (terminal.stdout.isTty)
      notes.unshift(`To set these in your shell, run \`${takeOver(command, shell)}\`.`);
  } else {
    terminal.stdout.write(shown.text);
    if (file !== undefined) notes.unshift(`Add this to ${file}, or run \`${command} --write\`.`);
  }
  tell(terminal.stderr, notes);
}

/** The client's own file; a failure when it has none that can be written. */
function fileOf({ name, client, daemon }: Meeting): ClientFile {
  const { file } = client;
  if (typeof file === 'string') {
    throw usage(
      `There is nothing to write for ${client.title}: ${file}`,
      `\`codexd env ${name}\` prints what to set.`,
    );
  }
  if (file.holdsKey && daemon.keyIs === 'missing') throw missingKey(client);
  return file;
}

function edit(meeting: Meeting, { terminal, json, readFile }: Invocation, now: Date): void {
  const { name, client, daemon, place } = meeting;
  const file = fileOf(meeting);
  const path = file.path(place);
  const before = readFile(path);
  const text = file.edit({ path, text: before ?? '' }, daemon, place);
  const isPrivate = file.holdsKey && daemon.keyIs === 'own';
  const replaced = replaceFile({ path, text, before, isPrivate, now });
  const values = replacedValues(file, before ?? '', text);
  const notes = [...meeting.notes, ...client.notes(daemon, place, true)];
  if (json) {
    const { changed, backup = null } = replaced;
    const facts = {
      client: name,
      file: path,
      changed,
      backup,
      replaced: values.map(({ name }) => name),
      notes,
    };
    terminal.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  terminal.stdout.write(paragraph(outcome(path, replaced), lineWidth(terminal.stdout)));
  if (values.length > 0) notes.unshift(`Replaced: ${values.map(replacedText).join(', ')}.`);
  if (replaced.changed) notes.push(`\`codexd env ${name} --undo\` takes this back.`);
  tell(terminal.stderr, notes);
}

function outcome(path: string, { changed, backup }: Replaced): string {
  if (!changed) return `${path} already uses codexd; nothing was changed.`;
  const kept = backup === undefined ? '' : ` The old file was saved as ${backup}.`;
  return `${path} now uses codexd.${kept}`;
}

function takeBack(meeting: Meeting, { terminal, json }: Invocation, now: Date): void {
  const { name, daemon, place } = meeting;
  const file = fileOf(meeting);
  const path = file.path(place);
  const { restored, kept } = undoWrite(path, (text) => file.edit({ path, text }, daemon, place), now);
  if (json) {
    const facts = { client: name, file: path, restored: restored ?? null, kept: kept ?? null };
    terminal.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const done =
    restored === undefined
      ? `Removed ${path}, which codexd had created.`
      : `Restored ${path} from ${restored}.`;
  terminal.stdout.write(paragraph(done, lineWidth(terminal.stdout)));
  if (kept !== undefined) tell(terminal.stderr, [`It had been changed since; that text is kept as ${kept}.`]);
}

function missingKey({ title }: Client): Failure {
  return new Failure(
    'invalid_request',
    `The daemon requires a key, but codexd stores only hashes, so it cannot write one for ${title}.`,
    { code: 'no_api_key', advice: 'Set CODEXD_API_KEY for this command.' },
  );
}

function tell(stderr: Output, notes: readonly string[]): void {
  const messages = createMessages(stderr);
  for (const note of notes) messages.info(note);
}
