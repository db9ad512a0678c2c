// What the upstream client needs of a login. `auth/source.ts` happens to fit (style.md 3: consumers own interfaces).

export interface Credentials {
  accessToken: string;
  /** Sent as `chatgpt-account-id`; absent only for tokens that name no account. */
  accountId: string | undefined;
  /** `chatgpt_account_is_fedramp` of the token: adds `x-openai-fedramp: true`. */
  fedramp: boolean;
}

export interface TokenSource {
  /** Credentials good for the next five minutes, refreshed when needed. Throws `login_required`. */
  get(): Promise<Credentials>;
  /**
   * Called after the upstream answered 401 to `refused`: adopts what another process wrote to the file meanwhile,
   * else refreshes once, for all waiters. Throws `login_required` when neither helps.
   */
  refresh(refused: Credentials): Promise<Credentials>;
}
