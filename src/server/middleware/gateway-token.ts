// An API key in the form of a JWT. Claude Code shows a plan's limits only if its token has the audience `claude-gateway`.
// It does not check the signature, so that is where the key is.

const head = part({ alg: 'none', typ: 'JWT' });
const claims = part({ aud: 'claude-gateway' });

export function gatewayToken(key: string): string {
  return `${head}.${claims}.${Buffer.from(key).toString('base64url')}`;
}

/** The key in a token made by `gatewayToken`; undefined for any other text. */
export function keyInGatewayToken(text: string): string | undefined {
  const prefix = `${head}.${claims}.`;
  if (!text.startsWith(prefix)) return undefined;
  const key = Buffer.from(text.slice(prefix.length), 'base64url').toString();
  return key !== '' && gatewayToken(key) === text ? key : undefined;
}

function part(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}
