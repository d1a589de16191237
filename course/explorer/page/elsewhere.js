// A network that is not in the page: somebody else computes it, the kernel of a notebook, and its answers are those of
// `inspect` in vit.js, without the steps within a block.
import { hidden, reordered } from "./vit.js";

export class Elsewhere {
  // told: { number, config, positions: Float32Array (T, D) }; ask: (question, image) -> Promise of four Float32Arrays
  constructor(told, ask) {
    this.config = told.config;
    this.weights = { pos_embed: told.positions };
    this.grid = told.config.image_size / told.config.patch_size;
    this.number = told.number;
    this.ask = ask;
    this.kept = null; // the last question but for its image, the image, and what was said
  }

  async inspect(image, changes = {}) {
    const { hide, order, ...asked } = { hide: [], order: null, positions: true, headsOff: [], layersOff: [], temperature: 1, ...changes };
    const shown = reordered(hidden(image, hide, this.config), order, this.config), question = JSON.stringify(asked);
    if (this.kept?.question !== question || !this.kept.shown.every((value, i) => value === shown[i])) {
      const [tokens, attention, byBlock, logits] = await this.ask({ model: this.number, changes: asked }, shown);
      const { embed_dim: dim, num_heads: heads } = this.config, count = this.grid ** 2 + 1;
      const cut = (values, each) => Array.from({ length: values.length / each }, (_, i) => values.subarray(i * each, (i + 1) * each));
      const seen = {
        image: shown, grid: this.grid, steps: null,
        tokens: cut(tokens, count * dim), // (L + 1) times (T, D)
        attention: cut(attention, heads * count * count), // L times (h, T, T)
        byBlock: cut(byBlock, logits.length), // (L + 1) times (K)
        logits,
      };
      this.kept = { question, shown, seen };
    }
    return this.kept.seen;
  }
}

// questions to the page around this one, the notebook's output
const pending = new Map();
let questions = 0;

export function askNotebook(question, image) {
  return new Promise((answer, fail) => {
    pending.set(++questions, { answer, fail });
    parent.postMessage({ question: questions, ...question, image }, "*");
  });
}

addEventListener("message", ({ source, data }) => {
  const asker = source === parent && pending.get(data?.answer);
  if (!asker) return;
  pending.delete(data.answer);
  if (data.error) asker.fail({ words: ["said", data.error] });
  else asker.answer(data.arrays.map((one) => new Float32Array(one)));
});
