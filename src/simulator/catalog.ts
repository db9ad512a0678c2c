// The model catalogue that the simulator serves: that of the Codex CLI 0.171.0.

const ladder = ['low', 'medium', 'high', 'xhigh', 'max', 'ultra'] as const;
type Effort = (typeof ladder)[number];

export interface CatalogModel {
  slug: string;
  display_name: string;
  description: string;
  default_reasoning_level: Effort;
  supported_reasoning_levels: { effort: Effort; description: string }[];
  visibility: 'list' | 'hide';
  minimal_client_version: string;
  priority: number;
  use_responses_lite: boolean;
  context_window: number;
  max_context_window: number;
  [key: string]: unknown;
}

interface Row {
  slug: string;
  priority: number;
  floor: string;
  defaultEffort: Effort;
  highest: Effort;
  multiAgent?: Effort;
  context?: number;
  max?: number;
  hidden?: true;
  classic?: true;
  cyber?: true;
  upgrade?: string;
}

const rows: Row[] = [
  {
    slug: 'gpt-6.2-sol',
    priority: 1,
    floor: '0.166.0',
    defaultEffort: 'low',
    highest: 'ultra',
    multiAgent: 'xhigh',
    context: 500_000,
  },
  { slug: 'gpt-6.2-astra', priority: 2, floor: '0.166.0', defaultEffort: 'low', highest: 'ultra' },
  {
    slug: 'gpt-6.1-terra',
    priority: 3,
    floor: '0.153.0',
    defaultEffort: 'low',
    highest: 'ultra',
    multiAgent: 'xhigh',
    context: 500_000,
  },
  {
    slug: 'gpt-6.1-sol',
    priority: 4,
    floor: '0.153.0',
    defaultEffort: 'low',
    highest: 'ultra',
    multiAgent: 'xhigh',
    context: 500_000,
  },
  { slug: 'gpt-6-astra', priority: 5, floor: '0.153.0', defaultEffort: 'low', highest: 'ultra' },
  { slug: 'gpt-6-sol', priority: 6, floor: '0.155.0', defaultEffort: 'medium', highest: 'ultra' },
  { slug: 'gpt-6-luna', priority: 7, floor: '0.155.0', defaultEffort: 'medium', highest: 'max' },
  {
    slug: 'gpt-5.6-sol',
    priority: 8,
    floor: '0.144.0',
    defaultEffort: 'low',
    highest: 'ultra',
    upgrade: 'gpt-6-sol',
  },
  {
    slug: 'gpt-5.6-terra',
    priority: 9,
    floor: '0.144.0',
    defaultEffort: 'medium',
    highest: 'ultra',
    upgrade: 'gpt-6-sol',
  },
  {
    slug: 'gpt-5.6-luna',
    priority: 10,
    floor: '0.144.0',
    defaultEffort: 'medium',
    highest: 'max',
    upgrade: 'gpt-6-luna',
  },
  {
    slug: 'gpt-daybreak-blue-latest',
    priority: 11,
    floor: '0.144.0',
    defaultEffort: 'low',
    highest: 'ultra',
    hidden: true,
    cyber: true,
  },
  {
    slug: 'gpt-daybreak-red-latest',
    priority: 12,
    floor: '0.142.2',
    defaultEffort: 'medium',
    highest: 'ultra',
    context: 372_000,
    max: 372_000,
    hidden: true,
    cyber: true,
  },
  {
    slug: 'gpt-5.5',
    priority: 13,
    floor: '0.124.0',
    defaultEffort: 'medium',
    highest: 'xhigh',
    max: 272_000,
    classic: true,
    upgrade: 'gpt-6-sol',
  },
  {
    slug: 'codex-auto-review',
    priority: 43,
    floor: '0.98.0',
    defaultEffort: 'medium',
    highest: 'max',
    hidden: true,
  },
];

const catalog: readonly CatalogModel[] = rows.map(entry);

/** Slugs of retired models (docs/wire/upstream.md#retired-models). */
const retired =
  /^(?:gpt-5(?:-codex.*)?|gpt-5\.[124](?:-.*)?|gpt-5\.3-codex|codex-mini-latest|gpt-4.*|o\d(?:-.*)?)$/;

export function findModel(slug: string): CatalogModel | undefined {
  return catalog.find((model) => model.slug === slug);
}

export function isRetired(slug: string): boolean {
  return retired.test(slug);
}

/** Changes with the catalogue. Turns return it as `x-models-etag`. */
export const catalogEtag = `W/"${Bun.hash.crc32(JSON.stringify(catalog)).toString(16)}"`;

/** The models that a client of this version sees. */
export function catalogFor(clientVersion: string | undefined): CatalogModel[] {
  return catalog.filter(
    (model) => clientVersion === undefined || isAtLeast(clientVersion, model.minimal_client_version),
  );
}

export function isAtLeast(version: string, floor: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [i, least] of floor.split('.').map(Number).entries()) {
    const part = parts[i] || 0;
    if (part !== least) return part > least;
  }
  return true;
}

/** The efforts that the API accepts; `ultra` exists only in clients (docs/wire/upstream.md#effort). */
export function wireEfforts(model: CatalogModel): string[] {
  return model.supported_reasoning_levels.map((level) => level.effort).filter((effort) => effort !== 'ultra');
}

function entry(row: Row): CatalogModel {
  const levels = ladder.slice(0, ladder.indexOf(row.highest) + 1);
  const name = row.slug.replace(/^gpt-/, 'GPT-');
  return {
    slug: row.slug,
    display_name: name,
    description: `${name}, as simulated.`,
    default_reasoning_level: row.defaultEffort,
    supported_reasoning_levels: levels.map((effort) => ({ effort, description: `Thinks on ${effort}.` })),
    shell_type: 'shell_command',
    multi_agent_reasoning_effort: row.multiAgent ?? null,
    visibility: row.hidden ? 'hide' : 'list',
    minimal_client_version: row.floor,
    supported_in_api: true,
    available_in_plans: row.cyber ? ['pro', 'enterprise'] : ['free', 'go', 'plus', 'pro', 'team', 'business'],
    prefer_websockets: true,
    priority: row.priority,
    additional_speed_tiers: row.cyber ? [] : ['fast'],
    service_tiers: row.cyber ? [] : [{ id: 'priority', name: 'Fast', description: 'Answers sooner.' }],
    upgrade: row.upgrade ? { model: row.upgrade, migration_markdown: `Try ${row.upgrade}.` } : null,
    base_instructions: 'You are Codex, a coding agent running in a terminal.',
    model_messages: null,
    supports_reasoning_summary_parameter: true,
    default_reasoning_summary: 'none',
    support_verbosity: true,
    default_verbosity: row.slug.includes('red') ? 'high' : 'low',
    apply_patch_tool_type: 'freeform',
    web_search_tool_type: 'text_and_image',
    truncation_policy: { mode: 'tokens', limit: 10_000 },
    supports_parallel_tool_calls: true,
    supports_image_detail_original: true,
    context_window: row.context ?? 272_000,
    max_context_window: row.max ?? 872_000,
    effective_context_window_percent: 95,
    experimental_supported_tools: [],
    input_modalities: ['text', 'image'],
    supports_search_tool: true,
    use_responses_lite: !row.classic,
    tool_mode: null,
  };
}
