// The regular expressions of a TypeScript source, as written there. A slash begins one where a value may begin.
export interface PatternLiteral {
  file: string;
  line: number;
  source: string;
  flags: string;
}

export function patternsOf(file: string, text: string): PatternLiteral[] {
  const found: PatternLiteral[] = [];
  // Comments, strings and templates in the order they come; a regular expression only after what ends no value.
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=(?:^|[(,=:[!&|?{};+>]|\breturn|\bcase)\s*)\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([dgimsuvy]*)/gm;
  for (const match of text.matchAll(token)) {
    const [, source, flags] = match;
    if (source === undefined || flags === undefined) continue;
    found.push({ file, line: text.slice(0, match.index).split('\n').length, source, flags });
  }
  return found;
}
