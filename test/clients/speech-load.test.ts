// Many short clips concurrently: they are transcribed up to the limit, the others wait in the queue or are asked to retry later.
import { expect, test } from 'bun:test';
import { digestOf } from '../../src/simulator/upload.ts';
import { wav } from '../simulator/sounds.ts';
import { until } from '../support/until.ts';
import { startDaemon, useWorld } from './daemon.ts';
import { formOf, homeWithTmp, isEmpty, isUpload, post, recordingsSent, spoken } from './speech-support.ts';

const place = homeWithTmp();
const world = useWorld(place);

test('96 clips on 16 places all get their own text', async () => {
  const { simulator, daemon } = world;
  simulator.script({ for: 'transcribe', delayMs: 30, repeat: 96 });
  const clips = Array.from({ length: 96 }, (_, n) => wav([[200 + 10 * n, 0.5 + n / 200]]));
  let most = 0;
  let over = false;
  // Evaluated at every request and every response.
  const counting = simulator.waitFor(() => {
    const open = simulator.requests.filter((one) => isUpload(one) && one.answered === undefined).length;
    most = Math.max(most, open);
    return over;
  }, 60_000);
  const answers = await Promise.all(
    clips.map(async (clip) => {
      const answer = await post(daemon, formOf(clip));
      return [answer.status, ((await answer.json()) as { text: string }).text] as const;
    }),
  );
  const texts = clips.map((clip, n) => {
    const seconds = Math.round((0.5 + n / 200) * 8000) / 8000;
    return [200, `${seconds.toFixed(2)} seconds of sound ${digestOf(clip)}: ${200 + 10 * n}.`] as const;
  });
  expect(answers).toEqual(texts);
  expect(recordingsSent(simulator)).toHaveLength(96);
  over = true;
  await post(daemon, formOf(spoken));
  await counting;
  expect(most).toBeWithin(2, 17);
  await until(() => isEmpty(place.tmp));
}, 60_000);

test('a request that does not fit into the queue gets 429 and a retry time', async () => {
  const { simulator } = world;
  await using daemon = await startDaemon({
    simulator,
    env: { CODEXD_TRANSCRIPTION_CONCURRENCY: '2', CODEXD_TRANSCRIPTION_QUEUE: '3' },
  });
  simulator.script({ for: 'transcribe', fault: 'stall', repeat: 2 });
  const leaving = new AbortController();
  const stalled = [1, 2].map(() => post(daemon, formOf(spoken), { signal: leaving.signal }).catch(() => {}));
  await until(() => recordingsSent(simulator).length === 2);
  let refused = 0;
  const answers = Array.from({ length: 12 }, async () => {
    const answer = await post(daemon, formOf(spoken));
    if (answer.status === 429) refused++;
    return { answer, body: (await answer.json()) as { error?: { code: string; message: string } } };
  });
  await until(() => refused === 9);
  leaving.abort();
  let heard = 0;
  for (const { answer, body } of await Promise.all(answers)) {
    if (answer.status === 200) heard++;
    else {
      expect([answer.status, body.error?.code]).toEqual([429, 'server_busy']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(body.error?.message).toContain('transcription.concurrency');
    }
  }
  expect(heard).toBe(3);
  await Promise.all(stalled);
}, 60_000);
