// A key of codexd in the form of a JWT. Claude Code shows the plan's windows that a server reports only when its token is
// one with the audience `claude-gateway`; it does not check the signature, which is where the key is.

const head = part({ alg: 'none', typ: 'JWT' });
const claims = part({ aud: 'claude-gateway' });

export function gatewayToken(key: string): string {
  return `${head}.${claims}.${Buffer.from(key).toString('base64url')}`;
}

/** The key in a token that `gatewayToken` made; undefined for every other text. */
export function keyInGatewayToken(text: string): string | undefined {
  const beginning = `${head}.${claims}.`;
  if (!text.startsWith(beginning)) return undefined;
  const key = Buffer.from(text.slice(beginning.length), 'base64url').toString();
  return key !== '' && gatewayToken(key) === text ? key : undefined;
}

function part(fields: object): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}
