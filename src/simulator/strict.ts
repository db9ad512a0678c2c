// Checks that the simulator makes only on request.

/** Rules that may not hold in reality, or only for some clients; off unless a test enables them. */
export interface StrictRules {
  /** Without an `originator` header, the model is a 404 (docs/wire/upstream.md#identity-gates). */
  originator: boolean;
  /** A `version` header below the model's minimum is a 400 (docs/wire/upstream.md#minimal-client-version). */
  version: boolean;
  /** A classic model without `instructions` is a 400, as until May 2026. */
  instructions: boolean;
  /** Accepts only `encrypted_content` that was issued to this account and family of models. */
  encryptedContent: boolean;
  /** Accepts only the ports 1455 and 1457 in the login's callback (docs/wire/upstream.md#login). */
  redirectPort: boolean;
  /** Using an old refresh token ends the whole session (docs/wire/upstream.md#refresh-single-use). */
  refreshReuse: boolean;
}

export const lenientRules: StrictRules = {
  originator: false,
  version: false,
  instructions: false,
  encryptedContent: false,
  redirectPort: false,
  refreshReuse: false,
};
