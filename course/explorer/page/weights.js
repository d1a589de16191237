// The models and pictures that the build has put into the page.

export function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return exponent === 31 ? (fraction ? NaN : sign * Infinity) : sign * 2 ** (exponent - 25) * (1024 + fraction);
}

export const floatsOf = (base64) => new Float32Array(bytesOf(base64).buffer);

// { shapes: [[name, numbers], ...], half, data } -> name -> Float32Array
export function weightsOf({ shapes, half, data }) {
  const bytes = bytesOf(data);
  const every = half ? Float32Array.from(new Uint16Array(bytes.buffer), fromHalf) : new Float32Array(bytes.buffer);
  const weights = {};
  let at = 0;
  for (const [name, count] of shapes) weights[name] = every.subarray(at, (at += count));
  return weights;
}
