// What the simulated model replies: always the same for the same request.

import { clip } from '../base/clip.ts';
import { type Fields, isObject } from '../base/object.ts';
import type { CatalogModel } from './catalog.ts';
import type { ModelOutput } from './events.ts';
import type { Account } from './identity.ts';
import { pngFor } from './png.ts';
import { type Prompt, readPrompt } from './prompt.ts';
import type { Random } from './random.ts';
import { type DeclaredTool, declaredTools } from './rules/tools.ts';
import type { Seal } from './seal.ts';
import { hintsOf, mentions, properNames, valueFor } from './values.ts';

export interface ReplyContext {
  account: Account;
  model: CatalogModel;
  seal: Seal;
  random: Random;
  /** The conversation: the WebSocket's chain, then the request's input. */
  items: readonly Fields[];
}

export function replyTo(body: Fields, context: ReplyContext): ModelOutput[] {
  const prompt = readPrompt(context.items);
  if (prompt.compaction) return [{ kind: 'compaction', sealed: sealed(context) }];
  const reasoning = reasoningFor(body, prompt, context);
  return [...reasoning, ...answerFor(body, prompt)];
}

/** A reasoning item with these summary parts, and with encrypted content only if `include` requests it. */
export function reasoningOutput(body: Fields, summary: string[], context: ReplyContext): ModelOutput {
  const wanted = Array.isArray(body.include) && body.include.includes('reasoning.encrypted_content');
  const both = () => ({ added: sealed(context), done: sealed(context) });
  return { kind: 'reasoning', summary, ...(wanted ? { sealed: both() } : {}) };
}

function sealed({ account, model, seal, random }: ReplyContext): string {
  return seal.issue({ accountId: account.accountId, model: model.slug }, random.letters(60));
}

function reasoningFor(body: Fields, prompt: Prompt, context: ReplyContext): ModelOutput[] {
  const asks = isObject(body.reasoning) ? body.reasoning : {};
  if (!asks.summary) return [reasoningOutput(body, [], context)];
  const count = prompt.text.split(/\s+/).filter(Boolean).length;
  const first = `**Reading the prompt**\n\nThe user wrote ${count} ${count === 1 ? 'word' : 'words'}.`;
  const second = '**Choosing an answer**\n\nThe same prompt gets the same answer.';
  const long = ['high', 'xhigh', 'max'].includes(String(asks.effort));
  return [reasoningOutput(body, long ? [first, second] : [first], context)];
}

function answerFor(body: Fields, prompt: Prompt): ModelOutput[] {
  const choice = new Choice(body, prompt);
  if (choice.wants('image_generation', /\b(?:draw|paint|image|picture)\b/i)) {
    return [imageFor(choice.offered('image_generation')!.tool, prompt)];
  }
  const calls = choice.calls();
  if (calls.length > 0) return calls;
  if (choice.wants('web_search', /\b(?:search|look up)\b/i)) return searchFor(prompt);
  return [{ kind: 'message', text: textFor(body, prompt), phase: 'final_answer' }];
}

const mostCalls = 4;

/** Chooses the tools to use, and their arguments. */
class Choice {
  private readonly tools: DeclaredTool[];
  private readonly forced: Fields | undefined;
  private readonly mode: string;
  private readonly parallel: boolean;

  constructor(
    body: Fields,
    private readonly prompt: Prompt,
  ) {
    const { tool_choice: choice } = body;
    const allowed = isObject(choice) && choice.type === 'allowed_tools' ? choice : undefined;
    const names = (allowed?.tools as Fields[] | undefined)?.map((tool) => tool.name ?? tool.type);
    const named = (tool: Fields) => tool.name ?? tool.type;
    this.tools = declaredTools(body).filter(({ tool }) => !names || names.includes(named(tool)));
    this.forced = isObject(choice) && !allowed ? choice : undefined;
    this.mode = String(allowed?.mode ?? (typeof choice === 'string' ? choice : 'auto'));
    this.parallel = body.parallel_tool_calls !== false;
  }

  offered(type: string): DeclaredTool | undefined {
    return this.tools.find(({ tool }) => tool.type === type);
  }

  /** A hosted tool is used if it is forced, or if the prompt mentions it. */
  wants(type: string, sound: RegExp): boolean {
    if (this.forced) return this.forced.type === type;
    if (this.mode === 'none' || this.prompt.outputs.length > 0) return false;
    return this.offered(type) !== undefined && sound.test(this.prompt.text);
  }

  calls(): ModelOutput[] {
    const tools = this.called();
    const [only] = tools;
    const names = properNames(this.prompt.text);
    if (tools.length === 1 && only && this.parallel && names.length > 1 && / and /.test(this.prompt.text)) {
      return names.slice(0, mostCalls).map((name) => callOf(only, this.prompt.text, [name]));
    }
    return tools.map((tool) => callOf(tool, this.prompt.text));
  }

  private called(): DeclaredTool[] {
    const callable = this.tools.filter(({ tool }) => tool.type === 'function' || tool.type === 'custom');
    if (this.forced) return callable.filter(({ tool }) => tool.name === this.forced?.name).slice(0, 1);
    if (this.mode === 'none') return [];
    const must = this.mode === 'required';
    if (this.prompt.outputs.length > 0 && !must) return [];
    const named = callable.filter(({ tool }) => isNamed(String(tool.name), this.prompt.text));
    const urged = must || /\b(?:call|use (?:the|a|your) tools?)\b/i.test(this.prompt.text);
    const chosen = named.length > 0 ? named : urged ? callable.slice(0, 1) : [];
    return chosen.slice(0, this.parallel ? mostCalls : 1);
  }
}

/** `get_weather` and `getWeather` match themselves, `get weather` and `weather`. */
function isNamed(name: string, prompt: string): boolean {
  const words = name.split(/[_-]+|(?<=[a-z])(?=[A-Z])/);
  const noun = words.at(-1) ?? '';
  return [name, words.join(' '), noun.length > 3 ? noun : name].some((word) => mentions(prompt, word));
}

function callOf({ tool, namespace }: DeclaredTool, prompt: string, words?: string[]): ModelOutput {
  const name = String(tool.name);
  const place = namespace === undefined ? {} : { namespace };
  if (tool.type === 'custom')
    return { kind: 'custom_tool_call', name, input: freeText(name, prompt), ...place };
  const hints = hintsOf(prompt);
  const value = valueFor(tool.parameters ?? { type: 'object' }, words ? { ...hints, words } : hints);
  return { kind: 'function_call', name, input: JSON.stringify(value), ...place };
}

function freeText(tool: string, prompt: string): string {
  if (tool !== 'apply_patch') return prompt;
  const lines = prompt.split('\n').map((line) => `+${line}\n`);
  return `*** Begin Patch\n*** Add File: simulated.txt\n${lines.join('')}*** End Patch\n`;
}

function imageFor(tool: Fields, prompt: Prompt): ModelOutput {
  return {
    kind: 'image_generation_call',
    prompt: prompt.text,
    look: imageLook(tool),
    partial: Array.from({ length: Number(tool.partial_images ?? 0) }, (_, i) =>
      pngFor(`${i} ${prompt.text}`),
    ),
    result: pngFor(prompt.text),
  };
}

/** What `auto` resolves to. */
export function imageLook(options: Fields): Fields {
  const pick = (value: unknown, usual: string) => (value === undefined || value === 'auto' ? usual : value);
  return {
    background: pick(options.background, 'opaque'),
    output_format: pick(options.output_format, 'png'),
    quality: pick(options.quality, 'medium'),
    size: pick(options.size, '1024x1024'),
  };
}

function searchFor(prompt: Prompt): ModelOutput[] {
  const link = '[example.com](https://example.com/)';
  const text = `Somebody wrote about that (${link}).`;
  const annotation = {
    type: 'url_citation',
    end_index: text.length - 2,
    start_index: text.length - 2 - link.length,
    title: 'Example Domain',
    url: 'https://example.com/',
  };
  return [
    { kind: 'web_search_call', query: prompt.text },
    { kind: 'message', text, phase: 'final_answer', annotations: [annotation] },
  ];
}

function textFor(body: Fields, prompt: Prompt): string {
  const format = isObject(body.text) && isObject(body.text.format) ? body.text.format : {};
  if (format.type === 'json_schema') {
    return JSON.stringify(valueFor(format.schema, hintsOf([prompt.text, ...prompt.outputs].join('\n'))));
  }
  const prose = prompt.outputs.length > 0 ? quoteOutputs(prompt.outputs) : quotePrompt(prompt);
  return format.type === 'json_object' ? JSON.stringify({ answer: prose }) : prose;
}

function quoteOutputs(outputs: string[]): string {
  const who = outputs.length === 1 ? 'The tool' : 'The tools';
  return `${who} answered: ${outputs.map(quote).join(' and ')}. I have nothing to add to that.`;
}

/** Claude Code adds these to the message with the user's text. */
const reminders = /<system-reminder>[\s\S]*?<\/system-reminder>\s*/g;

function quotePrompt({ text: whole, attachments }: Prompt): string {
  const text = whole.replace(reminders, '').trim();
  const said = text === '' ? 'You said nothing.' : `You said: ${quote(text)}.`;
  const seen = attachments.length === 0 ? [] : [`I received ${attachments.join(' and ')}.`];
  return [
    said,
    ...seen,
    'This answer comes from the simulated upstream, which answers every request with it.',
  ].join(' ');
}

function quote(text: string): string {
  const short = clip(text, 400);
  return `“${short}”`;
}
