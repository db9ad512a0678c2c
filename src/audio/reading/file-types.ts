// The file extension and media type of each container. Programs and servers rely on the extension, ChatGPT above all.
import type { Container } from '../recording.ts';
import { type FfmpegContainer, ffmpegContainers } from './ffmpeg-only.ts';

export interface FileType {
  /** Without the dot. */
  extension: string;
  mediaType: string;
}

const native: Readonly<Record<Exclude<Container, FfmpegContainer>, FileType>> = {
  wav: { extension: 'wav', mediaType: 'audio/wav' },
  mp3: { extension: 'mp3', mediaType: 'audio/mpeg' },
  mp4: { extension: 'm4a', mediaType: 'audio/mp4' },
  mov: { extension: 'mov', mediaType: 'video/quicktime' },
  '3gp': { extension: '3gp', mediaType: 'audio/3gpp' },
  flac: { extension: 'flac', mediaType: 'audio/flac' },
  ogg: { extension: 'ogg', mediaType: 'audio/ogg' },
  webm: { extension: 'webm', mediaType: 'audio/webm' },
  matroska: { extension: 'mka', mediaType: 'audio/x-matroska' },
  silk: { extension: 'silk', mediaType: 'application/octet-stream' },
  amr: { extension: 'amr', mediaType: 'audio/amr' },
  'amr-wb': { extension: 'awb', mediaType: 'audio/amr-wb' },
  aiff: { extension: 'aiff', mediaType: 'audio/aiff' },
  caf: { extension: 'caf', mediaType: 'audio/x-caf' },
  au: { extension: 'au', mediaType: 'audio/basic' },
  adts: { extension: 'aac', mediaType: 'audio/aac' },
  adif: { extension: 'aac', mediaType: 'audio/aac' },
  asf: { extension: 'wma', mediaType: 'audio/x-ms-wma' },
  raw: { extension: 'pcm', mediaType: 'application/octet-stream' },
};

/** These are converted before they are sent, so the media type does not matter. */
const ffmpegOnly = Object.fromEntries(
  Object.entries(ffmpegContainers).map(([container, { extension }]) => [
    container,
    { extension, mediaType: 'application/octet-stream' },
  ]),
) as Record<FfmpegContainer, FileType>;

export const fileTypes: Readonly<Record<Container, FileType>> = { ...native, ...ffmpegOnly };
