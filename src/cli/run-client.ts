// `codexd run CLIENT [ARGUMENTS…]`: runs a client with the settings that `codexd env` would print, on the daemon that is
// listening or on one of its own, and leaves the client's configuration as it was.
import { existsSync } from 'node:fs';
import { Failure } from '../failure.ts';
import { namingOf } from '../models/aliases.ts';
import { usageFailure } from './arguments.ts';
import { command, type Invocation } from './command.ts';
import { type Client, type Launch, type Machine, machineOf, type Variables } from './env/client.ts';
import { clientOf, runnableClients } from './env/clients.ts';
import { describeDaemon, requestedModel } from './env/daemon.ts';
import { runProcess, SignalForwarder } from './launch/client-process.ts';
import { type ClientDaemon, findDaemon, startOwnDaemon } from './launch/daemon.ts';
import { clientEnvironment } from './launch/environment.ts';
import { HeldOutput } from './launch/held-output.ts';
import { TemporaryDirectory } from './launch/temporary-directory.ts';
import { createMessages } from './messages.ts';
import { openSession, type Session } from './session.ts';

/** A client found on this machine, with the user's arguments for it. */
interface Program {
  title: string;
  launch: Launch;
  path: string;
  arguments: readonly string[];
}

export default command({
  args: {
    client: {
      type: 'positional',
      required: true,
      isPassedOn: true,
      values: runnableClients(),
      description: `One of ${runnableClients().join(', ')}.`,
    },
    arguments: {
      type: 'positional',
      required: false,
      multiple: true,
      description: "The client's own arguments.",
    },
    demo: { type: 'boolean', description: 'Use the built-in simulated upstream; no login needed.' },
    temporary: {
      type: 'boolean',
      description:
        'Give the client an empty directory for settings and sessions, and delete it at the end. This is the default if the client was never used here; `--no-temporary` lets it create its own.',
    },
  },
  settings: ['server.listen', 'server.api_key', 'models.default', 'upstream', 'auth'],
  examples: [
    'codexd run claude',
    'codexd run codex exec "Explain this repository."',
    'codexd run --model gpt-6-luna aider README.md',
    'codexd run --demo claude -p hello',
    'codexd run openai python app.py',
  ],
  run: async (call) => {
    const stderr = new HeldOutput(call.terminal.stderr);
    const session = await openSession({ ...call, terminal: { ...call.terminal, stderr } });
    const machine = machineOf(call, session.paths);
    const program = findProgram(call.args.client, call.all('arguments'), machine);
    const signals = new SignalForwarder(call);
    const directory = TemporaryDirectory.create(call.atExit);
    try {
      const storage = storageVariables(program, machine, call, directory);
      const daemon = await openDaemon(session, call.args.demo === true, directory);
      try {
        stderr.hold();
        return await runOn(daemon, { program, machine, storage, directory }, signals);
      } finally {
        await daemon.stop();
      }
    } finally {
      directory.remove();
      stderr.release();
    }
  },
});

function findProgram(name: string, words: readonly string[], { env }: Machine): Program {
  const client = clientOf(name, 'run');
  const { title, launch } = client;
  if (launch === undefined) {
    throw usageFailure(
      `\`codexd run\` is not supported for ${title}, which is not started from a terminal.`,
      `Start \`codexd serve\`, and run \`codexd env ${name}\` for the settings.`,
    );
  }
  const [program, rest] = launch.program === undefined ? [words[0], words.slice(1)] : [launch.program, words];
  if (program === undefined) {
    throw usageFailure(
      `\`codexd run ${name}\` requires the program to run.`,
      `Add it, e.g. \`codexd run ${name} python app.py\`.`,
    );
  }
  const path = Bun.which(program, { PATH: env.PATH ?? '' });
  if (path !== null) return { title, launch, path, arguments: rest };
  throw notInstalled(client, program);
}

function notInstalled({ title, launch }: Client, program: string): Failure {
  const isClient = launch?.program === program;
  const what = isClient ? `Cannot find ${title}` : `Cannot find "${program}"`;
  return new Failure('not_found', `${what}: PATH has no program \`${program}\`.`, {
    code: 'client_not_installed',
    advice: isClient ? `Install it: ${launch?.install}` : 'Check the name, or install it.',
  });
}

/** The variables with which the client stores nothing in the home directory; none if it keeps its own directory. */
function storageVariables(
  { title, launch: { storage } }: Program,
  machine: Machine,
  { args, terminal }: Invocation & { args: { temporary?: boolean } },
  directory: TemporaryDirectory,
): Variables {
  if (storage === undefined) {
    if (!args.temporary) return {};
    throw usageFailure(
      `\`--temporary\` is not supported for ${title}, whose directory cannot be chosen.`,
      'Remove it.',
    );
  }
  const isNew = !storage.paths(machine).some((path) => existsSync(path));
  if (!(args.temporary ?? isNew)) return {};
  if (args.temporary === undefined && terminal.stderr.isTty) {
    createMessages(terminal.stderr).info(
      `${title} was never used here. Its settings and sessions are deleted when it ends; to keep them, use \`--no-temporary\`.`,
    );
  }
  return storage.variables(directory.subdirectory('client'));
}

async function openDaemon(
  session: Session,
  isDemo: boolean,
  directory: TemporaryDirectory,
): Promise<ClientDaemon> {
  if (isDemo) {
    const { startDemo } = await import('../app/demo.ts');
    return startOwnDaemon(session, startDemo(), directory);
  }
  return (await findDaemon(session)) ?? startOwnDaemon(session, undefined, directory);
}

interface Run {
  program: Program;
  machine: Machine;
  storage: Variables;
  directory: TemporaryDirectory;
}

async function runOn({ session, models }: ClientDaemon, run: Run, signals: SignalForwarder): Promise<number> {
  const { program, machine, storage, directory } = run;
  const { config } = session;
  const naming = namingOf(config.models, await models());
  const daemon = describeDaemon(config.server, naming, requestedModel(session));
  const context = { daemon, machine, directory: directory.path, words: program.arguments };
  const settings = program.launch.settings(context);
  for (const [name, text] of Object.entries(settings.files ?? {})) directory.write(name, text);
  return runProcess(
    {
      path: program.path,
      arguments: [...(settings.arguments ?? []), ...program.arguments],
      env: clientEnvironment(machine.env, { ...settings.variables, ...storage }, daemon.origin),
    },
    signals,
  );
}
