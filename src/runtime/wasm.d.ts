/** What bundlers for workerd make of an import of WebAssembly: the compiled module. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
