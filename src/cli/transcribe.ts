// `codexd transcribe FILE…`: prints transcripts or writes them to files. Results go to stdout in the order of the arguments;
// warnings, gaps, failures and progress go to stderr.
import { tmpdir } from 'node:os';
import type { TranscriberLike } from '../audio/transcriber.ts';
import { Failure } from '../failure.ts';
import { type Command, command } from './command.ts';
import { CostlyOutput } from './costly-output.ts';
import { failureJson, failureText } from './failure-text.ts';
import { openSession, type Session } from './session.ts';
import type { Terminal } from './terminal.ts';
import { inOrder } from './transcribe/batch.ts';
import { formatTranscript } from './transcribe/format.ts';
import { makeOutputDirectory, outputPaths } from './transcribe/outputs.ts';
import { args, type Plan, readPlan } from './transcribe/plan.ts';
import { ProgressLine } from './transcribe/progress.ts';
import { OutcomeReporter } from './transcribe/report.ts';
import { transcribeFile } from './transcribe/transcribe-file.ts';
import { nameOf, printableName } from './transcribe/words.ts';
import { lineWidth } from './wrap.ts';

/** The part of the speech services that the command uses. */
export interface OpenedSpeech {
  transcriber: TranscriberLike;
  /** Stops the engines' servers. */
  close(): Promise<void>;
}

const retryAdvice = 'Run it again for the remaining recordings.';

export function transcribeCommand(createSpeech: (session: Session) => Promise<OpenedSpeech>): Command {
  return command({
    args,
    settings: ['transcription', 'upstream', 'auth'],
    examples: [
      'codexd transcribe voice.m4a',
      'codexd transcribe *.mp3 --output-dir transcripts',
      'codexd transcribe talk.mp4 --engine whisper-cpp --format srt',
      'curl -s https://example.com/talk.mp3 | codexd transcribe -',
    ],
    run: async (call) => {
      const progress = new ProgressLine(call.terminal.stderr, call.all('file').length);
      const terminal: Terminal = {
        ...call.terminal,
        stdout: progress.wrap(call.terminal.stdout),
        stderr: progress.wrap(call.terminal.stderr),
      };
      const session = await openSession({ ...call, terminal });
      const plan = readPlan(call, session.config);
      const interrupted = new AbortController();
      call.onInterrupt(
        () => interrupted.abort(new Failure('cancelled', 'Interrupted.', { advice: retryAdvice })),
        ['SIGTERM', 'SIGHUP'],
      );
      if (plan.outputDir !== undefined) await makeOutputDirectory(plan.outputDir);
      const output = new CostlyOutput({
        stdout: terminal.stdout,
        name: 'transcript',
        directories: [tmpdir(), call.homedir],
      });
      const speech = await createSpeech(session);
      try {
        const failed = await transcribeAll(
          plan,
          speech.transcriber,
          session,
          interrupted.signal,
          progress,
          output,
        );
        return reportFailures(failed, plan, interrupted.signal, session);
      } finally {
        progress.close();
        await speech.close();
        output.finish();
      }
    },
  });
}

interface Failed {
  name: string;
  failure: Failure;
}

/** Reports the outcomes in the order of the inputs; returns those that failed. */
async function transcribeAll(
  plan: Plan,
  transcriber: TranscriberLike,
  { config, terminal, secrets }: Session,
  signal: AbortSignal,
  progress: ProgressLine,
  output: CostlyOutput,
): Promise<Failed[]> {
  const { inputs, formats, outputDir, request } = plan;
  const paths = outputDir === undefined ? [] : outputPaths(inputs, outputDir, formats);
  const reporter = new OutcomeReporter(output, terminal.stderr, plan, secrets.redact);
  const failed: Failed[] = [];
  const work = async (input: string, index: number) => {
    progress.begin(index, nameOf(input));
    const outcome = await transcribeFile(input, {
      transcriber,
      request,
      signal,
      openStdin: terminal.openStdin,
      temporary: tmpdir(),
      limitBytes: config.server.audioLimitMb * 1024 ** 2,
      onProgress: (update) => progress.note(index, update),
      format: (transcript) => formats.map((format) => formatTranscript(transcript, format, request)),
      paths: paths[index] ?? [],
    });
    progress.end(index);
    return outcome;
  };
  await inOrder(inputs, plan.jobs, work, (outcome) => {
    reporter.report(outcome);
    const { name, failure } = outcome;
    if (failure !== undefined) failed.push({ name, failure });
  });
  return failed;
}

/** Reports failures and returns the exit code. Throws a failure that concerns the whole command. */
function reportFailures(
  failed: readonly Failed[],
  { inputs, json }: Plan,
  signal: AbortSignal,
  { terminal: { stderr }, secrets: { redact } }: Session,
) {
  const [first] = failed;
  if (first === undefined) return 0;
  if (inputs.length === 1) throw first.failure;
  const named = failed.filter(({ failure }) => failure !== signal.reason);
  if (!json && named.length > 0) {
    stderr.write(`codexd: ${named.length} of ${inputs.length} recordings failed.\n`);
  }
  for (const { name, failure } of named) {
    const style = { nowMs: Date.now(), redact };
    stderr.write(
      json
        ? failureJson(failure, { ...style, file: name })
        : failureText(failure, { ...style, subject: printableName(name), width: lineWidth(stderr) }),
    );
  }
  if (!signal.aborted) return 1;
  throw new Failure(
    'cancelled',
    `Interrupted: ${failed.length} of ${inputs.length} recordings were not transcribed.`,
    { advice: retryAdvice },
  );
}
