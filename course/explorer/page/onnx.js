// A larger network in the page: its ONNX file, run by onnxruntime-web; both are served beside the page, so that it has
// to come from a host (a folder may load nothing).

// told: { onnx: a file's name, config } -> ask(question, image) as elsewhere.js has it
export function onnxAsker(told) {
  let session = null; // of the file, once it is there
  const open = async () => {
    if (location.protocol === "file:") throw { words: ["needsHost"] };
    const beside = (path) => new URL(path, location.href).href;
    const ort = await import(beside("ort/ort.wasm.min.mjs"));
    Object.assign(ort.env.wasm, { wasmPaths: beside("ort/"), numThreads: 1 });
    return { ort, run: await ort.InferenceSession.create(beside(told.onnx)) };
  };
  return async ({ changes }, image) => {
    session ??= open().catch((error) => { session = null; throw error.words ? error : { words: ["said", String(error)] }; });
    const { ort, run } = await session, { depth, num_heads: heads, image_size: size } = told.config;
    const on = { heads: new Float32Array(depth * heads).fill(1), layers: new Float32Array(depth).fill(1) };
    for (const [block, head] of changes.headsOff) on.heads[block * heads + head] = 0;
    for (const block of changes.layersOff) on.layers[block] = 0;
    const tensor = (values, dims) => new ort.Tensor("float32", Float32Array.from(values), dims);
    const found = await run.run({
      images: tensor(image, [1, 3, size, size]), positions: tensor([changes.positions ? 1 : 0], [1]),
      heads: tensor(on.heads, [depth, heads]), layers: tensor(on.layers, [depth]), temperature: tensor([changes.temperature], [1]),
    });
    const all = (name, count) => {
      const parts = Array.from({ length: count }, (_, i) => found[`${name}.${i}`].data), whole = new Float32Array(count * parts[0].length);
      parts.forEach((part, i) => whole.set(part, i * part.length));
      return whole;
    };
    return [all("tokens", depth + 1), all("attention", depth), found.by_block.data, found.logits.data];
  };
}
