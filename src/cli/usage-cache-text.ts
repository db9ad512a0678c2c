// Renders `codexd usage --cache`: conversations, and where each lost the upstream's prompt cache. Pure functions.
import type { CacheReport, Conversation, RecordedLoss } from '../ledger/cache-tables.ts';
import { dayFormat } from '../ledger/query.ts';
import { spanText } from '../reset-time.ts';
import { columns } from './columns.ts';
import { numberText, type UsageStyle } from './usage-text.ts';
import { noBreak, paragraph } from './wrap.ts';

interface CacheStyle extends UsageStyle {
  sinceMs: number;
}

/** On a terminal; `--json` and pipes have all. */
const maxShown = 10;

export function cacheText({ conversations, losses }: CacheReport, style: CacheStyle): string {
  const since = dayFormat(undefined)(style.sinceMs);
  if (conversations.length === 0) return `No conversations since ${since}.\n`;
  const most = style.isTty ? maxShown : Number.POSITIVE_INFINITY;
  const head = ['CONVERSATION', 'LAST TURN', 'CLIENT', 'MODEL', 'TURNS', 'INPUT', 'CACHED', 'LOST'];
  const rows = conversations.slice(0, most).map((one) => conversationRow(one, style));
  const tables = [columns([head, ...rows], style.width, [4, 5, 6, 7])];
  if (losses.length > 0) {
    const head = ['CONVERSATION', 'AT', 'LOST', 'BECAUSE'];
    const rows = losses.slice(0, most).map((loss) => lossRow(loss, style));
    tables.push(columns([head, ...rows], style.width, [2]));
  }
  const hidden = Math.max(conversations.length, losses.length) - most;
  if (hidden > 0) tables.push(paragraph('Only the latest are shown; `--json` prints all.', style.width));
  return tables.join('\n');
}

function conversationRow(one: Conversation, style: CacheStyle): string[] {
  const { inputTokens, cachedTokens } = one;
  return [
    ...[one.id, timeText(one.lastAtMs, style), one.client, one.model, String(one.turns)],
    numberText(inputTokens, style),
    style.isTty ? `${Math.round((100 * cachedTokens) / inputTokens)}%` : String(cachedTokens),
    numberText(one.lostTokens, style),
  ];
}

function lossRow(loss: RecordedLoss, style: CacheStyle): string[] {
  return [
    ...[loss.conversation, timeText(loss.atMs, style)],
    ...[numberText(loss.lostTokens, style), reasonText(loss)],
  ];
}

function reasonText({ place, sameLength, lengthBefore, lengthAfter, idleMs }: RecordedLoss): string {
  if (place === null) return `the prompt was unchanged; the turn before was ${spanText(idleMs)} earlier`;
  if (lengthAfter === 0) return `${place} was removed`;
  if (lengthBefore === 0) return `${place} was added`;
  return `${place} changed after character ${sameLength} (length ${lengthBefore} → ${lengthAfter})`;
}

/** `11-20 15:23` on a terminal, with the year elsewhere; the Swedish locale formats dates like ISO 8601. */
function timeText(ms: number, { isTty }: CacheStyle): string {
  const text = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' }).format(ms);
  return isTty ? text.slice('2026-'.length).replace(' ', noBreak) : text;
}

export function cacheJson({ conversations, losses }: CacheReport): object {
  return {
    conversations: conversations.map(({ lastAtMs, inputTokens, cachedTokens, lostTokens, ...one }) => ({
      ...one,
      last_at: new Date(lastAtMs).toISOString(),
      input_tokens: inputTokens,
      cached_tokens: cachedTokens,
      lost_tokens: lostTokens,
    })),
    losses: losses.map((loss) => ({
      at: new Date(loss.atMs).toISOString(),
      conversation: loss.conversation,
      lost_tokens: loss.lostTokens,
      idle_seconds: Math.round(loss.idleMs / 1000),
      place: loss.place,
      same_length: loss.sameLength,
      length_before: loss.lengthBefore,
      length_after: loss.lengthAfter,
    })),
  };
}
