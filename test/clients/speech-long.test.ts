// A recording of 40 minutes: split at pauses, each segment retried on its own, the text complete and in order, through the daemon
// and on the command line.
import { beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { createReadStream } from 'node:fs';
import OpenAI from 'openai';
import { runCodexd } from '../cli/process.ts';
import { wav } from '../simulator/sounds.ts';
import { thrownBy, useWorld } from './daemon.ts';
import { fileWith, homeWithTmp, isEmpty, isUpload, recordingsSent } from './speech-support.ts';

const place = homeWithTmp();
// Everything sent is recorded: each 16 kHz copy takes 80 MB.
const world = useWorld({ simulator: { recordBytes: 2 ** 40 }, ...place });
const patienceMs = 60_000;

/** A word every five seconds, none twice within a segment. */
const words = Array.from({ length: 480 }, (_, n) => String(200 + 10 * (n % 250)));
let path: string;
/** The first transcript of each segment: its text, and the digest of the upload. */
let pieces: { text: string; digest: string; seconds: number }[];

beforeAll(async () => {
  const tones = words.flatMap((word): [number, number][] => [
    [Number(word), 4],
    [0, 1],
  ]);
  path = fileWith(wav(tones), 'private.wav');
}, patienceMs);
beforeEach(() => {
  expect(isEmpty(place.tmp)).toBe(true);
});

function segmentsOf(text: string) {
  return [...text.matchAll(/([\d.]+) seconds of sound (\w{8}): [\d ]+\./g)].map(
    ([text, seconds, digest]) => ({
      text,
      digest: digest!,
      seconds: Number(seconds),
    }),
  );
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/: ([\d ]+)\./g)].flatMap(([, some]) => some!.split(' '));
}

const whole = () => pieces.map(({ text }) => text).join(' ');
const fails = (digest: string, times: number) => ({
  for: 'transcribe' as const,
  upload: digest,
  status: 500,
  body: { detail: 'Error in ASR API' },
  repeat: times,
});
const transcribe = () =>
  world.client.audio.transcriptions.create({ file: createReadStream(path), model: 'whisper-1' });

function onCommandLine(...args: string[]) {
  const { simulator } = world;
  const login = ['--upstream', simulator.upstream, '--bearer', simulator.login().access_token];
  return runCodexd(['transcribe', ...login, ...args, path], { env: place.env });
}

test(
  'is cut at pauses, and its text is whole and in order',
  async () => {
    const answer = await transcribe();
    pieces = segmentsOf(answer.text);
    expect(answer.usage as unknown).toEqual({ type: 'duration', seconds: 2400 });
    expect(wordsOf(answer.text)).toEqual(words);
    expect(answer.text).toBe(whole());
    expect(pieces.length).toBeGreaterThanOrEqual(8);
    for (const { seconds } of pieces) expect(seconds).toBeWithin(2, 300.1);
    expect(pieces.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(2400, 1);
    expect(recordingsSent(world.simulator)).toHaveLength(pieces.length);
    for (const { file } of recordingsSent(world.simulator)) {
      expect(file).toMatchObject({ filename: 'audio.wav', type: 'audio/wav' });
    }
  },
  patienceMs,
);

test(
  'a segment that fails twice is retried; a stream still has the segments in order',
  async () => {
    world.simulator.script(fails(pieces[0]!.digest, 2));
    const stream = await world.client.audio.transcriptions.create({
      file: createReadStream(path),
      model: 'whisper-1',
      stream: true,
    });
    const deltas: string[] = [];
    let done: string | undefined;
    for await (const event of stream) {
      if (event.type === 'transcript.text.delta') deltas.push(event.delta);
      if (event.type === 'transcript.text.done') done = event.text;
    }
    expect(deltas).toEqual(pieces.map(({ text }, n) => (n === 0 ? text : ` ${text}`)));
    expect(done).toBe(whole());
    expect(recordingsSent(world.simulator)).toHaveLength(pieces.length + 2);
  },
  patienceMs,
);

test(
  'a piece that fails for good is a failure of the whole answer',
  async () => {
    const failing = pieces[3]!.digest;
    world.simulator.script(fails(failing, 3));
    const thrown = (await thrownBy(transcribe())) as InstanceType<typeof OpenAI.APIError>;
    expect(thrown).toBeInstanceOf(OpenAI.InternalServerError);
    expect({ status: thrown.status, code: thrown.code }).toEqual({
      status: 502,
      code: 'transcription_failed',
    });
    expect(thrown.message).not.toContain('seconds of sound');
    const sent = recordingsSent(world.simulator).filter(({ file }) => file.digest === failing);
    expect(sent).toHaveLength(3);
  },
  patienceMs,
);

test(
  'a stream that was under way ends in an error and without done',
  async () => {
    world.simulator.script(fails(pieces.at(-1)!.digest, 3));
    const stream = await world.client.audio.transcriptions.create({
      file: createReadStream(path),
      model: 'whisper-1',
      stream: true,
    });
    const types: string[] = [];
    const thrown = await thrownBy(
      (async () => {
        for await (const { type } of stream) types.push(type);
      })(),
    );
    expect(thrown).toBeInstanceOf(OpenAI.APIError);
    expect(types).toEqual(pieces.slice(0, -1).map(() => 'transcript.text.delta'));
  },
  patienceMs,
);

describe('on the command line', () => {
  test(
    'a segment that fails for good leaves a gap with its times; the rest is printed',
    async () => {
      const gap = 2;
      world.simulator.script(fails(pieces[gap]!.digest, 3), fails(pieces[5]!.digest, 2));
      const { out, err, exitCode } = await onCommandLine();
      expect(out).toBe(
        `${pieces
          .filter((_, n) => n !== gap)
          .map(({ text }) => text)
          .join(' ')}\n`,
      );
      const startS = pieces.slice(0, gap).reduce((sum, { seconds }) => sum + seconds, 0);
      const clock = (seconds: number) => {
        const rounded = Math.round(seconds);
        return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`;
      };
      expect(err).toContain(`No transcript for ${clock(startS)}–${clock(startS + pieces[gap]!.seconds)}:`);
      expect(err).toContain(`1 of ${pieces.length} segments could not be transcribed.`);
      expect(exitCode).toBe(5);
    },
    patienceMs,
  );

  test(
    'as subtitles, whose times are on the clock of the recording',
    async () => {
      const { out, exitCode } = await onCommandLine('--chunk', '--format', 'srt');
      expect(exitCode).toBe(0);
      expect(wordsOf(out)).toEqual(words);
      const starts = [...out.matchAll(/^(\d\d):(\d\d):(\d\d),(\d{3}) -->/gm)].map(
        ([, h, m, s, ms]) => Number(h) * 3600 + Number(m) * 60 + Number(s) + Number(ms) / 1000,
      );
      expect(starts.length).toBe(world.simulator.requests.filter(isUpload).length);
      expect(starts).toEqual(starts.toSorted((a, b) => a - b));
      expect(out).toMatch(/--> 00:40:00,000\n.*\n\n$/);
    },
    patienceMs,
  );
});
