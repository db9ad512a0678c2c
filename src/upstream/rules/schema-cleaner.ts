// Repairs, at any depth, what the upstream refuses even without `strict`: values that are not schemas, unknown types, arrays
// without `items`, empty unions, and values that a keyword does not allow.
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import { schemaKeys, schemaListKeys, schemaMapKeys } from '../../responses/json-schema.ts';
import { modernizeLimits, removeInvalidKeywords } from './schema-keywords.ts';

const mayBeNull = [
  ...schemaMapKeys,
  ...schemaListKeys,
  ...schemaKeys,
  'additionalProperties',
  'required',
  'type',
];
const typeNames = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

export class SchemaCleaner {
  /** Whether a restriction of what the model may write has been removed. */
  changesMeaning = false;

  /** A repaired copy. */
  clean(schema: Fields): Fields {
    const copy: Fields = { ...schema };
    // Go clients write unset keys as null.
    for (const key of mayBeNull) if (copy[key] === null) delete copy[key];
    modernizeLimits(copy);
    if (removeInvalidKeywords(copy)) this.changesMeaning = true;
    if (Array.isArray(copy.items)) positionalItems(copy);
    for (const key of schemaMapKeys) if (key in copy) this.#names(copy, key);
    for (const key of schemaListKeys) if (key in copy) this.#list(copy, key);
    for (const key of schemaKeys) if (key in copy) copy[key] = this.#member(copy[key]);
    if ('additionalProperties' in copy) this.#additional(copy);
    if ('required' in copy) this.#required(copy, schema);
    if ('type' in copy) this.#type(copy);
    if ([copy.type].flat().includes('array') && !isSet(copy.items)) copy.items = {};
    return copy;
  }

  #names(copy: Fields, key: string): void {
    const schemas = copy[key];
    if (isObject(schemas)) {
      const kept = Object.entries(schemas).filter(([, schema]) => schema !== false);
      if (kept.length < Object.keys(schemas).length) this.changesMeaning = true;
      copy[key] = Object.fromEntries(kept.map(([name, schema]) => [name, this.#member(schema)]));
      return;
    }
    // PHP writes an empty object as `[]`.
    if (!Array.isArray(schemas) || schemas.length > 0) this.changesMeaning = true;
    copy[key] = {};
  }

  #list(copy: Fields, key: string): void {
    const schemas = copy[key];
    if (Array.isArray(schemas) && schemas.length > 0) {
      copy[key] = schemas.map((schema) => this.#member(schema));
    } else this.#remove(copy, key);
  }

  /** `true` and `false` are schemas too. The upstream refuses both, so `false` loses its meaning here. */
  #member(schema: unknown): Fields {
    if (isObject(schema)) return this.clean(schema);
    if (schema !== true) this.changesMeaning = true;
    return {};
  }

  #additional(copy: Fields): void {
    const schema = copy.additionalProperties;
    if (isObject(schema)) copy.additionalProperties = this.clean(schema);
    else if (typeof schema !== 'boolean') this.#remove(copy, 'additionalProperties');
  }

  /** `required: true` is JSON Schema 3. */
  #required(copy: Fields, { properties }: Fields): void {
    const isForbidden = (name: string) => isObject(properties) && properties[name] === false;
    if (!Array.isArray(copy.required)) this.#remove(copy, 'required');
    else copy.required = copy.required.filter((name) => typeof name === 'string' && !isForbidden(name));
  }

  /** Gemini's clients write types in capitals. */
  #type(copy: Fields): void {
    const given = [copy.type].flat();
    const known = given.map((type) => String(type).toLowerCase()).filter((type) => typeNames.has(type));
    if (known.length < given.length) this.changesMeaning = true;
    if (known.length === 0) delete copy.type;
    else copy.type = Array.isArray(copy.type) ? known : known[0];
  }

  #remove(copy: Fields, key: string): void {
    delete copy[key];
    this.changesMeaning = true;
  }
}

/** Until JSON Schema 2019-09, `items` could be a list with one schema per position; the upstream requires `prefixItems`. */
function positionalItems(copy: Fields): void {
  const { items, additionalItems, prefixItems } = copy;
  delete copy.additionalItems;
  copy.items = isObject(additionalItems) ? additionalItems : {};
  if (prefixItems === undefined) copy.prefixItems = items;
}
