// What the upstream client needs to know of a login. `auth/source.ts` implements it.

export interface Credentials {
  accessToken: string;
  /** Sent as `chatgpt-account-id`; undefined only for tokens without an account id. */
  accountId: string | undefined;
  /** The token's `chatgpt_account_is_fedramp` claim: adds `x-openai-fedramp: true`. */
  fedramp: boolean;
}

export interface TokenSource {
  /** Credentials valid for at least five minutes, refreshed if necessary. Throws `login_required`. */
  get(): Promise<Credentials>;
  /**
   * Called after the upstream rejected `refused` with a 401. Adopts the login that another process has written to the file
   * meanwhile, or else refreshes once for all waiters. Throws `login_required` when neither helps.
   */
  refresh(refused: Credentials): Promise<Credentials>;
}
