// One answer, whole and streamed, with the ChatGPT login of this machine. Runs on Bun and on Node.
import { CodexClient } from 'codexd';

const client = new CodexClient({ settings: { models: { default: 'gpt-5.5' } } });

const response = await client.respond({
  instructions: 'You are helpful.',
  input: 'Hello!',
});
console.log(response.output_text);

for await (const event of client.stream({ input: 'Why is the sky blue?' })) {
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
}
console.log();
