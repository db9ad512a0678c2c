// Containers that codexd reads only through ffmpeg, with their magic bytes and the demuxer that ffmpeg is forced to use
// (converting/ffmpeg.ts says why).

interface FfmpegOnlyFormat {
  /** Name to show to users. */
  name: string;
  /** Without the dot. */
  extension: string;
  demuxer: string;
  /** Alternative signatures; all byte strings of one must be at their offsets. */
  marks: readonly (readonly (readonly [offset: number, bytes: string])[])[];
}

const at0 = (...marks: string[]): FfmpegOnlyFormat['marks'] => marks.map((mark) => [[0, mark]]);
const riff = (type: string): FfmpegOnlyFormat['marks'] => [
  [
    [0, 'RIFF'],
    [8, type],
  ],
];
/** MPEG-TS has packets of 188 bytes; M2TS has a timestamp of four bytes before each. */
const transportPackets: FfmpegOnlyFormat['marks'] = [
  [0, 188, 376].map((offset) => [offset, 'G'] as const),
  [4, 196, 388].map((offset) => [offset, 'G'] as const),
];

export const ffmpegContainers = {
  avi: { name: 'AVI', extension: 'avi', demuxer: 'avi', marks: [...riff('AVI '), ...riff('AVIX')] },
  mpegts: { name: 'MPEG-TS', extension: 'ts', demuxer: 'mpegts', marks: transportPackets },
  mpeg: { name: 'MPEG', extension: 'mpg', demuxer: 'mpeg', marks: at0('\0\0\x01\xba') },
  flv: { name: 'Flash video', extension: 'flv', demuxer: 'flv', marks: at0('FLV\x01') },
  wavpack: { name: 'WavPack', extension: 'wv', demuxer: 'wv', marks: at0('wvpk') },
  ape: { name: "Monkey's Audio", extension: 'ape', demuxer: 'ape', marks: at0('MAC ') },
  tta: { name: 'True Audio', extension: 'tta', demuxer: 'tta', marks: at0('TTA1', 'TTA2') },
  tak: { name: 'TAK', extension: 'tak', demuxer: 'tak', marks: at0('tBaK') },
  shorten: { name: 'Shorten', extension: 'shn', demuxer: 'shn', marks: at0('ajkg') },
  musepack: { name: 'Musepack', extension: 'mpc', demuxer: 'mpc8', marks: at0('MPCK') },
  'musepack-7': { name: 'Musepack', extension: 'mpc', demuxer: 'mpc', marks: at0('MP+') },
  w64: { name: 'Wave64', extension: 'w64', demuxer: 'w64', marks: at0('riff\x2e\x91\xcf\x11') },
  dts: {
    name: 'DTS',
    extension: 'dts',
    demuxer: 'dts',
    marks: at0('\x7f\xfe\x80\x01', '\xfe\x7f\x01\x80', '\x1f\xff\xe8\x00', '\xff\x1f\x00\xe8'),
  },
  ac3: { name: 'AC-3', extension: 'ac3', demuxer: 'ac3', marks: [] },
  eac3: { name: 'E-AC-3', extension: 'eac3', demuxer: 'eac3', marks: [] },
  dsf: { name: 'DSF', extension: 'dsf', demuxer: 'dsf', marks: at0('DSD \x1c') },
  dsdiff: { name: 'DSDIFF', extension: 'dff', demuxer: 'iff', marks: [[...at0('FRM8')[0]!, [12, 'DSD ']]] },
  '8svx': {
    name: '8SVX',
    extension: '8svx',
    demuxer: 'iff',
    marks: ['8SVX', '16SV'].map((type) => [...at0('FORM')[0]!, [8, type] as const]),
  },
  voc: { name: 'VOC', extension: 'voc', demuxer: 'voc', marks: at0('Creative Voice File\x1a') },
  sphere: { name: 'NIST SPHERE', extension: 'sph', demuxer: 'nistsphere', marks: at0('NIST_1A\n') },
  realmedia: { name: 'RealMedia', extension: 'rm', demuxer: 'rm', marks: at0('.RMF', '.ra\xfd') },
  qcp: { name: 'QCP', extension: 'qcp', demuxer: 'qcp', marks: riff('QLCM') },
  xwma: { name: 'xWMA', extension: 'xwma', demuxer: 'xwma', marks: riff('XWMA') },
  mxf: { name: 'MXF', extension: 'mxf', demuxer: 'mxf', marks: at0('\x06\x0e\x2b\x34\x02\x05\x01\x01') },
  nut: { name: 'NUT', extension: 'nut', demuxer: 'nut', marks: at0('nut/multimedia container') },
  latm: { name: 'AAC (LOAS)', extension: 'loas', demuxer: 'loas', marks: [] },
  sox: { name: 'SoX', extension: 'sox', demuxer: 'sox', marks: at0('.SoX', 'XoS.') },
  oma: { name: 'ATRAC', extension: 'oma', demuxer: 'oma', marks: at0('EA3\x01') },
  ilbc: { name: 'iLBC', extension: 'lbc', demuxer: 'ilbc', marks: at0('#!iLBC20\n', '#!iLBC30\n') },
  wtv: {
    name: 'Windows TV',
    extension: 'wtv',
    demuxer: 'wtv',
    marks: at0('\xb7\xd8\x00\x20\x37\x49\xda\x11'),
  },
} as const satisfies Record<string, FfmpegOnlyFormat>;

export type FfmpegContainer = keyof typeof ffmpegContainers;

export function isFfmpegOnly(container: string): container is FfmpegContainer {
  return Object.hasOwn(ffmpegContainers, container);
}

export const ffmpegContainerNames = Object.keys(ffmpegContainers) as FfmpegContainer[];

export function sniffFfmpegContainer(head: Uint8Array): FfmpegContainer | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  return ffmpegContainerNames.find((name) => {
    const { marks }: FfmpegOnlyFormat = ffmpegContainers[name];
    return marks.some((mark) => mark.every(([offset, bytes]) => text.startsWith(bytes, offset)));
  });
}
