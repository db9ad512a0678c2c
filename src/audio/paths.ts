// Where things are on this machine is nobody's business who sends a recording: messages name files without their directories.

const quoted = /(['"`])(?:~|[A-Za-z]:)?[\\/][^'"`\n]*\1/g;
const bare = /(?<![\w.:/\\~-])(?:~|[A-Za-z]:)?(?:[\\/]+[^\s\\/'"`:,;()<>|*?]+){2,}/g;

/** Each absolute path in the text becomes its last component. */
export function withoutDirectories(text: string): string {
  return text
    .replace(quoted, (path, quote: string) => `${quote}${lastOf(path.slice(1, -1))}${quote}`)
    .replace(bare, lastOf);
}

/** A model as clients may see it: one that is a file goes by its name, `/models/ggml-base.en.bin` by `base.en`. */
export function publicModel(model: string): string {
  return isPath(model) ? lastOf(model).replace(/^ggml-(.+)\.bin$/, '$1') : model;
}

export function isPath(model: string): boolean {
  return /^(?:~?[\\/]|\.{1,2}[\\/]|[A-Za-z]:[\\/])/.test(model);
}

function lastOf(path: string): string {
  return path.replace(/(?<![\\/])[\\/]+$/, '').replace(/^.*[\\/]/, '');
}
