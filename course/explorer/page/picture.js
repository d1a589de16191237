// From pixels to what the network is given: resize as Pillow does, cut the middle, normalise. See vit/data/pipeline.py.

// Pillow's bicubic filter (a = -0.5), antialiased: when a picture becomes smaller the kernel becomes wider
function cubic(x) {
  x = Math.abs(x);
  if (x < 1) return ((1.5 * x - 2.5) * x) * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

// for each place of the new side: the first old place, and the weights, rounded to 22 bits as Pillow rounds them
function taps(from, to) {
  const scale = from / to, stretch = Math.max(scale, 1), reach = 2 * stretch, found = [];
  for (let place = 0; place < to; place++) {
    const middle = (place + 0.5) * scale;
    const first = Math.max(Math.trunc(middle - reach + 0.5), 0), last = Math.min(Math.trunc(middle + reach + 0.5), from);
    const weights = [];
    let sum = 0;
    for (let i = first; i < last; i++) {
      weights.push(cubic((i - middle + 0.5) / stretch));
      sum += weights.at(-1);
    }
    found.push({ first, weights: weights.map((w) => Math.round((w / sum) * 2 ** 22)) });
  }
  return found;
}

// along one axis: pixels (height, width, 3) uint8 -> (height, to, 3), or along the height
function along(pixels, width, height, to, vertical) {
  const lines = taps(vertical ? height : width, to);
  const [w, h] = vertical ? [width, to] : [to, height];
  const made = new Uint8ClampedArray(w * h * 3);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const { first, weights } = lines[vertical ? y : x];
      for (let c = 0; c < 3; c++) {
        let sum = 2 ** 21;
        for (let k = 0; k < weights.length; k++) {
          const at = vertical ? (first + k) * width + x : y * width + first + k;
          sum += pixels[at * 3 + c] * weights[k];
        }
        made[(y * w + x) * 3 + c] = Math.floor(sum / 2 ** 22); // clamped to 0..255
      }
    }
  return made;
}

// pixels (height, width, 3) uint8 -> { pixels, width, height } of another size; first across, then down, as Pillow
export function resize(pixels, width, height, newWidth, newHeight) {
  if (newWidth !== width) pixels = along(pixels, width, height, newWidth, false);
  if (newHeight !== height) pixels = along(pixels, newWidth, height, newHeight, true);
  return pixels;
}

// the shorter side becomes `resize`, the middle `size` x `size` is cut out: (size, size, 3) uint8
export function framed(pixels, width, height, { size, resize: shorter }) {
  const scale = shorter / Math.min(width, height);
  const [w, h] = width < height ? [shorter, Math.trunc((height * shorter) / width)] : [Math.trunc((width * shorter) / height), shorter];
  const resized = scale === 1 ? pixels : resize(pixels, width, height, w, h);
  const left = Math.trunc((w - size) / 2), top = Math.trunc((h - size) / 2);
  const made = new Uint8ClampedArray(size * size * 3);
  for (let y = 0; y < size; y++) made.set(resized.subarray(((top + y) * w + left) * 3, ((top + y) * w + left + size) * 3), y * size * 3);
  return made;
}

// (S, S, 3) uint8 -> (3, S, S) float32, channel by channel (x / 255 - mean) / std
export function normalised(pixels, { size, mean, std }) {
  const image = new Float32Array(3 * size * size);
  for (let c = 0; c < 3; c++) for (let i = 0; i < size * size; i++) image[c * size * size + i] = (pixels[i * 3 + c] / 255 - mean[c]) / std[c];
  return image;
}
