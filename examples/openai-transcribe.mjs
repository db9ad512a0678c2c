// Transcribes a recording: node openai-transcribe.mjs voice.wav. npm install openai
import { createReadStream } from 'node:fs';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: 'http://127.0.0.1:8787/v1', apiKey: 'anything' });

const { text } = await client.audio.transcriptions.create({
  model: 'whisper-1',
  file: createReadStream(process.argv[2]),
});
console.log(text);
