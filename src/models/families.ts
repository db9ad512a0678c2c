// Model families of other vendors. Tools have their names built in or remember them, so that the default model answers.

const families = [
  ...['claude', 'gemini', 'gemma', 'palm', 'grok', 'nova', 'titan', 'sonar', 'command', 'c4ai', 'jamba'],
  ...['llama', 'llama2', 'llama3', 'codellama', 'tinyllama', 'meta-llama', 'alpaca', 'vicuna', 'llava'],
  ...['mistral', 'mixtral', 'ministral', 'magistral', 'codestral', 'devstral', 'pixtral'],
  ...['qwen', 'qwq', 'deepseek', 'kimi', 'moonshot', 'glm', 'chatglm', 'minimax', 'yi', 'internlm', 'ernie'],
  ...['phi', 'gpt-oss', 'nemotron', 'granite', 'falcon', 'starcoder', 'starcoder2', 'smollm', 'smollm2'],
  ...['olmo', 'exaone', 'hermes', 'nous-hermes', 'openhermes', 'dolphin', 'orca-mini', 'zephyr', 'solar'],
];

/** Some gateways put regions and vendors before a name, with dots: `us.anthropic.claude-…`. */
const family = new RegExp(`^(?:[a-z-]+\\.)*(?:${families.join('|')})(?=[-_.:\\d]|$)`);

/** Whether the name belongs to another vendor's family, whichever router or registry stands before it. */
export function isOtherFamily(name: string): boolean {
  return family.test(name.slice(name.lastIndexOf('/') + 1));
}
