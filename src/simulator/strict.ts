// What the simulator is strict about only when asked.

/** Rules that are not sure to hold in life, or hold only for some clients: off unless a test turns them on. */
export interface StrictRules {
  /** No `originator` header: 404 for the model (docs/wire/upstream.md#identity-gates). */
  originator: boolean;
  /** A `version` header older than the model's floor: 400 (docs/wire/upstream.md#minimal-client-version). */
  version: boolean;
  /** A classic model without `instructions`: 400 (5.6, as until May 2026). */
  instructions: boolean;
  /** Only `encrypted_content` that was issued to this account and family of models is good. */
  encryptedContent: boolean;
  /** Only the ports 1455 and 1457 are accepted in the login's callback (docs/wire/upstream.md#login). */
  redirectPort: boolean;
  /** A spent refresh token ends the whole session (docs/wire/upstream.md#refresh-single-use). */
  refreshReuse: boolean;
}

export const lenient: StrictRules = {
  originator: false,
  version: false,
  instructions: false,
  encryptedContent: false,
  redirectPort: false,
  refreshReuse: false,
};
