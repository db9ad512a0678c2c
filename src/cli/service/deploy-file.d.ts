// `with { type: 'text' }`: the content of a file of deploy/, which `bun build --compile` puts into the binary.
declare module '*.service' {
  const text: string;
  export default text;
}
declare module '*.plist' {
  const text: string;
  export default text;
}
declare module '*/deploy/windows/codexd.xml' {
  const text: string;
  export default text;
}
