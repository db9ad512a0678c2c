// The transcription pipeline: recognise the container, convert it for the engine, split long recordings at pauses, transcribe
// the segments, join their results. One object serves the daemon for its lifetime; every job has its own directory.

import { Semaphore } from '../base/semaphore.ts';
import { Failure } from '../failure.ts';
import type { Tools } from './converting/conversions.ts';
import { prepare, tryPcmWav } from './converting/prepare.ts';
import type { AcceptedInput, Engine } from './engines/engine.ts';
import { parseLanguage } from './languages.ts';
import {
  noWordTimestamps,
  segmentsUnsupported,
  translationUnsupported,
  wordsUnsupported,
} from './missing-abilities.ts';
import { publicModel } from './paths.ts';
import { durationOf } from './reading/duration.ts';
import { recognise } from './reading/recognise.ts';
import type { Recording } from './recording.ts';
import { type EngineChoice, type MatchesGlob, matchesModel } from './registry.ts';
import { type EngineParams, SegmentTranscriber } from './segment-transcriber.ts';
import {
  joinSegments,
  joinText,
  joinWords,
  mainLanguage,
  type SegmentResult,
  segmentsFromBoundaries,
} from './splitting/join.ts';
import { segmentRate, splitRecording } from './splitting/split.ts';
import {
  PartialTranscript,
  type TranscribeOptions,
  type TranscriberLike,
  type TranscriptionRequest,
} from './transcriber.ts';
import type { Transcript } from './transcript.ts';
import { asStorageFailure, type WorkDirectories } from './work-directory.ts';

export interface TranscriberOptions {
  registry: { resolve(request: TranscriptionRequest): EngineChoice | Promise<EngineChoice> };
  matchesGlob: MatchesGlob;
  /** The language for requests that name none. */
  language?: string;
  /** The tools that all jobs share. */
  tools: Pick<Tools, 'ffmpeg' | 'silk' | 'silkRate' | 'log'>;
  directories: WorkDirectories;
  /** Send SILK without decoding it. */
  keepSilk?: boolean;
}

/** Segments this short are usable as subtitles if the engine returns no timestamps. */
const captionS = 30;

export class Transcriber implements TranscriberLike {
  readonly #slots = new Map<Engine, Semaphore>();

  constructor(private readonly options: TranscriberOptions) {}

  async transcribe(
    path: string,
    request: TranscriptionRequest,
    options: TranscribeOptions,
  ): Promise<Transcript> {
    try {
      return await this.#transcribe(path, request, options);
    } catch (thrown) {
      throw asStorageFailure(thrown);
    }
  }

  async #transcribe(
    path: string,
    request: TranscriptionRequest,
    options: TranscribeOptions,
  ): Promise<Transcript> {
    const choice = await this.options.registry.resolve(request);
    checkAllowed(request, choice, this.options.matchesGlob);
    const { engine, model, mayBePath } = choice;
    const language = parseLanguage(request.language?.trim() || this.options.language);
    const warnings = checkCapabilities(request, engine);
    const { signal, onProgress = () => {}, keepGoing = false } = options;
    onProgress({ state: 'chosen', engine: engine.id, model: publicModel(model) });
    await using work = await this.options.directories.open();
    const tools: Tools = {
      ...this.options.tools,
      directory: work.path,
      signal,
      keepSilk: request.keepSilk ?? this.options.keepSilk ?? false,
      ...(request.raw === undefined ? {} : { raw: request.raw }),
      onConvert: (to) => onProgress({ state: 'converting', to }),
      onWarning: (warning) => warnings.push(warning),
    };
    const { capabilities, accepts } = engine;
    const recognised = await recognise(path, tools);
    const recording = await withDuration(recognised, accepts, tools);
    const { container, codec } = recognised;
    onProgress({ state: 'recognised', ...recording, container, ...(codec && { codec }) });

    const params: EngineParams = {
      model,
      ...(mayBePath && { mayBePath }),
      task: request.task,
      words: request.words && capabilities.words,
      ...(language === undefined || !capabilities.languages ? {} : { language }),
      ...(request.prompt === undefined || !capabilities.prompt ? {} : { prompt: request.prompt }),
      ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      upload: {
        ...(request.filename === undefined ? {} : { filename: request.filename }),
        ...(request.contentType === undefined ? {} : { contentType: request.contentType }),
      },
    };
    const transcriber = new SegmentTranscriber(engine, this.#slotsOf(engine), params, tools);
    const times = request.segments && !capabilities.segments;
    const segmentS = times ? captionS : accepts.segmentS;
    const split = await splitRecording(recording, accepts, { segmentS, times }, tools);
    if (split.warning !== undefined) warnings.push(split.warning);

    const { results, gaps, failure } =
      split.segments === undefined
        ? { results: [await transcriber.transcribeWhole(split.recording)], gaps: [], failure: undefined }
        : await transcriber.transcribeSegments(split.recording, split.segments, { keepGoing, onProgress });
    if (failure !== undefined && results.length === 0) throw failure;
    const durationS = split.recording.durationS ?? results[0]?.result.durationS;
    const transcript: Transcript = {
      ...joinResults(results, {
        ...{ engine, words: params.words },
        useBoundaries: times || request.boundarySegments === true,
      }),
      ...languageOf(results, language),
      ...(durationS === undefined ? {} : { durationS }),
      engine: engine.id,
      model: publicModel(model),
      warnings: [...warnings, ...new Set(results.flatMap(({ result }) => result.warnings ?? []))],
    };
    if (failure === undefined) return transcript;
    throw partialFailure(failure, new PartialTranscript(transcript, gaps), split.segments?.length ?? 0);
  }

  #slotsOf(engine: Engine): Semaphore {
    const slots = this.#slots.get(engine) ?? new Semaphore(engine.concurrency);
    this.#slots.set(engine, slots);
    return slots;
  }
}

function partialFailure(failure: Failure, partial: PartialTranscript, segments: number): Failure {
  const { kind, code, advice } = failure;
  return new Failure(
    kind,
    `${partial.gaps.length} of ${segments} segments could not be transcribed. ${failure.message}`,
    { ...(code === undefined ? {} : { code }), advice, cause: partial },
  );
}

/** Adds the duration. A recording whose duration only its samples show is converted here, and continues as the result. */
async function withDuration(recording: Recording, accepts: AcceptedInput, tools: Tools): Promise<Recording> {
  const durationS = await durationOf(recording, tools.signal, tools.raw);
  if (durationS !== undefined) return { ...recording, durationS };
  const ready = await prepare(recording, accepts, tools);
  if (ready.durationS !== undefined || ready.container === 'silk') return ready;
  const wav = await tryPcmWav(ready, segmentRate, tools);
  return wav?.durationS === undefined ? ready : { ...ready, durationS: wav.durationS };
}

function joinResults(
  results: SegmentResult[],
  { engine, useBoundaries, words }: { engine: Engine; useBoundaries: boolean; words: boolean },
): Pick<Transcript, 'text' | 'segments' | 'words' | 'approximate'> {
  const segments = joinSegments(results);
  return {
    text: joinText(results),
    ...(engine.capabilities.segments ? { segments } : {}),
    ...(useBoundaries && segments.length === 0
      ? { segments: segmentsFromBoundaries(results), approximate: true as const }
      : {}),
    ...(words ? { words: joinWords(results) } : {}),
  };
}

function languageOf(results: SegmentResult[], requested: string | undefined): { language?: string } {
  const language = mainLanguage(results) ?? requested;
  return language === undefined ? {} : { language };
}

/** Refuses what the engine cannot do if it would change the transcript; returns warnings for everything else. */
function checkCapabilities(request: TranscriptionRequest, { id, capabilities }: Engine): string[] {
  if (request.task === 'translate' && !capabilities.translate) throw translationUnsupported(id);
  if (request.segments && !capabilities.segments && !request.approximate) {
    throw segmentsUnsupported(id);
  }
  const lacksWords = request.words && !capabilities.words;
  if (lacksWords && request.wordsRequired) throw wordsUnsupported(id);
  const missing = [
    ...(request.prompt !== undefined && !capabilities.prompt ? ['prompt'] : []),
    ...(parseLanguage(request.language) !== undefined && !capabilities.languages ? ['language'] : []),
  ];
  return [
    ...(lacksWords ? [noWordTimestamps(id)] : []),
    ...missing.map((field) => `The speech engine ${id} does not use \`${field}\`.`),
  ];
}

/** To an API key that is limited to some models, the others do not exist. */
function checkAllowed(
  request: TranscriptionRequest,
  { engine, model }: EngineChoice,
  matchesGlob: MatchesGlob,
): void {
  const { allowed } = request;
  if (allowed === undefined || matchesModel(engine.id, model, allowed, matchesGlob)) return;
  throw new Failure('not_found', 'This API key may not use this speech model.', {
    code: 'model_not_found',
    param: 'model',
    advice: "Use a model this key may use, or change the key's `models` in config.toml.",
  });
}
