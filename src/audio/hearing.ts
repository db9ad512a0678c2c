// Has an engine transcribe the segments of one recording: a few concurrently, reported in order, nothing sent for silence.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asFailure, type Failure } from '../failure.ts';
import { layoutOf } from './containers/index.ts';
import type { Tools } from './converting/conversions.ts';
import { prepare, toPcmWav, tryPcmWav } from './converting/prepare.ts';
import type { Piece } from './cutting/cuts.ts';
import {
  type HeardPiece,
  joinedSegments,
  joinedText,
  joinedWords,
  spaceBetween,
  textOf,
} from './cutting/join.ts';
import type { Levels } from './cutting/levels.ts';
import { cutWav, levelsIn, pieceRate, piecesOf } from './cutting/pieces.ts';
import { audibleOf, isAllSilent } from './cutting/silence.ts';
import type { Engine, Heard, Job, Reads } from './engines/engine.ts';
import type { Recording } from './recording.ts';
import type { Slots } from './slots.ts';
import type { Gap, Progress } from './transcriber.ts';
import { ofDisk } from './work-directory.ts';

/** What is the same for every piece. */
export type Question = Pick<
  Job,
  'model' | 'mayBePath' | 'task' | 'language' | 'prompt' | 'temperature' | 'words' | 'upload'
>;

interface Asked {
  question: Question;
  /** Aborted when another piece has failed. */
  stop?: AbortSignal;
}

/** Of ChatGPT, when it made no text of a recording. */
const notHeardCode = 'transcription_failed';
/** Longer recordings are not decoded to look for silence: an hour takes 115 MB of disk. */
const longestCheckedS = 3600;
/** Sound that says how much somebody talks. */
const enoughS = 60;
/** Pieces of one recording under way at once. */
const piecesAtOnce = 4;

export class Hearing {
  #jobs = 0;
  readonly #usual = { characters: 0, soundS: 0 };

  constructor(
    private readonly engine: Engine,
    private readonly slots: Slots,
    private readonly question: Question,
    private readonly tools: Tools,
  ) {}

  /** A recording that goes as it is. */
  async whole(recording: Recording): Promise<HeardPiece> {
    const { durationS } = recording;
    if (durationS === 0 && (await layoutOf(recording, this.tools.raw))?.frames === 0) return nothing;
    const endS = durationS ?? Number.POSITIVE_INFINITY;
    const piece: Piece = { startS: 0, endS, soundS: endS, silent: false };
    const ready = await prepare(recording, this.engine.reads, this.tools);
    const levels = await this.#levelsOf(ready);
    if (levels !== undefined && isAllSilent(levels)) return heardOf({ ...piece, silent: true }, { text: '' });
    const answer = await this.#hearDecoded(ready);
    const heard = heardOf(piece, levels === undefined ? answer : audibleOf(answer, levels));
    if (!this.#isCutOff(heard)) return heard;
    const wav = await toPcmWav(recording, pieceRate, this.tools);
    if (wav?.durationS === undefined) return warned(heard);
    const known = { ...heard, piece: { ...piece, endS: durationS ?? wav.durationS } };
    return this.#inHalves(wav, known, { question: this.question });
  }

  /** Undefined where it is not needed: ChatGPT answers silence with no text. */
  async #levelsOf(recording: Recording): Promise<Levels | undefined> {
    if (this.engine.reads.pieceS !== undefined || (recording.durationS ?? 0) > longestCheckedS)
      return undefined;
    const wav = await tryPcmWav(recording, pieceRate, this.tools);
    return wav && levelsIn(wav, this.tools.signal);
  }

  /** What may be beyond the service goes as it is, and decoded when the service made nothing of it. */
  async #hearDecoded(recording: Recording): Promise<Heard> {
    const asked: Asked = { question: this.question };
    try {
      return await this.#hear(recording, asked);
    } catch (thrown) {
      if (asFailure(thrown).code !== notHeardCode || !isDoubtful(recording, this.engine.reads)) throw thrown;
      const wav = await toPcmWav(recording, pieceRate, this.tools);
      if (wav === undefined) throw thrown;
      return this.#hear(wav, asked);
    }
  }

  /**
   * All pieces in their order, as far as they could be heard. Without `keepGoing` the first failure ends the others and
   * is thrown.
   */
  async pieces(
    wav: Recording,
    pieces: readonly Piece[],
    options: { keepGoing: boolean; onProgress: (progress: Progress) => void },
  ): Promise<{ heard: HeardPiece[]; gaps: Gap[]; failure: Failure | undefined }> {
    options.onProgress({ state: 'pieces', count: pieces.length });
    const results: (HeardPiece | Gap)[] = [];
    const stop = new AbortController();
    const teller = new Teller(options.onProgress);
    let failure: Failure | undefined;
    let next = 0;
    const work = async () => {
      while (next < pieces.length && !stop.signal.aborted && !this.tools.signal.aborted) {
        const index = next++;
        const piece = pieces[index]!;
        try {
          results[index] = await this.#piece(wav, piece, index, stop.signal);
        } catch (thrown) {
          const why = asFailure(ofDisk(thrown));
          failure ??= why;
          results[index] = { startS: piece.startS, endS: piece.endS, message: why.message };
          if (!options.keepGoing) stop.abort(why);
        }
        teller.tell(results);
      }
    };
    await Promise.all(Array.from({ length: piecesAtOnce }, work));
    this.tools.signal.throwIfAborted();
    if (failure !== undefined && !options.keepGoing) throw failure;
    return {
      heard: results.filter((result) => 'heard' in result),
      gaps: results.filter((result): result is Gap => !('heard' in result)),
      failure,
    };
  }

  async #piece(wav: Recording, piece: Piece, index: number, stop: AbortSignal): Promise<HeardPiece> {
    if (piece.silent) return heardOf(piece, { text: '' });
    const asked: Asked = { question: index === 0 ? this.question : withoutPrompt(this.question), stop };
    const heard = await this.#cutAndHear(wav, piece, asked);
    return this.#isCutOff(heard) ? this.#inHalves(wav, heard, asked) : heard;
  }

  async #cutAndHear(wav: Recording, piece: Piece, asked: Asked): Promise<HeardPiece> {
    const directory = await this.#directory();
    const cut = await cutWav(wav, piece, join(directory, 'piece.wav'));
    return heardOf(piece, await this.#hear(cut, asked, directory));
  }

  /** Text that stops in mid-sentence may have lost its end: its halves are heard, and the longer text counts. */
  async #inHalves(wav: Recording, first: HeardPiece, asked: Asked): Promise<HeardPiece> {
    const { piece } = first;
    const part = await cutWav(wav, piece, join(await this.#directory(), 'part.wav'));
    const halves = await piecesOf(part, (piece.endS - piece.startS) / 2, this.tools.signal);
    const heard: HeardPiece[] = [];
    try {
      for (const [index, half] of halves.entries()) {
        const question = index === 0 ? asked.question : withoutPrompt(asked.question);
        if (!half.silent) heard.push(await this.#cutAndHear(part, half, { ...asked, question }));
      }
    } catch (thrown) {
      this.tools.signal.throwIfAborted();
      asked.stop?.throwIfAborted();
      this.tools.log.info('a piece could not be heard again', { kind: asFailure(thrown).kind });
      return warned(first);
    }
    const text = joinedText(heard);
    if (text.length <= first.text.length) return warned(first);
    const times = { segments: joinedSegments(heard), words: joinedWords(heard) };
    const better = heardOf(piece, { ...first.heard, ...times, text });
    return this.#isCutOff(heard.at(-1)!) ? warned(better) : better;
  }

  /**
   * Where an engine reports when each part was spoken, it has heard all.
   * What is heard is the measure for the pieces that follow.
   */
  #isCutOff({ text, heard, piece }: HeardPiece): boolean {
    const { seemsCutOff } = this.engine;
    if (seemsCutOff === undefined || heard.segments?.length) return false;
    const usualPerS = this.#usual.soundS < enoughS ? 0 : this.#usual.characters / this.#usual.soundS;
    if (seemsCutOff(text, piece.soundS, heard.language, usualPerS)) return true;
    if (Number.isFinite(piece.soundS)) {
      this.#usual.characters += text.length;
      this.#usual.soundS += piece.soundS;
    }
    return false;
  }

  async #hear(recording: Recording, { question, stop }: Asked, given?: string): Promise<Heard> {
    const signal = stop === undefined ? this.tools.signal : AbortSignal.any([this.tools.signal, stop]);
    const directory = given ?? (await this.#directory());
    const job = { ...question, recording, directory, signal };
    return this.slots.run(signal, async () => {
      try {
        return await this.engine.transcribe(job);
      } finally {
        await this.#remove(directory);
      }
    });
  }

  /** Hours of pieces would fill the disk; but what was heard counts for more than a file that cannot be removed now. */
  async #remove(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true }).catch((thrown: NodeJS.ErrnoException) => {
      this.tools.log.warn('temporary files could not be removed', { code: thrown.code });
    });
  }

  async #directory(): Promise<string> {
    const path = join(this.tools.directory, `job-${this.#jobs++}`);
    await mkdir(path, { mode: 0o700 });
    return path;
  }
}

/** A prompt speaks of how the recording begins. */
function withoutPrompt({ prompt, ...rest }: Question): Question {
  return rest;
}

/** Its sound is unknown, or is none that the service is known to read and nothing here decodes. */
function isDoubtful({ container, codec }: Recording, { codecs }: Reads): boolean {
  const known = codecs?.[container];
  return known !== undefined && (codec === undefined || !known.includes(codec));
}

/** Of a header alone, or one before an empty body: valid, but ChatGPT answers 500 to it. */
const nothing: HeardPiece = {
  piece: { startS: 0, endS: 0, soundS: 0, silent: true },
  heard: { warnings: ['The recording is empty.'] },
  text: '',
};

function heardOf(piece: Piece, heard: Heard): HeardPiece {
  return { piece, heard, text: textOf(heard) };
}

function warned(heard: HeardPiece): HeardPiece {
  const warning = 'The text of a part stops in the middle of a sentence: its end may be missing.';
  return { ...heard, heard: { ...heard.heard, warnings: [...(heard.heard.warnings ?? []), warning] } };
}

/** Tells of pieces in their order, each once all before it are done. */
class Teller {
  #told = 0;
  #before = '';

  constructor(private readonly onProgress: (progress: Progress) => void) {}

  tell(results: readonly (HeardPiece | Gap | undefined)[]): void {
    for (let result = results[this.#told]; result !== undefined; result = results[this.#told]) {
      const index = this.#told++;
      if (!('heard' in result)) continue;
      const { piece, text } = result;
      const joined = spaceBetween(this.#before, text) + text;
      if (text !== '') this.#before = text;
      this.onProgress({ state: 'piece', index, startS: piece.startS, endS: piece.endS, text: joined });
    }
  }
}
