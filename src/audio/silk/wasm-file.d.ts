// `with { type: 'file' }`: the path of the file, which `bun build --compile` puts into the binary.
declare module '*.wasm' {
  const path: string;
  export default path;
}
