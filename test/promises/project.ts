// The promises in an older project's README, as data: tests try them, and the tables of docs/migrating are generated
// from them.

export interface Project {
  name: string;
  /** How it was installed, as a package, an image or a unit, and what takes its place; Markdown. */
  installs: readonly Line[];
  /** As in its README, and as it is written now. Each `now` is tested. */
  commands: readonly Line[];
  /** Every variable is still read, unless the row says what to write instead. */
  variables: readonly Variable[];
  /** Flags of the commands above, all with their old names. */
  flags: readonly string[];
  routes: readonly Route[];
  models: readonly string[];
  /** Differences, each with what to write for the old behaviour. */
  differently: readonly Difference[];
  /** Its library. A test runs each `now` on Bun and on Node, if it can run there. */
  library?: readonly Line[];
}

export interface Line {
  was: string;
  now: string;
}

export interface Variable {
  name: string;
  /** From the README, or similar. */
  value: string;
  /** The setting that it sets; variables without one locate something and have tests of their own. */
  sets?: string;
  /** The value in `codexd config show`. */
  to?: unknown;
}

/** `METHOD /path`; the route is unchanged unless `now` says otherwise. */
export interface Route {
  was: string;
  now?: string;
}

export interface Difference {
  was: string;
  now: string;
}

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
