// What was heard on stdout, what was left out on stderr.
import type { Transcript } from '../../audio/transcript.ts';
import type { Redact } from '../../log/redact.ts';
import type { Output } from '../terminal.ts';
import type { Outcome } from './hear.ts';
import { extensions, type Format, type Plan } from './plan.ts';
import { clock, shown } from './words.ts';

const approximateTimes =
  'The timestamps are approximate: they are the boundaries of segments, not of what was said.';

function hasTimes(format: Format): boolean {
  return format !== 'text' && format !== 'json';
}

/** Tells outcomes in their order; lives for one call of the command. */
export class Teller {
  #headers = 0;

  constructor(
    private readonly stdout: Pick<Output, 'write'>,
    private readonly stderr: Pick<Output, 'write'>,
    private readonly plan: Plan,
    private readonly redact: Redact,
  ) {}

  tell(outcome: Outcome): void {
    const { name, transcript, answers, gaps } = outcome;
    if (transcript === undefined) return;
    if (answers.length > 0) this.stdout.write(this.#result(outcome, transcript));
    for (const warning of transcript.warnings) this.#note(name, warning);
    if (transcript.approximate && this.plan.formats.some(hasTimes)) this.#note(name, approximateTimes);
    for (const { startS, endS, message } of gaps) {
      this.#note(name, `No transcript for ${clock(startS)}–${clock(endS)}: ${message}`);
    }
  }

  /** An answer that should have been written and could not be is printed. */
  #result(outcome: Outcome, transcript: Transcript): string {
    const { inputs, formats, json } = this.plan;
    const { name, answers, written } = outcome;
    const isWritten = written.length === formats.length;
    const isJson = extensions[formats[0]!] === 'json';
    if (json || (isJson && !isWritten)) return this.#line(outcome, transcript);
    if (isWritten) return written.map((path) => `${path}\n`).join('');
    if (inputs.length === 1) return answers[0]!;
    return `${this.#headers++ > 0 ? '\n' : ''}==> ${shown(name)} <==\n${answers[0]}`;
  }

  /** For a single recording that was heard whole and is not written it is codex-asr's `{"text":"…"}`. */
  #line({ name, answers, written, gaps }: Outcome, { text }: Transcript): string {
    const { inputs, formats, outputDir } = this.plan;
    const line = {
      ...(inputs.length > 1 || outputDir !== undefined ? { file: name } : {}),
      ...(formats[0] === 'verbose_json' ? JSON.parse(answers[0]!) : { text }),
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
      : `${shown(name)}: ${message}`;
    this.stderr.write(`${line}\n`);
  }
}
