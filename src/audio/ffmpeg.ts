// Conversion by the ffmpeg of the machine, file to file (reference/asr.md 6.6). The demuxer is forced to what the bytes were
// recognised as: left to guess, ffmpeg takes a text playlist for what it says and opens the files it names (trap 54).
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../failure.ts';
import { layoutOf } from './containers/index.ts';
import type { Container, Recording } from './recording.ts';
import { sniffFile } from './sniff.ts';
import { damaged, tooLong } from './unusable-audio.ts';
import { longestHours } from './wav-file.ts';

export interface FfmpegJob {
  /** The program, absolute. */
  ffmpeg: string;
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
  const demuxer = demuxers[recording.container];
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
  job.signal.throwIfAborted();
  try {
    const inTime = await run(job, args);
    job.signal.throwIfAborted();
    if (!inTime) {
      throw new Failure('timeout', 'ffmpeg did not finish converting the recording in time.', {
        code: 'ffmpeg_timeout',
        next: 'Send a shorter recording, or convert it first.',
      });
    }
    await checkOutput(job);
    return true;
  } catch (thrown) {
    await rm(job.out, { force: true });
    throw thrown;
  }
}

/** False when the time was up. */
async function run({ ffmpeg, out, signal, limitMs = 600_000 }: FfmpegJob, args: string[]): Promise<boolean> {
  const child = started(ffmpeg, args, dirname(out));
  let inTime = true;
  const end = () => killGroup(child);
  const timer = setTimeout(() => {
    inTime = false;
    end();
  }, limitMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    await child.exited;
    return inTime;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function started(ffmpeg: string, args: string[], cwd: string) {
  try {
    return Bun.spawn([ffmpeg, ...args], {
      cwd,
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore', // it quotes what is in the file
      detached: true,
      windowsHide: true,
    });
  } catch (cause) {
    throw new Failure('unavailable', 'ffmpeg could not be started.', {
      code: 'ffmpeg_unavailable',
      next: 'Correct `transcription.ffmpeg`, or install ffmpeg.',
      retry: false,
      cause,
    });
  }
}

function killGroup(child: { pid: number; kill(signal: NodeJS.Signals): void }): void {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no process groups here, or it has just exited
  }
}

async function checkOutput({ recording, to, out }: FfmpegJob): Promise<void> {
  const written = await sniffFile(out).catch(() => undefined);
  if (written?.container !== to) throw damaged(recording.container);
  const layout = await layoutOf({ path: out, container: to });
  if (layout === undefined) return;
  if (layout.frames === 0) throw damaged(recording.container);
  if (layout.frames > longestS * layout.rate) throw tooLong(`more than ${longestHours} hours`);
}
