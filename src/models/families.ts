// Model families of other vendors. Tools have such names built in, so the default model stands in for them.

const families = [
  ...['claude', 'gemini', 'gemma', 'palm', 'grok', 'nova', 'titan', 'sonar', 'command', 'c4ai', 'jamba'],
  ...['llama', 'llama2', 'llama3', 'codellama', 'tinyllama', 'meta-llama', 'alpaca', 'vicuna', 'llava'],
  ...['mistral', 'mixtral', 'ministral', 'magistral', 'codestral', 'devstral', 'pixtral'],
  ...['qwen', 'qwq', 'deepseek', 'kimi', 'moonshot', 'glm', 'chatglm', 'minimax', 'yi', 'internlm', 'ernie'],
  ...['phi', 'gpt-oss', 'nemotron', 'granite', 'falcon', 'starcoder', 'starcoder2', 'smollm', 'smollm2'],
  ...['olmo', 'exaone', 'hermes', 'nous-hermes', 'openhermes', 'dolphin', 'orca-mini', 'zephyr', 'solar'],
];

/** Some gateways prefix a name with region and vendor: `us.anthropic.claude-…`. */
const family = new RegExp(`^(?:[a-z-]+\\.)*(?:${families.join('|')})(?=[-_.:\\d]|$)`);

/** Whether the name belongs to another vendor's family, with or without the prefix of a router or registry. */
export function isOtherFamily(name: string): boolean {
  return family.test(name.slice(name.lastIndexOf('/') + 1));
}
