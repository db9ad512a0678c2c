// `codexd serve`: runs the daemon until a signal ends it.
import { type Daemon, startDaemon } from '../app/daemon.ts';
import type { Demo } from '../app/demo.ts';
import { noSuchFile } from '../app/no-such-file.ts';
import { type Recordings, recordTo, replayFrom } from '../app/recordings.ts';
import { asFailure, Failure } from '../failure.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { findServiceManager } from '../system/service-manager.ts';
import { replaceFile } from '../system/whole-file.ts';
import { usageFailure } from './arguments.ts';
import { command, type Invocation } from './command.ts';
import { DaemonLog } from './daemon-log.ts';
import { restartWithRequestLimit } from './restart.ts';
import { openSession, type Session } from './session.ts';
import { watchStopSignals } from './stop-signals.ts';

export default command({
  settings: ['server', 'upstream', 'auth', 'models', 'reasoning', 'transcription'],
  examples: [
    'codexd serve',
    'codexd serve --demo',
    'codexd serve --replay test/recordings',
    'codexd serve -p 9000',
    'codexd serve --listen 0.0.0.0:8787 --api-key "$KEY"',
  ],
  args: {
    demo: { type: 'boolean', description: 'Use the built-in simulated upstream; no login needed.' },
    scenario: {
      type: 'string',
      description: 'With --demo: a JSON file that scripts turns and faults.',
      valueHint: 'FILE',
    },
    record: {
      type: 'string',
      description: 'Also write what the upstream is sent and responds to files in this directory.',
      valueHint: 'DIR',
    },
    replay: {
      type: 'string',
      description: 'Respond from the recordings in this directory; no login and no network needed.',
      valueHint: 'DIR',
    },
  },
  run: async (call) => {
    restartWithRequestLimit(call);
    const logFile = new DaemonLog();
    const open = () => openSession(call, 'info', (settings) => logFile.open(settings));
    const loaded = await open();
    const demo = call.args.demo ? await openDemo(call, call.args.scenario) : undefined;
    if (call.args.scenario !== undefined && demo === undefined) {
      throw usageFailure('`--scenario` works only with `--demo`.', 'Add --demo.');
    }
    const recordings = openRecordings(call.args);
    const apply = (session: Session) => {
      const upstream = demo?.apply(session) ?? session;
      return recordings?.apply(upstream) ?? upstream;
    };
    const session = apply(loaded);
    const { server } = session.config;
    const manager = await findServiceManager({
      ...call,
      pid: process.pid,
      warn: (message) => session.log.warn(message),
    });
    const daemon = await endingBySignal(() => startDaemon(session));
    const ready = () => manager.ready(`listening on ${daemon.addresses.join(', ')}`);
    process.on('SIGHUP', async () => {
      manager.reloading();
      reopen(logFile, session);
      await reload(session, async () => {
        const next = await open();
        if (logFile.isOther(next.config.log))
          session.log.warn('`log.file` and its limits take effect after a restart');
        daemon.reload(apply(next));
      });
      ready();
    });
    // For logrotate, which renames the file first.
    process.on('SIGUSR1', () => reopen(logFile, session));
    const signals = watchStopSignals(call);
    announce(daemon, session);
    ready();
    session.log.info('stopping', { signal: await signals.first, running: daemon.running });
    manager.stopping();
    await daemon.stop(server.shutdownGraceSeconds * 1000, signals.second);
    await recordings?.finish();
    await demo?.stop();
    return signals.exitCode();
  },
});

/** Until the daemon can stop in order, a signal ends the process here, so that what engines have started ends with it. */
async function endingBySignal<T>(start: () => Promise<T>): Promise<T> {
  const end = (signal: NodeJS.Signals) => process.exit(signal === 'SIGTERM' ? 143 : 129);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  const started = await start();
  process.off('SIGTERM', end);
  process.off('SIGHUP', end);
  return started;
}

/** Reports where the daemon listens. Programs that wait for this may send signals from now on. */
function announce({ addresses, login }: Daemon, { config, log, terminal }: Session): void {
  const lines = addresses.map((address) => `listening on ${address}\n`).join('');
  terminal.stderr.write(lines);
  const { readyFile } = config.server;
  if (readyFile !== undefined) writeReadyFile(readyFile, lines);
  if (!login.ok) log.warn(login.message ?? 'Not logged in.');
}

/** Reads the configuration again and applies it. An invalid one changes nothing. */
async function reload({ log }: Session, apply: () => Promise<void>): Promise<void> {
  try {
    await apply();
    log.info('configuration reloaded');
  } catch (thrown) {
    const { message, advice } = asFailure(thrown);
    log.error('configuration reload failed, keeping the old one', { why: message, next: advice });
  }
}

function reopen(logFile: DaemonLog, { log }: Session): void {
  try {
    logFile.reopen();
  } catch (thrown) {
    const { message, advice } = asFailure(thrown);
    log.error('the log file could not be reopened, keeping the old one', { why: message, next: advice });
  }
}

function openRecordings({ record, replay, demo }: RecordingArguments): Recordings | undefined {
  if (replay === undefined) return record === undefined ? undefined : recordTo(record);
  if (record === undefined && !demo) return replayFrom(replay);
  throw usageFailure('`--replay` does not work with `--record` or `--demo`.', 'Use one of them.');
}

interface RecordingArguments {
  record?: string;
  replay?: string;
  demo?: boolean;
}

async function openDemo(call: Invocation, scenario: string | undefined): Promise<Demo> {
  const { startDemo } = await import('../app/demo.ts');
  if (scenario === undefined) return startDemo();
  const text = call.readFile(scenario);
  if (text === undefined) throw noSuchFile(scenario);
  return startDemo({ text, name: scenario });
}

/** Everyone may read where the daemon listens, but only this user may write it. */
function writeReadyFile(file: string, lines: string): void {
  try {
    replaceFile(file, lines, { mode: 0o644 });
  } catch (cause) {
    throw new Failure('forbidden', `Cannot write the ready file ${file}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: adviceOf(cause, file),
      cause,
    });
  }
}
