// The Vision Transformer once more, in plain JavaScript: read it beside vit/attention.py, encoder.py and model.py.
// Arrays are Float32Array, row by row; shapes stand as comments, T = 1 + N tokens, the class token first.

// y = x W^T + b: x (rows, from), weight (to, from), bias (to) -> (rows, to)
export function dense(x, weight, bias, rows) {
  const to = weight.length / (x.length / rows), from = x.length / rows;
  const y = new Float32Array(rows * to);
  for (let r = 0; r < rows; r++) {
    const at = r * from;
    let o = 0;
    for (; o + 3 < to; o += 4) { // four at once: each number of x is read once for all of them
      const w0 = o * from, w1 = w0 + from, w2 = w1 + from, w3 = w2 + from;
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (let i = 0; i < from; i++) {
        const v = x[at + i];
        s0 += v * weight[w0 + i]; s1 += v * weight[w1 + i]; s2 += v * weight[w2 + i]; s3 += v * weight[w3 + i];
      }
      y[r * to + o] = s0; y[r * to + o + 1] = s1; y[r * to + o + 2] = s2; y[r * to + o + 3] = s3;
    }
    for (; o < to; o++) {
      let s = 0;
      for (let i = 0; i < from; i++) s += x[at + i] * weight[o * from + i];
      y[r * to + o] = s;
    }
    if (bias) for (let k = 0; k < to; k++) y[r * to + k] += bias[k];
  }
  return y;
}

// each row (D) gets mean 0 and variance 1, times gamma, plus beta
export function layerNorm(x, gamma, beta, eps) {
  const dim = gamma.length, y = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += dim) {
    let mean = 0, variance = 0;
    for (let i = 0; i < dim; i++) mean += x[at + i];
    mean /= dim;
    for (let i = 0; i < dim; i++) variance += (x[at + i] - mean) ** 2;
    const scale = 1 / Math.sqrt(variance / dim + eps);
    for (let i = 0; i < dim; i++) y[at + i] = gamma[i] * (x[at + i] - mean) * scale + beta[i];
  }
  return y;
}

// rows of `width` numbers, each becomes shares that sum to 1; in place
export function softmax(x, width) {
  for (let at = 0; at < x.length; at += width) {
    let most = -Infinity, sum = 0;
    for (let i = 0; i < width; i++) most = Math.max(most, x[at + i]);
    for (let i = 0; i < width; i++) sum += x[at + i] = Math.exp(x[at + i] - most);
    for (let i = 0; i < width; i++) x[at + i] /= sum;
  }
  return x;
}

// Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 7.1.26; at most 1.5e-7 off
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return x < 0 ? -y : y;
}

export function gelu(x, kind) {
  const y = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const v = x[i];
    y[i] = kind === "tanh" ? 0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v * v * v))) : 0.5 * v * (1 + erf(v / Math.SQRT2));
  }
  return y;
}

const added = (x, y) => x.map((value, i) => value + y[i]);

export class ViT {
  // config: the fields of vit.config.ViTConfig; weights: timm's names -> Float32Array
  constructor(config, weights) {
    this.config = config;
    this.weights = weights;
    this.grid = config.image_size / config.patch_size;
    this.kept = null; // what the last run has computed, and from what
  }

  // image (3, S, S) -> tokens (N, D): cut into patches, each flattened by channel, row, column, times one matrix
  patchEmbed(image) {
    const { patch_size: p, image_size: size } = this.config, n = this.grid;
    const flat = new Float32Array(n * n * 3 * p * p); // (N, 3*P*P)
    let at = 0;
    for (let row = 0; row < n; row++)
      for (let col = 0; col < n; col++)
        for (let c = 0; c < 3; c++)
          for (let y = 0; y < p; y++)
            for (let x = 0; x < p; x++) flat[at++] = image[(c * size + row * p + y) * size + col * p + x];
    return dense(flat, this.weights["patch_embed.proj.weight"], this.weights["patch_embed.proj.bias"], n * n);
  }

  // tokens (N, D) -> (T, D): the class token in front, positions added
  embed(patches, positions) {
    const dim = this.config.embed_dim, cls = this.weights.cls_token, pos = this.weights.pos_embed;
    const x = new Float32Array(cls.length + patches.length);
    x.set(cls);
    x.set(patches, dim);
    return positions ? added(x, pos) : x;
  }

  // x (T, D) -> every step of attention; heads that are off have nothing to say
  attention(x, block, off, temperature) {
    const { embed_dim: dim, num_heads: heads } = this.config, d = dim / heads, tokens = x.length / dim;
    const name = `blocks.${block}.attn.`;
    const qkv = dense(x, this.weights[name + "qkv.weight"], this.weights[name + "qkv.bias"], tokens); // (T, 3*D): q, k, v
    const weights = new Float32Array(heads * tokens * tokens); // (h, T, T)
    const scale = 1 / Math.sqrt(d) / temperature;
    const out = new Float32Array(tokens * dim); // (T, D), heads side by side
    for (let h = 0; h < heads; h++) {
      const mine = weights.subarray(h * tokens * tokens, (h + 1) * tokens * tokens); // (T, T)
      for (let i = 0; i < tokens; i++)
        for (let j = 0; j < tokens; j++) {
          const q = i * 3 * dim + h * d, k = j * 3 * dim + dim + h * d;
          let s = 0;
          for (let c = 0; c < d; c++) s += qkv[q + c] * qkv[k + c];
          mine[i * tokens + j] = s * scale;
        }
      softmax(mine, tokens);
      if (off.has(`${block}.${h}`)) continue;
      for (let i = 0; i < tokens; i++)
        for (let j = 0; j < tokens; j++) {
          const share = mine[i * tokens + j], v = j * 3 * dim + 2 * dim + h * d, o = i * dim + h * d;
          for (let c = 0; c < d; c++) out[o + c] += share * qkv[v + c];
        }
    }
    const projected = dense(out, this.weights[name + "proj.weight"], this.weights[name + "proj.bias"], tokens); // (T, D)
    return { qkv, weights, out, projected };
  }

  // x (T, D) -> x + attention(norm1(x)), then x + mlp(norm2(x)); every step of it
  block(x, index, changes) {
    const { embed_dim: dim, norm_eps: eps, gelu: kind } = this.config, w = this.weights, name = `blocks.${index}.`;
    const norm1 = layerNorm(x, w[name + "norm1.weight"], w[name + "norm1.bias"], eps);
    const attention = this.attention(norm1, index, changes.headsOff, changes.temperature);
    const middle = added(x, attention.projected); // (T, D)
    const norm2 = layerNorm(middle, w[name + "norm2.weight"], w[name + "norm2.bias"], eps);
    const hidden = dense(norm2, w[name + "mlp.fc1.weight"], w[name + "mlp.fc1.bias"], x.length / dim); // (T, 4*D or so)
    const active = gelu(hidden, kind);
    const mlp = dense(active, w[name + "mlp.fc2.weight"], w[name + "mlp.fc2.bias"], x.length / dim); // (T, D)
    return { x, norm1, ...attention, middle, norm2, hidden, active, mlp, output: added(middle, mlp) };
  }

  // tokens (T, D) of any stage -> what norm and head say of them, (K)
  head(tokens) {
    const { embed_dim: dim, norm_eps: eps, pool } = this.config, w = this.weights;
    const x = layerNorm(tokens, w["norm.weight"], w["norm.bias"], eps);
    let features = x.slice(0, dim); // the class token's
    if (pool === "mean") {
      features = new Float32Array(dim);
      const n = x.length / dim - 1;
      for (let t = 1; t <= n; t++) for (let i = 0; i < dim; i++) features[i] += x[t * dim + i] / n;
    }
    return dense(features, w["head.weight"], w["head.bias"], 1);
  }

  // image (3, S, S) -> all of it, changed as asked: hide, order, positions, headsOff, layersOff, temperature.
  // Blocks before the first that differs from the last run are not computed again.
  inspect(image, changes = {}) {
    const asked = { hide: [], order: null, positions: true, headsOff: [], layersOff: [], temperature: 1, ...changes };
    const headsOff = new Set(asked.headsOff.map(([block, head]) => `${block}.${head}`)), layersOff = new Set(asked.layersOff);
    const shown = reordered(hidden(image, asked.hide, this.config), asked.order, this.config);
    const start = JSON.stringify([asked.positions, asked.temperature]);
    const same = this.kept && this.kept.start === start && this.kept.shown.every((value, i) => value === shown[i]);
    const stages = same ? this.kept.stages : [this.embed(this.patchEmbed(shown), asked.positions)];
    const steps = same ? this.kept.steps : [], keys = same ? this.kept.keys : [];
    let fresh = true;
    for (let index = 0; index < this.config.depth; index++) {
      const key = [...headsOff].filter((one) => one.startsWith(`${index}.`)).sort().join() + (layersOff.has(index) ? "off" : "");
      if (fresh && keys[index] === key) continue;
      fresh = false;
      const step = this.block(stages[index], index, { headsOff, temperature: asked.temperature });
      steps[index] = step;
      stages[index + 1] = layersOff.has(index) ? stages[index] : step.output;
      keys[index] = key;
    }
    this.kept = { start, shown, stages, steps, keys };
    const byBlock = stages.map((tokens) => this.head(tokens)); // (L + 1) times (K)
    return { image: shown, grid: this.grid, tokens: stages.slice(), steps: steps.slice(), attention: steps.map((step) => step.weights), byBlock, logits: byBlock.at(-1) };
  }
}

// patches whose pixels become 0, after normalisation middle grey
export function hidden(image, hide, { patch_size: p, image_size: size }) {
  const shown = image.slice(), n = size / p;
  for (const patch of hide)
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < p; y++) {
        const at = (c * size + Math.floor(patch / n) * p + y) * size + (patch % n) * p;
        shown.fill(0, at, at + p);
      }
  return shown;
}

// the patch in place i becomes that of number order[i]
export function reordered(image, order, { patch_size: p, image_size: size }) {
  if (!order) return image;
  const shown = new Float32Array(image.length), n = size / p;
  order.forEach((from, to) => {
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < p; y++) {
        const at = (c * size + Math.floor(from / n) * p + y) * size + (from % n) * p;
        shown.set(image.subarray(at, at + p), (c * size + Math.floor(to / n) * p + y) * size + (to % n) * p);
      }
  });
  return shown;
}

// attention followed from the last block back to the tokens that came in (Abnar and Zuidema, arXiv:2005.00928):
// attention (L times (h, T, T)) -> (T, T)
export function rollout(attention, tokens) {
  let flow = new Float32Array(tokens * tokens);
  for (let i = 0; i < tokens; i++) flow[i * tokens + i] = 1;
  for (const weights of attention) {
    const heads = weights.length / tokens / tokens, next = new Float32Array(tokens * tokens);
    for (let i = 0; i < tokens; i++)
      for (let k = 0; k < tokens; k++) {
        let share = i === k ? 0.5 : 0;
        for (let h = 0; h < heads; h++) share += (0.5 / heads) * weights[(h * tokens + i) * tokens + k];
        for (let j = 0; j < tokens; j++) next[i * tokens + j] += share * flow[k * tokens + j];
      }
    flow = next;
  }
  return flow;
}

// rows (n, D) -> cosines (n, n); 0 for rows of zeros
export function cosines(rows, dim) {
  const n = rows.length / dim, found = new Float32Array(n * n), length = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let s = 0;
    for (let c = 0; c < dim; c++) s += rows[i * dim + c] ** 2;
    length[i] = Math.sqrt(s) || 1;
  }
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let s = 0;
      for (let c = 0; c < dim; c++) s += rows[i * dim + c] * rows[j * dim + c];
      found[i * n + j] = found[j * n + i] = s / length[i] / length[j];
    }
  return found;
}

export const probabilities = (logits) => softmax(Float32Array.from(logits), logits.length);
