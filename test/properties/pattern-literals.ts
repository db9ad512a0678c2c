// The regular expressions in a TypeScript source. A slash begins one wherever a value may begin.
export interface PatternLiteral {
  file: string;
  line: number;
  source: string;
  flags: string;
}

export function patternsOf(file: string, text: string): PatternLiteral[] {
  const found: PatternLiteral[] = [];
  // Comments, strings and templates in order; a regular expression only where a value may begin.
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|(?<=(?:^|[(,=:[!&|?{};+>]|\breturn|\bcase)\s*)\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+)\/([dgimsuvy]*)/gm;
  for (const match of text.matchAll(token)) {
    const [, source, flags] = match;
    if (source === undefined || flags === undefined) continue;
    found.push({ file, line: text.slice(0, match.index).split('\n').length, source, flags });
  }
  return found;
}
