// `codexd env CLIENT`: prints the settings with which a client uses the daemon, or writes them to the client's own
// configuration file. The account's models are fetched only if none are cached.
import { Failure } from '../failure.ts';
import { namingOf } from '../models/aliases.ts';
import type { Models } from '../models/catalog.ts';
import { usageFailure } from './arguments.ts';
import { type Command, command, type Invocation } from './command.ts';
import { type Client, type ClientFile, type Machine, machineOf } from './env/client.ts';
import { clientOf, clients } from './env/clients.ts';
import { type ReplaceResult, replaceConfigFile } from './env/config-file.ts';
import { type Daemon, daemonNotes, describeDaemon, requestedModel } from './env/daemon.ts';
import { replacedText, replacedValues } from './env/replaced.ts';
import { exportLines, type Shell, shellNames, shellOf, sourceCommand, toShell } from './env/shell.ts';
import { undoWrite } from './env/undo.ts';
import { createMessages } from './messages.ts';
import { openSession, type Session } from './session.ts';
import type { Output } from './terminal.ts';
import { lineWidth, paragraph } from './wrap.ts';

interface Deps {
  /** The account's models; the bundled ones if they cannot be fetched. */
  models(session: Session): Promise<Models>;
  /** Whether a daemon is listening on one of the configured addresses. */
  isListening(session: Session): Promise<boolean>;
  now: () => Date;
}

/** A client, the daemon it will use, and the machine with its files. */
interface ClientSetup {
  name: string;
  /** That prints these settings, without further options. */
  command: string;
  client: Client;
  daemon: Daemon;
  machine: Machine;
  /** About the daemon and the models, the same for every client. */
  notes: string[];
}

export function envCommand(deps: Deps): Command {
  return command({
    args: {
      client: {
        type: 'positional',
        required: true,
        values: Object.keys(clients),
        description: `One of ${Object.keys(clients).join(', ')}.`,
      },
      write: {
        type: 'boolean',
        description: "Edit the client's own configuration file, and keep a backup of it.",
      },
      undo: { type: 'boolean', description: 'Undo the last --write.' },
      login: {
        type: 'boolean',
        description: 'Let the client log in to the daemon by itself, without a key (claude only).',
      },
      shell: {
        type: 'enum',
        options: [...shellNames],
        description: 'Shell to print the variables for; defaults to the one in $SHELL.',
      },
    },
    settings: ['server.listen', 'server.api_key', 'models.default'],
    examples: [
      'eval "$(codexd env claude)"',
      'codexd env aider --write',
      'codexd env aider --undo',
      'codexd env claude --login --write',
    ],
    run: async (call) => {
      const { client: name, shell, write, undo, login = false } = call.args;
      if (write && undo)
        throw usageFailure('`--write` and `--undo` are mutually exclusive.', 'Use one of them.');
      const client = login ? withLogin(clientOf(name, 'env')) : clientOf(name, 'env');
      const command = `codexd env ${name}${login ? ' --login' : ''}`;
      const setup = { name, command, client, ...(await describeSetup(call, deps, login)) };
      if (undo) undoEdit(setup, call, deps.now());
      else if (write) edit(setup, call, deps.now());
      else show(setup, call, shell === undefined ? shellOf(call.env, call.platform) : toShell(shell));
    },
  });
}

/** The client with other settings: those for its own login. */
function withLogin(client: Client): Client {
  const { login, file, title } = client;
  if (login === undefined || typeof file === 'string') {
    throw usageFailure(`\`--login\` is not supported for ${title}.`, 'Use it with `codexd env claude`.');
  }
  const { configuration, edit, notes } = login;
  return { ...client, configuration, notes, file: { path: file.path, edit, containsKey: false } };
}

async function describeSetup(
  call: Invocation,
  deps: Deps,
  login: boolean,
): Promise<Pick<ClientSetup, 'daemon' | 'machine' | 'notes'>> {
  const session = await openSession(call);
  const { config, paths } = session;
  const { models, origin } = await deps.models(session);
  const daemon = describeDaemon(config.server, namingOf(config.models, models), requestedModel(session));
  return {
    daemon,
    machine: machineOf(call, paths),
    notes: [
      ...(login ? [] : daemonNotes(config.server)),
      ...(origin === 'bundle'
        ? ["These are codexd's built-in models. To get those of your account, run `codexd login`."]
        : []),
      ...((await deps.isListening(session))
        ? []
        : [`No daemon is listening on ${daemon.origin}. Start it with \`codexd serve\`.`]),
    ],
  };
}

function show(setup: ClientSetup, { terminal, json }: Invocation, shell: Shell): void {
  const { name, command, client, daemon, machine } = setup;
  const shown = client.configuration(daemon, machine);
  const file = typeof client.file === 'string' ? undefined : client.file.path(machine);
  const notes = [...setup.notes, ...client.notes(daemon, machine, false)];
  if (json) {
    const facts = { client: name, ...shown, file: file ?? null, notes };
    terminal.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  if ('variables' in shown) {
    terminal.stdout.write(exportLines(shown.variables, shell));
    // Only for a person: `eval "$(codexd env …)"` in a shell's profile would print it whenever a shell starts.
    if (terminal.stdout.isTty)
      notes.unshift(`To set these in your shell, run \`${sourceCommand(command, shell)}\`.`);
  } else {
    terminal.stdout.write(shown.text);
    if (file !== undefined) notes.unshift(`Add this to ${file}, or run \`${command} --write\`.`);
  }
  printNotes(terminal.stderr, notes);
}

/** The client's own file. Throws a Failure if codexd cannot edit it. */
function fileOf({ command, client, daemon }: ClientSetup): ClientFile {
  const { file } = client;
  if (typeof file === 'string') {
    throw usageFailure(
      `\`--write\` and \`--undo\` are not supported for ${client.title}: ${file}`,
      `Run \`${command}\` to print the settings.`,
    );
  }
  if (file.containsKey && daemon.keyKind === 'missing') throw missingKey(client);
  return file;
}

function edit(setup: ClientSetup, { terminal, json, readFile }: Invocation, now: Date): void {
  const { name, command, client, daemon, machine } = setup;
  const file = fileOf(setup);
  const path = file.path(machine);
  const before = readFile(path);
  const text = file.edit({ path, text: before ?? '' }, daemon, machine);
  const isPrivate = file.containsKey && daemon.keyKind === 'own';
  const replaced = replaceConfigFile({ path, text, before, isPrivate, now });
  const values = replacedValues(file, before ?? '', text);
  const notes = [...setup.notes, ...client.notes(daemon, machine, true)];
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
  if (replaced.changed) notes.push(`To undo this, run \`${command} --undo\`.`);
  printNotes(terminal.stderr, notes);
}

function outcome(path: string, { changed, backup }: ReplaceResult): string {
  if (!changed) return `${path} already uses codexd; nothing was changed.`;
  const saved = backup === undefined ? '' : ` The old file was saved as ${backup}.`;
  return `${path} now uses codexd.${saved}`;
}

function undoEdit(setup: ClientSetup, { terminal, json }: Invocation, now: Date): void {
  const { name, daemon, machine } = setup;
  const file = fileOf(setup);
  const path = file.path(machine);
  const { restored, kept } = undoWrite(path, (text) => file.edit({ path, text }, daemon, machine), now);
  if (json) {
    const facts = { client: name, file: path, restored: restored ?? null, kept: kept ?? null };
    terminal.stdout.write(`${JSON.stringify(facts)}\n`);
    return;
  }
  const done =
    restored === undefined
      ? `Removed ${path}, which \`--write\` had created.`
      : `Restored ${path} from ${restored}.`;
  terminal.stdout.write(paragraph(done, lineWidth(terminal.stdout)));
  if (kept !== undefined)
    printNotes(terminal.stderr, [`It had changed since then; that version was saved as ${kept}.`]);
}

function missingKey({ title }: Client): Failure {
  return new Failure(
    'invalid_request',
    `The daemon requires a key, but codexd stores only hashes, so it cannot write one for ${title}.`,
    { code: 'no_api_key', advice: 'Set CODEXD_API_KEY for this command.' },
  );
}

function printNotes(stderr: Output, notes: readonly string[]): void {
  const messages = createMessages(stderr);
  for (const note of notes) messages.info(note);
}
