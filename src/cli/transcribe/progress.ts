// The line on a terminal's stderr that says how far many or long recordings are. It is wiped away before anything else is
// written and drawn again behind it.
import type { Progress } from '../../audio/transcriber.ts';
import { StatusLine } from '../status-line.ts';
import { bar } from '../status-text.ts';
import type { Output } from '../terminal.ts';
import { clock, shown } from './words.ts';

/** A recording under way. */
export interface Underway {
  name: string;
  durationS?: number;
  pieces?: number;
  heard: number;
}

/** A recording of more is long. */
const longS = 60;

/** Empty where there is nothing worth a line: a single short recording, or all is done. */
export function progressText(files: number, finished: number, underway: readonly Underway[]): string {
  if (finished === files) return '';
  const parts = underway.map(({ heard, pieces = 1 }) => heard / pieces);
  const percent = (100 * (finished + parts.reduce((sum, part) => sum + part, 0))) / files;
  if (files > 1) {
    const names = underway.map((one) => (isCut(one) ? `${one.name} ${one.heard}/${one.pieces}` : one.name));
    return `${bar(percent, false)} ${finished}/${files} files  ${names.join(', ')}`.trimEnd();
  }
  const [one] = underway;
  if (one === undefined) return '';
  if (isCut(one)) return `${bar(percent, false)} ${one.heard}/${one.pieces}  ${one.name}`;
  return (one.durationS ?? 0) > longS ? `${one.name}, ${clock(one.durationS!)} long` : '';
}

function isCut({ pieces }: Underway): boolean {
  return pieces !== undefined && pieces > 1;
}

export class ProgressLine {
  readonly #line: StatusLine;
  readonly #underway = new Map<number, Underway>();
  #finished = 0;
  #closed = false;

  constructor(
    stderr: Output,
    private readonly files: number,
  ) {
    this.#line = new StatusLine(stderr);
  }

  begin(index: number, name: string): void {
    this.#underway.set(index, { name: shown(name), heard: 0 });
    this.#redraw();
  }

  note(index: number, progress: Progress): void {
    const one = this.#underway.get(index);
    if (one === undefined) return;
    if (progress.state === 'recognised' && progress.durationS !== undefined)
      one.durationS = progress.durationS;
    if (progress.state === 'pieces') one.pieces = progress.count;
    if (progress.state === 'piece') one.heard = progress.index + 1;
    this.#redraw();
  }

  end(index: number): void {
    this.#underway.delete(index);
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
    this.#line.draw(progressText(this.files, this.#finished, [...this.#underway.values()]));
  }
}
