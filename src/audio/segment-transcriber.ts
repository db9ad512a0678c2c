// Transcribes one recording with an engine, whole or segment by segment: a few segments concurrently, results reported in
// order, silence not sent.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Semaphore } from '../base/semaphore.ts';
import { asFailure, type Failure } from '../failure.ts';
import { layoutOf } from './containers/index.ts';
import type { Tools } from './converting/conversions.ts';
import { prepare, toPcmWav, tryPcmWav } from './converting/prepare.ts';
import type { AcceptedInput, Engine, EngineResult, Job } from './engines/engine.ts';
import type { Recording } from './recording.ts';
import { SegmentReporter } from './segment-reporter.ts';
import { joinSegments, joinText, joinWords, type SegmentResult, segmentResult } from './splitting/join.ts';
import type { Levels } from './splitting/levels.ts';
import type { AudioSegment } from './splitting/plan.ts';
import { dropSilentSegments, isAllSilent } from './splitting/silence.ts';
import { extractWav, levelsOfWav, segmentRate, segmentsOf } from './splitting/split.ts';
import type { Gap, Progress } from './transcriber.ts';
import { asStorageFailure } from './work-directory.ts';

/** The parameters that are the same for every segment. */
export type EngineParams = Pick<
  Job,
  'model' | 'mayBePath' | 'task' | 'language' | 'prompt' | 'temperature' | 'words' | 'upload'
>;

interface Attempt {
  params: EngineParams;
  /** Aborted when another segment has failed. */
  stop?: AbortSignal;
}

/** ChatGPT's failure for recordings it could not transcribe. */
const transcriptionFailedCode = 'transcription_failed';
/** Longer recordings are not decoded to look for silence: an hour takes 115 MB of disk. */
const longestCheckedS = 3600;
/** Seconds of sound after which the recording's usual characters per second are known. */
const enoughS = 60;
/** Concurrent segments of one recording. */
const concurrentSegments = 4;

export class SegmentTranscriber {
  #jobs = 0;
  readonly #usual = { characters: 0, soundS: 0 };

  constructor(
    private readonly engine: Engine,
    private readonly slots: Semaphore,
    private readonly params: EngineParams,
    private readonly tools: Tools,
  ) {}

  /** Transcribes a recording that is not split. */
  async transcribeWhole(recording: Recording): Promise<SegmentResult> {
    const { durationS } = recording;
    if (durationS === 0 && (await layoutOf(recording, this.tools.raw))?.frames === 0) return emptyResult;
    const endS = durationS ?? Number.POSITIVE_INFINITY;
    const segment: AudioSegment = { startS: 0, endS, soundS: endS, silent: false };
    const ready = await prepare(recording, this.engine.accepts, this.tools);
    const levels = await this.#levelsForSilence(ready);
    if (levels !== undefined && isAllSilent(levels)) {
      return segmentResult({ ...segment, silent: true }, { text: '' });
    }
    const received = await this.#runThenDecode(ready);
    const audible = levels === undefined ? received : dropSilentSegments(received, levels);
    const result = segmentResult(segment, audible);
    if (!this.#isTruncated(result)) return result;
    const wav = await toPcmWav(recording, segmentRate, this.tools);
    if (wav?.durationS === undefined) return withTruncationWarning(result);
    const bounded = { ...result, segment: { ...segment, endS: durationS ?? wav.durationS } };
    return this.#retryInHalves(wav, bounded, { params: this.params });
  }

  /** Undefined if silence needs no check: ChatGPT returns an empty text for it. */
  async #levelsForSilence(recording: Recording): Promise<Levels | undefined> {
    if (this.engine.accepts.segmentS !== undefined || (recording.durationS ?? 0) > longestCheckedS)
      return undefined;
    const wav = await tryPcmWav(recording, segmentRate, this.tools);
    return wav && levelsOfWav(wav, this.tools.signal);
  }

  /** Sends audio with an untested codec unchanged, and decodes it only if the service could not transcribe it. */
  async #runThenDecode(recording: Recording): Promise<EngineResult> {
    const attempt: Attempt = { params: this.params };
    try {
      return await this.#run(recording, attempt);
    } catch (thrown) {
      const isUntested = isUntestedCodec(recording, this.engine.accepts);
      if (asFailure(thrown).code !== transcriptionFailedCode || !isUntested) throw thrown;
      const wav = await toPcmWav(recording, segmentRate, this.tools);
      if (wav === undefined) throw thrown;
      return this.#run(wav, attempt);
    }
  }

  /**
   * Returns the results in order, and a gap for each segment that failed. Without `keepGoing`, the first failure aborts the
   * other segments and is thrown.
   */
  async transcribeSegments(
    wav: Recording,
    segments: readonly AudioSegment[],
    options: { keepGoing: boolean; onProgress: (progress: Progress) => void },
  ): Promise<{ results: SegmentResult[]; gaps: Gap[]; failure: Failure | undefined }> {
    options.onProgress({ state: 'segments', count: segments.length });
    const outcomes: (SegmentResult | Gap)[] = [];
    const stop = new AbortController();
    const reporter = new SegmentReporter(options.onProgress);
    let failure: Failure | undefined;
    let next = 0;
    const work = async () => {
      while (next < segments.length && !stop.signal.aborted && !this.tools.signal.aborted) {
        const index = next++;
        const segment = segments[index]!;
        try {
          outcomes[index] = await this.#transcribeSegment(wav, segment, index, stop.signal);
        } catch (thrown) {
          const reason = asFailure(asStorageFailure(thrown));
          failure ??= reason;
          outcomes[index] = { startS: segment.startS, endS: segment.endS, message: reason.message };
          if (!options.keepGoing) stop.abort(reason);
        }
        reporter.report(outcomes);
      }
    };
    await Promise.all(Array.from({ length: concurrentSegments }, work));
    this.tools.signal.throwIfAborted();
    if (failure !== undefined && !options.keepGoing) throw failure;
    return {
      results: outcomes.filter((outcome) => 'result' in outcome),
      gaps: outcomes.filter((outcome): outcome is Gap => !('result' in outcome)),
      failure,
    };
  }

  async #transcribeSegment(
    wav: Recording,
    segment: AudioSegment,
    index: number,
    stop: AbortSignal,
  ): Promise<SegmentResult> {
    if (segment.silent) return segmentResult(segment, { text: '' });
    const attempt: Attempt = { params: index === 0 ? this.params : withoutPrompt(this.params), stop };
    const result = await this.#extractAndRun(wav, segment, attempt);
    return this.#isTruncated(result) ? this.#retryInHalves(wav, result, attempt) : result;
  }

  async #extractAndRun(wav: Recording, segment: AudioSegment, attempt: Attempt): Promise<SegmentResult> {
    const directory = await this.#createDirectory();
    const extracted = await extractWav(wav, segment, join(directory, 'segment.wav'));
    return segmentResult(segment, await this.#run(extracted, attempt, directory));
  }

  /** Text that stops in mid-sentence may lack its end: both halves are transcribed, and the longer text wins. */
  async #retryInHalves(wav: Recording, first: SegmentResult, attempt: Attempt): Promise<SegmentResult> {
    const { segment } = first;
    const part = await extractWav(wav, segment, join(await this.#createDirectory(), 'part.wav'));
    const halves = await segmentsOf(part, (segment.endS - segment.startS) / 2, this.tools.signal);
    const results: SegmentResult[] = [];
    try {
      for (const [index, half] of halves.entries()) {
        const params = index === 0 ? attempt.params : withoutPrompt(attempt.params);
        if (!half.silent) results.push(await this.#extractAndRun(part, half, { ...attempt, params }));
      }
    } catch (thrown) {
      this.tools.signal.throwIfAborted();
      attempt.stop?.throwIfAborted();
      this.tools.log.info('segment retry failed', { kind: asFailure(thrown).kind });
      return withTruncationWarning(first);
    }
    const text = joinText(results);
    if (text.length <= first.text.length) return withTruncationWarning(first);
    const times = { segments: joinSegments(results), words: joinWords(results) };
    const better = segmentResult(segment, { ...first.result, ...times, text });
    return this.#isTruncated(results.at(-1)!) ? withTruncationWarning(better) : better;
  }

  /** A result with segment times is complete. Complete results set the pace that later segments are compared with. */
  #isTruncated({ text, result, segment }: SegmentResult): boolean {
    const { seemsTruncated } = this.engine;
    if (seemsTruncated === undefined || result.segments?.length) return false;
    const usualPerS = this.#usual.soundS < enoughS ? 0 : this.#usual.characters / this.#usual.soundS;
    if (seemsTruncated(text, segment.soundS, result.language, usualPerS)) return true;
    if (Number.isFinite(segment.soundS)) {
      this.#usual.characters += text.length;
      this.#usual.soundS += segment.soundS;
    }
    return false;
  }

  async #run(recording: Recording, { params, stop }: Attempt, existing?: string): Promise<EngineResult> {
    const signal = stop === undefined ? this.tools.signal : AbortSignal.any([this.tools.signal, stop]);
    const directory = existing ?? (await this.#createDirectory());
    const job = { ...params, recording, directory, signal };
    return this.slots.run(signal, async () => {
      try {
        return await this.engine.transcribe(job);
      } finally {
        await this.#remove(directory);
      }
    });
  }

  /** Segments of hours would fill the disk. A directory that cannot be removed must not cost the transcript. */
  async #remove(directory: string): Promise<void> {
    await rm(directory, { recursive: true, force: true }).catch((thrown: NodeJS.ErrnoException) => {
      this.tools.log.warn('temporary files could not be removed', { code: thrown.code });
    });
  }

  async #createDirectory(): Promise<string> {
    const path = join(this.tools.directory, `job-${this.#jobs++}`);
    await mkdir(path, { mode: 0o700 });
    return path;
  }
}

/** A prompt describes how the recording begins, so only the first segment gets it. */
function withoutPrompt({ prompt, ...rest }: EngineParams): EngineParams {
  return rest;
}

/** The codec is unknown, or not one the engine is known to decode, and codexd could not decode it either. */
function isUntestedCodec({ container, codec }: Recording, { codecs }: AcceptedInput): boolean {
  const known = codecs?.[container];
  return known !== undefined && (codec === undefined || !known.includes(codec));
}

/** For a file with a header and no samples: valid, but ChatGPT answers it with 500. */
const emptyResult: SegmentResult = {
  segment: { startS: 0, endS: 0, soundS: 0, silent: true },
  result: { warnings: ['The recording is empty.'] },
  text: '',
};

function withTruncationWarning(result: SegmentResult): SegmentResult {
  const warning = 'Part of the transcript stops in the middle of a sentence: its end may be missing.';
  const warnings = [...(result.result.warnings ?? []), warning];
  return { ...result, result: { ...result.result, warnings } };
}
