// The AI SDK's experimental_transcribe with its own OpenAI provider: it sends `timestamp_granularities[]=segment` as
// soon as any option is set, and requests `verbose_json` from whisper-1.
import { describe, expect, test } from 'bun:test';
import { installRelease, runWithAiSdk } from './ai-sdk-program.ts';
import { useWorld } from './daemon.ts';
import { fileWith, recordingsSent, spoken, spokenText } from './speech-support.ts';

const program = `
import * as ai from 'ai';
import { createOpenAI } from '@ai-sdk/openai';
import { readFileSync } from 'node:fs';
const transcribe = ai.transcribe ?? ai.experimental_transcribe;
const openai = createOpenAI({ baseURL: process.env.URL + '/v1', apiKey: 'local-key' });
const audio = readFileSync(process.env.FILE);
const calls = [
  ['whisper-1', undefined],
  ['whisper-1', { language: 'en' }],
  ['gpt-4o-transcribe', { language: 'en' }],
  ['gpt-4o-mini-transcribe', { prompt: 'Names: Ada', temperature: 0.2 }],
  ['whisper-1', { timestampGranularities: ['word'] }],
];
const answers = [];
for (const [model, options] of calls) {
  const given = options === undefined ? {} : { providerOptions: { openai: options } };
  const { text, segments, durationInSeconds } = await transcribe({ model: openai.transcription(model), audio, maxRetries: 0, ...given });
  answers.push({ text, segments, durationInSeconds });
}
console.log(JSON.stringify(answers));
`;

interface Answer {
  text: string;
  segments: { text: string; startSecond: number; endSecond: number }[];
  durationInSeconds?: number;
}

describe('the AI SDK', () => {
  const world = useWorld();
  const sdks = ([6, 7] as const).map((major) => ({ major, sdk: installRelease(major) }));
  for (const { sdk } of sdks) if ('why' in sdk) console.warn(`skipped: ${sdk.why}`);
  const installed = sdks.flatMap(({ major, sdk }) => ('why' in sdk ? [] : [{ major, sdk }]));

  test.each(installed)(
    '$major transcribes with default options, a language, a prompt, granularities',
    async ({ sdk }) => {
      const env = { URL: world.daemon.url, FILE: fileWith(spoken) };
      const [bare, language, newer, mini, words] = await runWithAiSdk<Answer[]>(sdk, program, env);
      for (const answer of [bare, language, newer, mini, words]) expect(answer?.text).toBe(spokenText);
      expect(language).toMatchObject({
        segments: [{ text: spokenText, startSecond: 0, endSecond: 2.5 }],
        durationInSeconds: 2.5,
      });
      expect(newer?.segments).toEqual([]);
      expect(recordingsSent(world.simulator).map((sent) => sent.language)).toEqual([
        ...[undefined, 'en', 'en', undefined, undefined],
      ]);
    },
    60_000,
  );
});
