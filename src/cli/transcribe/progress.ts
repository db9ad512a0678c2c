// The progress line on a terminal's stderr for many or long recordings. It is erased before other output and drawn again after
// it.
import type { Progress } from '../../audio/transcriber.ts';
import { StatusLine } from '../status-line.ts';
import { bar } from '../status-text.ts';
import type { Output } from '../terminal.ts';
import { formatClock, printableName } from './words.ts';

/** A recording being transcribed. */
export interface ActiveRecording {
  name: string;
  durationS?: number;
  segments?: number;
  done: number;
}

/** Longer recordings are shown with their duration. */
const longS = 60;

/** Empty for a single short recording, and once all are finished. */
export function progressText(files: number, finished: number, active: readonly ActiveRecording[]): string {
  if (finished === files) return '';
  const parts = active.map(({ done, segments = 1 }) => done / segments);
  const percent = (100 * (finished + parts.reduce((sum, part) => sum + part, 0))) / files;
  if (files > 1) {
    const names = active.map((one) => (isSplit(one) ? `${one.name} ${one.done}/${one.segments}` : one.name));
    return `${bar(percent, false)} ${finished}/${files} files  ${names.join(', ')}`.trimEnd();
  }
  const [one] = active;
  if (one === undefined) return '';
  if (isSplit(one)) return `${bar(percent, false)} ${one.done}/${one.segments}  ${one.name}`;
  return (one.durationS ?? 0) > longS ? `${one.name}, ${formatClock(one.durationS!)} long` : '';
}

function isSplit({ segments }: ActiveRecording): boolean {
  return segments !== undefined && segments > 1;
}

export class ProgressLine {
  readonly #line: StatusLine;
  readonly #active = new Map<number, ActiveRecording>();
  #finished = 0;
  #closed = false;

  constructor(
    stderr: Output,
    private readonly files: number,
  ) {
    this.#line = new StatusLine(stderr);
  }

  begin(index: number, name: string): void {
    this.#active.set(index, { name: printableName(name), done: 0 });
    this.#redraw();
  }

  note(index: number, progress: Progress): void {
    const one = this.#active.get(index);
    if (one === undefined) return;
    if (progress.state === 'recognised' && progress.durationS !== undefined)
      one.durationS = progress.durationS;
    if (progress.state === 'segments') one.segments = progress.count;
    if (progress.state === 'segment') one.done = progress.index + 1;
    this.#redraw();
  }

  end(index: number): void {
    this.#active.delete(index);
    this.#finished++;
    this.#redraw();
  }

  close(): void {
    this.#closed = true;
    this.#line.clear();
  }

  /** `output`, with the line cleared before each write and redrawn after it. */
  wrap(output: Output): Output {
    return this.#line.wrap(output, () => this.#redraw());
  }

  #redraw(): void {
    if (this.#closed) return;
    this.#line.draw(progressText(this.files, this.#finished, [...this.#active.values()]));
  }
}
