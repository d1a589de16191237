// Small drawings on canvases: maps of patches, strips of numbers, bars.

// dark blue to yellow, as cividis: told apart without red and green, and in grey
const STOPS = [[0, 32, 76], [58, 78, 107], [124, 123, 120], [188, 174, 108], [255, 233, 69]];

export function colour(share) {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1), low = Math.min(Math.floor(at), STOPS.length - 2), part = at - low;
  return STOPS[low].map((value, c) => Math.round(value + part * (STOPS[low + 1][c] - value)));
}

// values of patches (n*n), as a map on a canvas of n x n pixels, which the page enlarges; `most` is the brightest
export function drawMap(canvas, values, n, most = Math.max(...values), least = 0) {
  canvas.width = canvas.height = n;
  const context = canvas.getContext("2d"), image = context.createImageData(n, n);
  for (let i = 0; i < n * n; i++) {
    const [r, g, b] = colour((values[i] - least) / (most - least || 1));
    image.data.set([r, g, b, 255], i * 4);
  }
  context.putImageData(image, 0, 0);
}

// the same over a picture: the picture in grey, yellow where it looks
export function drawOver(canvas, pixels, size, values, n) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d"), image = context.createImageData(size, size), most = Math.max(...values) || 1, p = size / n;
  for (let i = 0; i < size * size; i++) {
    const patch = Math.floor(Math.floor(i / size) / p) * n + Math.floor((i % size) / p), share = 0.75 * (values[patch] / most);
    const grey = 25 + 0.5 * (0.3 * pixels[i * 3] + 0.59 * pixels[i * 3 + 1] + 0.11 * pixels[i * 3 + 2]);
    for (let c = 0; c < 3; c++) image.data[i * 4 + c] = grey + share * (STOPS[4][c] - grey);
    image.data[i * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export function drawPixels(canvas, pixels, size) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d"), image = context.createImageData(size, size);
  for (let i = 0; i < size * size; i++) image.data.set([pixels[i * 3], pixels[i * 3 + 1], pixels[i * 3 + 2], 255], i * 4);
  context.putImageData(image, 0, 0);
}

// numbers as a strip: blue above zero, orange below, pale near it
export function drawStrip(canvas, values, most = Math.max(...values.map(Math.abs)) || 1) {
  canvas.width = values.length;
  canvas.height = 1;
  const context = canvas.getContext("2d"), image = context.createImageData(values.length, 1);
  values.forEach((value, i) => {
    const share = Math.min(Math.abs(value) / most, 1), to = value >= 0 ? [0, 114, 178] : [213, 94, 0];
    image.data.set([...to.map((c) => Math.round(245 + share * (c - 245))), 255], i * 4);
  });
  context.putImageData(image, 0, 0);
}
