// The changelog's section of a version, which becomes the notes of its release.

export function changelogSection(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((each) => /^\S+/.exec(each)?.[0] === version);
  const text = section?.slice(section.indexOf('\n')).trim();
  return text === '' ? undefined : text;
}
