// Repairs the schema of structured output like those of tools.
import { isObject } from '../../responses/fields.ts';
import type { Dropped, TextOptions } from '../../responses/request.ts';
import { SchemaCleaner } from './schema-cleaner.ts';

export function checkTextFormat(text: TextOptions | undefined): {
  text: TextOptions | undefined;
  dropped: Dropped[];
} {
  const schema = text?.format?.schema;
  if (!text?.format || !isObject(schema)) return { text, dropped: [] };
  const cleaner = new SchemaCleaner();
  const format = { ...text.format, schema: cleaner.clean(schema) };
  const why = 'The upstream does not accept this schema, so codexd sent one that allows more.';
  return {
    text: { ...text, format },
    dropped: cleaner.changesMeaning ? [{ field: 'text.format.schema', why }] : [],
  };
}
