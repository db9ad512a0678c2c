// The pipeline of speech: recognise the container, give the engine what it reads, cut what is too long at
// pauses, hear the pieces, join. One object for the daemon's life; every job has a directory of its own.
import { Failure } from '../failure.ts';
import type { Tools } from './converting/conversions.ts';
import { prepare, tryPcmWav } from './converting/prepare.ts';
import {
  type HeardPiece,
  joinedLanguage,
  joinedSegments,
  joinedText,
  joinedWords,
  segmentsOfPieces,
} from './cutting/join.ts';
import { cutUp, pieceRate } from './cutting/pieces.ts';
import type { Engine, Reads } from './engines/engine.ts';
import { Hearing, type Question } from './hearing.ts';
import { askedLanguage } from './languages.ts';
import { noSegments, noTranslation, noWords, wordsMissing } from './missing-abilities.ts';
import { publicModel } from './paths.ts';
import { durationOf } from './reading/duration.ts';
import { recognise } from './reading/recognise.ts';
import type { Recording } from './recording.ts';
import { type Choice, isNamed, type MatchesGlob } from './registry.ts';
import { Slots } from './slots.ts';
import { PartialTranscript, type TranscribeOptions, type TranscriberLike, type Wish } from './transcriber.ts';
import type { Transcript } from './transcript.ts';
import { ofDisk, type WorkDirectories } from './work-directory.ts';

export interface TranscriberOptions {
  registry: { resolve(wish: Wish): Choice | Promise<Choice> };
  matchesGlob: MatchesGlob;
  /** The language where a request says none. */
  language?: string;
  /** Everything of Tools that does not belong to one job. */
  tools: Pick<Tools, 'ffmpeg' | 'silk' | 'silkRate' | 'log'>;
  directories: WorkDirectories;
  /** Leave SILK as it is. */
  keepSilk?: boolean;
}

/** Cut so short, pieces may stand for subtitles where the engine gives no times. */
const captionS = 30;

export class Transcriber implements TranscriberLike {
  readonly #slots = new Map<Engine, Slots>();

  constructor(private readonly options: TranscriberOptions) {}

  async transcribe(path: string, wish: Wish, options: TranscribeOptions): Promise<Transcript> {
    try {
      return await this.#transcribe(path, wish, options);
    } catch (thrown) {
      throw ofDisk(thrown);
    }
  }

  async #transcribe(path: string, wish: Wish, options: TranscribeOptions): Promise<Transcript> {
    const choice = await this.options.registry.resolve(wish);
    checkAllowed(wish, choice, this.options.matchesGlob);
    const { engine, model, mayBePath } = choice;
    const language = askedLanguage(wish.language?.trim() || this.options.language);
    const warnings = refusedOrWarned(wish, engine);
    const { signal, onProgress = () => {}, keepGoing = false } = options;
    onProgress({ state: 'chosen', engine: engine.id, model: publicModel(model) });
    await using work = await this.options.directories.open();
    const tools: Tools = {
      ...this.options.tools,
      directory: work.path,
      signal,
      keepSilk: wish.keepSilk ?? this.options.keepSilk ?? false,
      ...(wish.raw === undefined ? {} : { raw: wish.raw }),
      onConvert: (to) => onProgress({ state: 'converting', to }),
      onWarning: (warning) => warnings.push(warning),
    };
    const { capabilities, reads } = engine;
    const recognised = await recognise(path, tools);
    const recording = await measured(recognised, reads, tools);
    const { container, codec } = recognised;
    onProgress({ state: 'recognised', ...recording, container, ...(codec && { codec }) });

    const question: Question = {
      model,
      ...(mayBePath && { mayBePath }),
      task: wish.task,
      words: wish.words && capabilities.words,
      ...(language === undefined || !capabilities.languages ? {} : { language }),
      ...(wish.prompt === undefined || !capabilities.prompt ? {} : { prompt: wish.prompt }),
      ...(wish.temperature === undefined ? {} : { temperature: wish.temperature }),
      upload: {
        ...(wish.filename === undefined ? {} : { filename: wish.filename }),
        ...(wish.contentType === undefined ? {} : { contentType: wish.contentType }),
      },
    };
    const hearing = new Hearing(engine, this.#slotsOf(engine), question, tools);
    const times = wish.segments && !capabilities.segments;
    const cut = await cutUp(recording, reads, { pieceS: times ? captionS : reads.pieceS, times }, tools);
    if (cut.warning !== undefined) warnings.push(cut.warning);

    const { heard, gaps, failure } =
      cut.pieces === undefined
        ? { heard: [await hearing.whole(cut.recording)], gaps: [], failure: undefined }
        : await hearing.pieces(cut.recording, cut.pieces, { keepGoing, onProgress });
    if (failure !== undefined && heard.length === 0) throw failure;
    const durationS = cut.recording.durationS ?? heard[0]?.heard.durationS;
    const transcript: Transcript = {
      ...joined(heard, { engine, rough: times || wish.roughSegments === true, words: question.words }),
      ...languageOf(heard, language),
      ...(durationS === undefined ? {} : { durationS }),
      engine: engine.id,
      model: publicModel(model),
      warnings: [...warnings, ...new Set(heard.flatMap(({ heard }) => heard.warnings ?? []))],
    };
    if (failure === undefined) return transcript;
    throw partly(failure, new PartialTranscript(transcript, gaps), cut.pieces?.length ?? 0);
  }

  #slotsOf(engine: Engine): Slots {
    const slots = this.#slots.get(engine) ?? new Slots(engine.concurrency);
    this.#slots.set(engine, slots);
    return slots;
  }
}

function partly(failure: Failure, partial: PartialTranscript, pieces: number): Failure {
  const { kind, code, advice } = failure;
  return new Failure(
    kind,
    `${partial.gaps.length} of ${pieces} pieces could not be heard. ${failure.message}`,
    {
      ...(code === undefined ? {} : { code }),
      advice,
      cause: partial,
    },
  );
}

/** With its length. What only the samples tell is decoded here, and goes on as what it was decoded to. */
async function measured(recording: Recording, reads: Reads, tools: Tools): Promise<Recording> {
  const durationS = await durationOf(recording, tools.signal, tools.raw);
  if (durationS !== undefined) return { ...recording, durationS };
  const ready = await prepare(recording, reads, tools);
  if (ready.durationS !== undefined || ready.container === 'silk') return ready;
  const wav = await tryPcmWav(ready, pieceRate, tools);
  return wav?.durationS === undefined ? ready : { ...ready, durationS: wav.durationS };
}

function joined(
  heard: HeardPiece[],
  { engine, rough, words }: { engine: Engine; rough: boolean; words: boolean },
): Pick<Transcript, 'text' | 'segments' | 'words' | 'approximate'> {
  const segments = joinedSegments(heard);
  return {
    text: joinedText(heard),
    ...(engine.capabilities.segments ? { segments } : {}),
    ...(rough && segments.length === 0
      ? { segments: segmentsOfPieces(heard), approximate: true as const }
      : {}),
    ...(words ? { words: joinedWords(heard) } : {}),
  };
}

function languageOf(heard: HeardPiece[], asked: string | undefined): { language?: string } {
  const language = joinedLanguage(heard) ?? asked;
  return language === undefined ? {} : { language };
}

/** What the engine cannot do: refused where the answer would be another one, else named. */
function refusedOrWarned(wish: Wish, { id, capabilities }: Engine): string[] {
  if (wish.task === 'translate' && !capabilities.translate) throw noTranslation(id);
  if (wish.segments && !capabilities.segments && !wish.approximate) {
    throw noSegments(id);
  }
  const lacksWords = wish.words && !capabilities.words;
  if (lacksWords && wish.wordsRequired) throw noWords(id);
  const missing = [
    ...(wish.prompt !== undefined && !capabilities.prompt ? ['prompt'] : []),
    ...(askedLanguage(wish.language) !== undefined && !capabilities.languages ? ['language'] : []),
  ];
  return [
    ...(lacksWords ? [wordsMissing(id)] : []),
    ...missing.map((field) => `The speech engine ${id} does not use \`${field}\`.`),
  ];
}

/** A key that is limited to some models does not know of the others. */
function checkAllowed(wish: Wish, { engine, model }: Choice, matchesGlob: MatchesGlob): void {
  const { allowed } = wish;
  if (allowed === undefined || isNamed(engine.id, model, allowed, matchesGlob)) return;
  throw new Failure('not_found', 'This API key may not use that speech model.', {
    code: 'model_not_found',
    param: 'model',
    advice: 'Use a model the key is allowed, or change the key in config.toml.',
  });
}
