// What codex-asr's Node example does: one recording through the official SDK.
import { createReadStream } from 'node:fs';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: process.env.CODEX_ASR_SERVER_KEY });
const file = createReadStream(process.argv[2]);
const result = await client.audio.transcriptions.create({ model: 'whisper-1', file });
console.log(result.text);
