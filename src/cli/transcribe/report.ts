// Reports transcripts on stdout, and warnings and gaps on stderr.
import type { Transcript } from '../../audio/transcript.ts';
import type { Redact } from '../../log/redact.ts';
import type { Output } from '../terminal.ts';
import { extensions, type Format, type Plan } from './plan.ts';
import type { FileOutcome } from './transcribe-file.ts';
import { formatClock, printableName } from './words.ts';

const approximateTimes =
  'The timestamps are approximate: they are segment boundaries, not the times of speech.';

function hasTimes(format: Format): boolean {
  return format !== 'text' && format !== 'json';
}

/** Reports outcomes in order. One instance serves one call of the command. */
export class OutcomeReporter {
  #headers = 0;

  constructor(
    private readonly stdout: Pick<Output, 'write'>,
    private readonly stderr: Pick<Output, 'write'>,
    private readonly plan: Plan,
    private readonly redact: Redact,
  ) {}

  report(outcome: FileOutcome): void {
    const { name, transcript, texts, gaps } = outcome;
    if (transcript === undefined) return;
    if (texts.length > 0) this.stdout.write(this.#result(outcome, transcript));
    for (const warning of transcript.warnings) this.#note(name, warning);
    if (transcript.approximate && this.plan.formats.some(hasTimes)) this.#note(name, approximateTimes);
    for (const { startS, endS, message } of gaps) {
      this.#note(name, `No transcript for ${formatClock(startS)}–${formatClock(endS)}: ${message}`);
    }
  }

  /** A transcript that could not be written to its file is printed instead. */
  #result(outcome: FileOutcome, transcript: Transcript): string {
    const { inputs, formats, json } = this.plan;
    const { name, texts, written } = outcome;
    const isWritten = written.length === formats.length;
    const isJson = extensions[formats[0]!] === 'json';
    if (json || (isJson && !isWritten)) return this.#line(outcome, transcript);
    if (isWritten) return written.map((path) => `${path}\n`).join('');
    if (inputs.length === 1) return texts[0]!;
    return `${this.#headers++ > 0 ? '\n' : ''}==> ${printableName(name)} <==\n${texts[0]}`;
  }

  /** For a single complete recording that is not written to a file, this is codex-asr's `{"text":"…"}`. */
  #line({ name, texts, written, gaps }: FileOutcome, { text }: Transcript): string {
    const { inputs, formats, outputDir } = this.plan;
    const line = {
      ...(inputs.length > 1 || outputDir !== undefined ? { file: name } : {}),
      ...(formats[0] === 'verbose_json' ? JSON.parse(texts[0]!) : { text }),
      ...(outputDir === undefined ? {} : { outputs: written }),
      ...(gaps.length === 0
        ? {}
        : { gaps: gaps.map(({ startS, endS, message }) => ({ start: startS, end: endS, message })) }),
    };
    return `${JSON.stringify(line)}\n`;
  }

  #note(name: string, text: string): void {
    const message = this.redact(text);
    const line = this.plan.json
      ? JSON.stringify({ warning: { file: name, message } })
      : `${printableName(name)}: ${message}`;
    this.stderr.write(`${line}\n`);
  }
}
