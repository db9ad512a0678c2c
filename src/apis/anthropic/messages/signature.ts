// Encrypted reasoning as the signature of a thinking block, which clients send back unchanged. The tag distinguishes it from
// signatures of Anthropic's models.
import type { InputReasoning } from '../../../responses/request.ts';

const tag = 'cdx1.';

/** The upstream's encrypted reasoning is a Fernet token: version 0x80, a timestamp that begins with zeros, at least 73 bytes. */
const untagged = /^gAAAA[A-Za-z0-9_-]{93,}={0,2}$/;

export function signatureOf(encryptedContent: string): string {
  return tag + encryptedContent;
}

/**
 * The reasoning in a signature, or in the `data` of a redacted block; undefined for other vendors' signatures, which the
 * upstream would refuse. Without an id, which the upstream could not find, and without text, which some clients do not keep.
 */
export function reasoningOf(signature: unknown): InputReasoning | undefined {
  const encrypted_content = encryptedContentOf(signature);
  return encrypted_content ? { type: 'reasoning', summary: [], encrypted_content } : undefined;
}

function encryptedContentOf(signature: unknown): string | undefined {
  if (typeof signature !== 'string') return undefined;
  if (signature.startsWith(tag)) return signature.slice(tag.length);
  return untagged.test(signature) ? signature : undefined; // the history comes from another proxy
}
