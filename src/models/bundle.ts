// The catalogue bundled with the Codex CLI 0.171.0, in the upstream's format: used only until the upstream's own has been
// fetched. The list changes every few weeks.

const efforts = ['low', 'medium', 'high', 'xhigh', 'max', 'ultra'];

interface Row {
  slug: string;
  priority: number;
  /** The oldest Codex version that the upstream offers the model to. */
  minClientVersion: string;
  defaultEffort: string;
  highestEffort: string;
  /** The effort sent for `ultra`; `max` if the catalogue does not name one. */
  multiAgentEffort?: string;
  window?: number;
  maxWindow?: number;
  hidden?: true;
  /** Whether requests use the classic form, not Responses Lite. */
  classic?: true;
  verbosity?: string;
  noTier?: true;
}

const rows: Row[] = [
  {
    slug: 'gpt-6.2-sol',
    priority: 1,
    minClientVersion: '0.166.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
    multiAgentEffort: 'xhigh',
    window: 500_000,
  },
  {
    slug: 'gpt-6.2-astra',
    priority: 2,
    minClientVersion: '0.166.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
    multiAgentEffort: 'xhigh',
  },
  {
    slug: 'gpt-6.1-terra',
    priority: 3,
    minClientVersion: '0.153.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
    multiAgentEffort: 'xhigh',
    window: 500_000,
  },
  {
    slug: 'gpt-6.1-sol',
    priority: 4,
    minClientVersion: '0.153.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
    multiAgentEffort: 'xhigh',
    window: 500_000,
  },
  {
    slug: 'gpt-6-astra',
    priority: 5,
    minClientVersion: '0.153.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
  },
  {
    slug: 'gpt-6-sol',
    priority: 6,
    minClientVersion: '0.155.0',
    defaultEffort: 'medium',
    highestEffort: 'ultra',
  },
  {
    slug: 'gpt-6-luna',
    priority: 7,
    minClientVersion: '0.155.0',
    defaultEffort: 'medium',
    highestEffort: 'max',
  },
  {
    slug: 'gpt-5.6-sol',
    priority: 8,
    minClientVersion: '0.144.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
  },
  {
    slug: 'gpt-5.6-terra',
    priority: 9,
    minClientVersion: '0.144.0',
    defaultEffort: 'medium',
    highestEffort: 'ultra',
  },
  {
    slug: 'gpt-5.6-luna',
    priority: 10,
    minClientVersion: '0.144.0',
    defaultEffort: 'medium',
    highestEffort: 'max',
  },
  {
    slug: 'gpt-daybreak-blue-latest',
    priority: 11,
    minClientVersion: '0.144.0',
    defaultEffort: 'low',
    highestEffort: 'ultra',
    hidden: true,
    noTier: true,
  },
  {
    slug: 'gpt-daybreak-red-latest',
    priority: 12,
    minClientVersion: '0.142.2',
    defaultEffort: 'medium',
    highestEffort: 'ultra',
    window: 372_000,
    maxWindow: 372_000,
    hidden: true,
    noTier: true,
    verbosity: 'high',
  },
  {
    slug: 'gpt-5.5',
    priority: 13,
    minClientVersion: '0.124.0',
    defaultEffort: 'medium',
    highestEffort: 'xhigh',
    maxWindow: 272_000,
    classic: true,
  },
  {
    slug: 'codex-auto-review',
    priority: 43,
    minClientVersion: '0.98.0',
    defaultEffort: 'medium',
    highestEffort: 'max',
    hidden: true,
  },
];

export const bundledEntries: readonly Readonly<Record<string, unknown>>[] = rows.map((row) => ({
  slug: row.slug,
  display_name: row.slug,
  description: '',
  default_reasoning_level: row.defaultEffort,
  supported_reasoning_levels: efforts
    .slice(0, efforts.indexOf(row.highestEffort) + 1)
    .map((effort) => ({ effort, description: '' })),
  multi_agent_reasoning_effort: row.multiAgentEffort ?? null,
  visibility: row.hidden ? 'hide' : 'list',
  minimal_client_version: row.minClientVersion,
  supported_in_api: true,
  priority: row.priority,
  additional_speed_tiers: [],
  service_tiers: row.noTier ? [] : [{ id: 'priority', name: 'Fast', description: '' }],
  supports_reasoning_summary_parameter: true,
  default_reasoning_summary: 'none',
  support_verbosity: true,
  default_verbosity: row.verbosity ?? 'low',
  truncation_policy: { mode: 'tokens', limit: 10_000 },
  context_window: row.window ?? 272_000,
  max_context_window: row.maxWindow ?? 872_000,
  effective_context_window_percent: 95,
  input_modalities: ['text', 'image'],
  use_responses_lite: !row.classic,
}));
