// Clients must not learn where files are on this machine, so messages name files without their directories.

const quoted = /(['"`])(?:~|[A-Za-z]:)?[\\/][^'"`\n]*\1/g;
const bare = /(?<![\w.:/\\~-])(?:~|[A-Za-z]:)?(?:[\\/]+[^\s\\/'"`:,;()<>|*?]+){2,}/g;

/** Replaces each absolute path in the text by its last component. */
export function withoutDirectories(text: string): string {
  return text
    .replace(quoted, (path, quote: string) => `${quote}${lastComponent(path.slice(1, -1))}${quote}`)
    .replace(bare, lastComponent);
}

/** The name of a model for clients: `/models/ggml-base.en.bin` becomes `base.en`; names stay unchanged. */
export function publicModel(model: string): string {
  return isPath(model) ? lastComponent(model).replace(/^ggml-(.+)\.bin$/, '$1') : model;
}

export function isPath(model: string): boolean {
  return /^(?:~?[\\/]|\.{1,2}[\\/]|[A-Za-z]:[\\/])/.test(model);
}

function lastComponent(path: string): string {
  return path.replace(/(?<![\\/])[\\/]+$/, '').replace(/^.*[\\/]/, '');
}
