// A body of any API, answered in the same API without HTTP. Runs on Bun and on Node.
import { CodexClient, Failure, translators } from 'codexd';

const client = new CodexClient();
const { openai, anthropic } = translators;
const messages = [{ role: 'user', content: 'Hello!' }];

const completion = await client.call(
  openai.chat,
  { model: 'gpt-5.5', messages, seed: 7 },
  {
    onStart: ({ model, ignored }) =>
      console.error(
        model,
        ignored.map(({ field }) => field),
      ),
  },
);
console.log(completion.choices[0].message.content);

for await (const frames of client.callStream(anthropic.messages, {
  model: 'claude-sonnet-4-6',
  max_tokens: 1024,
  messages,
})) {
  process.stdout.write(frames);
}

try {
  await client.call(openai.chat, { model: 'gpt-5.5', messages: [{ role: 'user' }] });
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.log(error.kind, error.param, error.message);
}
