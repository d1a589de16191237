// What the page shows, and its address: every state is a link. Token -1 is what the network reads: the class token, or
// the mean of all patches.

export const USUAL = {
  model: -1, other: -1, picture: 0, token: -1, head: "0.0", mode: "look", tab: "attention", block: 0,
  hide: [], order: 0, positions: true, headsOff: [], layersOff: [], temperature: 1, step: -1,
};

// the state without what is as usual, as an address
export function address(state) {
  const told = Object.fromEntries(Object.entries(state).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(USUAL[name])));
  return Object.keys(told).length ? "#" + encodeURIComponent(JSON.stringify(told)) : "#";
}

// an address as a state; what it does not understand is as usual
export function stateOf(hash) {
  let told = {};
  try { told = JSON.parse(decodeURIComponent(hash.slice(1))) || {}; } catch { /* somebody's broken link */ }
  const state = structuredClone(USUAL);
  for (const name of Object.keys(USUAL)) {
    const value = told[name], usual = USUAL[name];
    if (value === undefined || typeof value !== typeof usual || Array.isArray(value) !== Array.isArray(usual)) continue;
    if (typeof value === "number" && !Number.isFinite(value)) continue;
    state[name] = value;
  }
  const whole = (value) => Number.isInteger(value) && value >= 0;
  state.hide = state.hide.filter(whole);
  state.layersOff = state.layersOff.filter(whole);
  state.headsOff = state.headsOff.filter((one) => Array.isArray(one) && one.length === 2 && one.every(whole));
  state.temperature = Math.min(Math.max(state.temperature, 0.0625), 16);
  return state;
}

// an order of n patches from a number: 0 is as they lie
export function orderOf(number, n) {
  if (!number) return null;
  let seed = number >>> 0;
  const random = () => { // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
