// Streams a chat through Ollama's API. npm install ollama
import { Ollama } from 'ollama';

const ollama = new Ollama({ host: 'http://127.0.0.1:8787' });

const stream = await ollama.chat({
  model: 'gpt-5.5',
  messages: [{ role: 'user', content: 'Why is the sky blue?' }],
  stream: true,
});
for await (const { message } of stream) process.stdout.write(message.content);
console.log();
