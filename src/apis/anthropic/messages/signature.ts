// The encrypted reasoning travels in the signature of a thinking block, which clients send back unread.
// The tag tells ours from that of the vendor's own models.
import type { InputReasoning } from '../../../responses/request.ts';

const tag = 'cdx1.';

/** The upstream's blobs are Fernet tokens: version 0x80, then a time stamp that begins with zeros, 73 bytes or more. */
const untagged = /^gAAAA[A-Za-z0-9_-]{93,}={0,2}$/;

export function signatureOf(encryptedContent: string): string {
  return tag + encryptedContent;
}

/**
 * The reasoning that a signature (or the `data` of a redacted block) carries; undefined for somebody else's, which the
 * upstream would refuse. Without an id, which it could not find, and without the text, which some clients do not keep.
 */
export function reasoningOf(signature: unknown): InputReasoning | undefined {
  const encrypted_content = encryptedContentOf(signature);
  return encrypted_content ? { type: 'reasoning', summary: [], encrypted_content } : undefined;
}

function encryptedContentOf(signature: unknown): string | undefined {
  if (typeof signature !== 'string') return undefined;
  if (signature.startsWith(tag)) return signature.slice(tag.length);
  return untagged.test(signature) ? signature : undefined; // the history was made by way of another proxy
}
