// Conversion by the ffmpeg of the machine, file to file. The demuxer is forced to what the bytes were recognised as: left to
// guess, ffmpeg takes a text playlist for what it says and opens the files it names.
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../failure.ts';
import { layoutOf } from '../containers/index.ts';
import { isNoProgram, type Program, runProgram } from '../programs/process.ts';
import { foreignContainers, isForeign } from '../reading/foreign.ts';
import { sniffFile } from '../reading/sniff.ts';
import { damaged, noSound, tooLong } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import { longestHours } from '../samples/wav-file.ts';

export interface Ffmpeg extends Pick<Program, 'env' | 'atExit'> {
  /** Its path. */
  program: string;
}

export interface FfmpegJob {
  ffmpeg: Ffmpeg;
  recording: Recording;
  /** One channel, 16 bits. */
  to: 'wav' | 'flac';
  /** Hz */
  rate: number;
  out: string;
  signal: AbortSignal;
  /** Longest run; ten minutes when not said. */
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

/** Undefined where ffmpeg has no demuxer, or none that may be forced: SILK, samples without a header. */
export function ffmpegArguments({ recording, to, rate, out }: FfmpegJob): string[] | undefined {
  const { container } = recording;
  const demuxer = isForeign(container) ? foreignContainers[container].demuxer : demuxers[container];
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

/** False where ffmpeg cannot help. Settles after ffmpeg has exited; success is judged by the output, not the exit code. */
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
    // What it says is not shown: it quotes what is in the file.
    const { stderr } = await runProgram(
      { argv: [program, ...args], directory: dirname(out), env, atExit },
      { signal, timeoutMs: limitMs, tooLong: tookTooLong },
    );
    if (/Stream map '0:a:0' matches no streams/.test(stderr)) throw noSound();
  } catch (cause) {
    if (!isNoProgram(cause)) throw cause;
    throw new Failure('unavailable', 'ffmpeg could not be started.', {
      code: 'ffmpeg_unavailable',
      advice: 'Correct `transcription.ffmpeg`, or install ffmpeg.',
      retry: false,
      cause,
    });
  }
}

function tookTooLong(): Failure {
  return new Failure('timeout', 'ffmpeg did not finish converting the recording in time.', {
    code: 'ffmpeg_timeout',
    advice: 'Send a shorter recording, or convert it first.',
  });
}

async function checkOutput({ recording, to, out }: FfmpegJob): Promise<void> {
  const written = await sniffFile(out).catch(() => undefined);
  if (written?.container !== to) throw damaged(recording.container);
  const layout = await layoutOf({ path: out, container: to });
  if (layout === undefined) return;
  if (layout.frames === 0) throw damaged(recording.container);
  if (layout.frames > longestS * layout.rate) throw tooLong(`more than ${longestHours} hours`);
}
