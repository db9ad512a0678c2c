// Converts files with the installed ffmpeg. The demuxer is always the one for the recognised container: left to guess, ffmpeg
// follows a text playlist and opens the files it names (docs/wire/audio.md#ffmpeg).
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../failure.ts';
import { layoutOf } from '../containers/index.ts';
import { isMissingProgram, type Program, runProgram } from '../programs/process.ts';
import { ffmpegContainers, isFfmpegOnly } from '../reading/ffmpeg-only.ts';
import { sniffFile } from '../reading/sniff.ts';
import { damagedAudio, noAudioTrack, tooLong } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import { longestHours } from '../samples/wav-file.ts';

export interface Ffmpeg extends Pick<Program, 'env' | 'atExit'> {
  /** Path of the executable. */
  program: string;
}

export interface FfmpegJob {
  ffmpeg: Ffmpeg;
  recording: Recording;
  /** Mono, 16 bits. */
  to: 'wav' | 'flac';
  /** Hz */
  rate: number;
  out: string;
  signal: AbortSignal;
  /** Time limit; ten minutes by default. */
  limitMs?: number;
}

const demuxers: { [C in Container]?: string } = {
  wav: 'wav',
  mp3: 'mp3',
  flac: 'flac',
  ogg: 'ogg',
  webm: 'matroska',
  matroska: 'matroska',
  mp4: 'mov',
  mov: 'mov',
  '3gp': 'mov',
  adts: 'aac',
  adif: 'aac',
  amr: 'amr',
  'amr-wb': 'amr',
  aiff: 'aiff',
  caf: 'caf',
  au: 'au',
  asf: 'asf',
};

const longestS = longestHours * 3600;

/** Undefined for containers without an ffmpeg demuxer: SILK, samples without a header. */
export function ffmpegArguments({ recording, to, rate, out }: FfmpegJob): string[] | undefined {
  const { container } = recording;
  const demuxer = isFfmpegOnly(container) ? ffmpegContainers[container].demuxer : demuxers[container];
  if (demuxer === undefined) return undefined;
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-y'],
    ...['-protocol_whitelist', 'file,pipe', '-f', demuxer, '-i', `file:${recording.path}`],
    ...['-map', '0:a:0', '-map_metadata', '-1', '-ac', '1', '-ar', String(rate), '-t', String(longestS + 1)],
    ...[
      '-c:a',
      to === 'wav' ? 'pcm_s16le' : 'flac',
      '-sample_fmt',
      's16',
      '-bitexact',
      '-f',
      to,
      `file:${out}`,
    ],
  ];
}

/** False if ffmpeg cannot read the container. Settles after ffmpeg has exited; the output decides about success, not the exit code. */
export async function convertWithFfmpeg(job: FfmpegJob): Promise<boolean> {
  const args = ffmpegArguments(job);
  if (args === undefined) return false;
  try {
    await run(job, args);
    job.signal.throwIfAborted();
    await checkOutput(job);
    return true;
  } catch (thrown) {
    await rm(job.out, { force: true });
    throw thrown;
  }
}

async function run({ ffmpeg, out, signal, limitMs = 600_000 }: FfmpegJob, args: string[]): Promise<void> {
  const { program, env, atExit } = ffmpeg;
  try {
    // Its stderr is not shown to users: it quotes metadata of the file.
    const { stderr } = await runProgram(
      { argv: [program, ...args], directory: dirname(out), env, atExit },
      { signal, timeoutMs: limitMs, tooLong: timedOut },
    );
    if (/Stream map '0:a:0' matches no streams/.test(stderr)) throw noAudioTrack();
  } catch (cause) {
    if (!isMissingProgram(cause)) throw cause;
    throw new Failure('unavailable', 'ffmpeg could not be started.', {
      code: 'ffmpeg_unavailable',
      advice: 'Correct `transcription.ffmpeg`, or install ffmpeg.',
      retry: false,
      cause,
    });
  }
}

function timedOut(): Failure {
  return new Failure('timeout', `Converting the recording with ffmpeg timed out.`, {
    code: 'ffmpeg_timeout',
    advice: 'Send a shorter recording, or convert it first.',
  });
}

async function checkOutput({ recording, to, out }: FfmpegJob): Promise<void> {
  const output = await sniffFile(out).catch(() => undefined);
  if (output?.container !== to) throw damagedAudio(recording.container);
  const layout = await layoutOf({ path: out, container: to });
  if (layout === undefined) return;
  if (layout.frames === 0) throw damagedAudio(recording.container);
  if (layout.frames > longestS * layout.rate) throw tooLong(`more than ${longestHours} hours`);
}
