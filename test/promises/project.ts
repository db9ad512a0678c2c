// What the README of an older project promised, as data: the tests try it, and the tables of docs/migrating are made from it.

export interface Project {
  name: string;
  /** As its README writes it, and as it is written now. Each `now` is tried. */
  commands: readonly Line[];
  /** Every variable is still read, or the row says what to write instead. */
  variables: readonly Variable[];
  /** Flags of the commands above, all with their old names. */
  flags: readonly string[];
  routes: readonly Route[];
  models: readonly string[];
  /** What differs, with one line of what to write for the old behaviour. */
  differently: readonly Difference[];
}

export interface Line {
  was: string;
  now: string;
}

export interface Variable {
  name: string;
  /** As the README shows it, or one like it. */
  value: string;
  /** The setting that it gives its value; without one the variable says where something is, and has a test of its own. */
  sets?: string;
  /** The value as `codexd config show` has it. */
  to?: unknown;
}

/** `METHOD /path`; the route is the same unless `now` says otherwise. */
export interface Route {
  was: string;
  now?: string;
}

export interface Difference {
  was: string;
  now: string;
}

/** Promises of the documents that a later version of codexd keeps. */
export const pending = [
  'previous_response_id',
  'Docker and compose',
  'Homebrew and installers',
  'systemd',
] as const;

/** Promises that codexd does not keep, and why. */
export const decided = [
  {
    what: 'TLS imitation',
    why: 'codexd does not pretend to be a browser. If Cloudflare challenges it, it says so.',
  },
  {
    what: 'Cloudflare Workers',
    why: 'codexd is one binary with a file for its login. Run `codexd serve` on a machine of your own.',
  },
  {
    what: 'port and bind defaults',
    why: 'codexd listens on 127.0.0.1:8787. `--host`, `--port` and `--listen` choose another address.',
  },
] as const;
