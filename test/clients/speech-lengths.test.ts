// Durations that only the samples show count like any other: for splitting, for `duration` and for `usage`.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../audio/containers/support.ts';
import { repeatedFixture } from '../audio/silk/corpus.ts';
import { missing } from '../audio/spoken.ts';
import { temporaryDirectory } from '../audio/wavs.ts';
import { runCodexd } from '../cli/process.ts';
import { useWorld } from './daemon.ts';
import { fileWith, formOf, post, recordingsSent } from './speech-support.ts';

const world = useWorld({ simulator: { recordBytes: 2 ** 30 } });
const directory = temporaryDirectory();
const patienceMs = 60_000;

/** The duration that a client gets, and how many uploads a recording caused. */
async function told(content: Uint8Array) {
  const answer = await post(world.daemon, formOf(content, { response_format: 'verbose_json' }, 'voice'));
  const { duration, usage } = (await answer.json()) as { duration: number; usage?: { seconds: number } };
  const uploads = recordingsSent(world.simulator);
  return { status: answer.status, duration, seconds: usage?.seconds, uploads: uploads.length };
}

describe('SILK', () => {
  test.each([20, 40, 60, 80, 100])('12 s in packets of %d ms', async (packetMs) => {
    const seconds = 12; // ten times the fixture
    const answer = await told(repeatedFixture(`${packetMs}ms-plain.silk`, seconds));
    expect(answer).toEqual({ status: 200, duration: seconds, seconds, uploads: 1 });
  });

  test.each([20, 60, 100])(
    '330 s in packets of %d ms are cut',
    async (packetMs) => {
      const answer = await told(repeatedFixture(`${packetMs}ms-plain.silk`, 330));
      expect(answer).toEqual({ status: 200, duration: 330, seconds: 330, uploads: 2 });
    },
    patienceMs,
  );

  test('cut on the command line, the subtitles end with the recording', async () => {
    const { simulator } = world;
    const login = ['--upstream', simulator.upstream, '--bearer', simulator.login().access_token];
    const path = fileWith(repeatedFixture('80ms-plain.silk', 60), 'voice.silk');
    const { out, exitCode } = await runCodexd(['transcribe', ...login, '--chunk', '--format', 'srt', path]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/--> 00:01:00,000\n[^\n]+\n\n$/);
  });
});

describe.skipIf(missing('ffmpeg').length > 0)('converted by ffmpeg', () => {
  const rows: [name: string, options: string[]][] = [
    ['330.wma', ['-ar', '16000', '-b:a', '32k']],
    ['330 GSM.wav', ['-ar', '8000', '-c:a', 'libgsm_ms']],
    ['330 ADPCM.wav', ['-ar', '8000', '-c:a', 'adpcm_ms']],
    ['330.avi', ['-ar', '16000', '-c:a', 'libmp3lame', '-b:a', '32k']],
    ['330.ts', ['-ar', '16000', '-c:a', 'mp2', '-b:a', '32k']],
  ];
  test.each(rows)(
    '%s',
    async (name, options) => {
      const path = join(directory, name);
      const tone = 'aevalsrc=sin(2760*t)*lt(mod(t\\,20)\\,19):d=330:s=16000';
      run('ffmpeg', '-v', 'error', '-y', '-f', 'lavfi', '-i', tone, ...options, path);
      const { duration, seconds, ...rest } = await told(readFileSync(path));
      expect(rest).toEqual({ status: 200, uploads: 2 });
      expect(Math.abs(duration - 330)).toBeLessThan(0.3);
      expect(Math.abs(seconds! - 330)).toBeLessThanOrEqual(1);
    },
    patienceMs,
  );
});
