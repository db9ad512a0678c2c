// Transcribes a recording: node transcribe.mjs voice.wav. Runs on Bun and on Node.
import { readFile } from 'node:fs/promises';
import { transcribe } from 'codexd';

const [file] = process.argv.slice(2);

const { text, durationS } = await transcribe(file, { language: 'en' });
console.log(text);

// Bytes work as well as paths, and long recordings can have approximate times.
const { segments } = await transcribe(await readFile(file), { segments: true, approximate: true });
for (const { start, end, text } of segments)
  console.log(`${start} to ${end} of ${durationS} s: ${text.trim()}`);
