// Whether there is a login that works, until when, and which models it has.
import type { LoginFacts, LoginOrigin } from '../../auth/source.ts';
import { defaultModel, isAccountModel, namingOf, visibleModels } from '../../models/aliases.ts';
import { spanText } from '../../reset-time.ts';
import type { Examined } from './examined.ts';
import { type Finding, good, problem, skipped, warning } from './findings.ts';

/** Neither the account nor a path: what doctor prints is often pasted into a public issue. */
const sources: Record<LoginOrigin, string> = {
  bearer: 'the token in `auth.bearer`',
  environment: 'the login in `auth.auth_json`',
  'auth-file': 'the login in `auth.auth_file`',
  own: "codexd's own login",
  codex: "the Codex CLI's login",
};

export async function checkLogin({ services }: Examined): Promise<Finding[]> {
  // Refreshes a login that is due, which shows that refreshing works.
  await services.login.get();
  const { plan, origin } = services.login.facts();
  return [good('login', `Logged in with ${sources[origin]}, plan ${plan ?? 'unknown'}.`)];
}

const soonMs = 24 * 3_600_000;

export async function checkExpiry({ services }: Examined): Promise<Finding[]> {
  await services.login.get().catch(() => {}); // reported by `login`
  let facts: LoginFacts;
  try {
    facts = services.login.facts();
  } catch {
    return [skipped('expiry', 'Not checked, because there is no usable login.')];
  }
  const { expiresAtMs, refreshable } = facts;
  if (expiresAtMs === undefined) return [good('expiry', 'The login has no expiry.')];
  const leftMs = expiresAtMs - Date.now();
  if (refreshable && leftMs > 0) {
    return [
      good('expiry', `The access token expires in ${spanText(leftMs)} and is refreshed automatically.`),
    ];
  }
  const advice = refreshable
    ? 'Run `codexd login`.'
    : 'Run `codexd login`, so that codexd has a login that it can refresh.';
  if (leftMs <= 0) {
    return [problem('expiry', 'The access token has expired.', advice, 3)];
  }
  const message = `The access token expires in ${spanText(leftMs)}, and codexd does not refresh it.`;
  return [leftMs < soonMs ? warning('expiry', message, advice) : good('expiry', message)];
}

export async function checkModels({ services, setup }: Examined): Promise<Finding[]> {
  const hasLogin = await services.login.get().then(
    () => true,
    () => false,
  );
  if (!hasLogin) return [skipped('catalogue', 'Not checked, because the login does not work.')];
  const { models } = await services.catalog.refresh();
  const naming = namingOf(setup.config.models, models);
  const wanted = setup.config.models.default;
  if (wanted !== undefined && !isAccountModel(wanted, naming)) {
    const message = `The account does not have \`${wanted}\`, the model of \`models.default\`.`;
    return [warning('catalogue', message, 'Choose one that `codexd models` lists.')];
  }
  const count = visibleModels(naming).length;
  return [
    good(
      'catalogue',
      `${count} ${count === 1 ? 'model' : 'models'}; the default is ${defaultModel(naming).slug}.`,
    ),
  ];
}
