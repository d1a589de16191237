import { ViT, probabilities, rollout, cosines } from "./vit.js";
import { framed, normalised } from "./picture.js";
import { weightsOf, floatsOf } from "./weights.js";
import { Elsewhere, askNotebook } from "./elsewhere.js";
import { onnxAsker } from "./onnx.js";
import { USUAL, address, stateOf, orderOf } from "./state.js";
import { drawMap, drawOver, drawPixels, drawStrip } from "./draw.js";
import { WORDS, TOUR } from "./words.js";

const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
let lang = DATA.lang === "en" ? 1 : 0;
const linked = location.protocol !== "about:"; // a page inside a notebook has no address of its own
let state = stateOf(linked && location.hash ? location.hash : DATA.state || "");
let own = null; // pixels of the visitor's own picture: { pixels, width, height }
const models = new Map(), pictures = new Map();

const say = (name, ...given) => given.reduce((text, value, i) => text.replaceAll(`{${i}}`, value), WORDS[name][lang]);
const node = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
};

// --- models and pictures -----------------------------------------------------------------------

const place = (number) => (number < 0 ? DATA.models.length + number : Math.min(number, DATA.models.length - 1));

function modelOf(number) {
  const at = place(number), told = DATA.models[at];
  if (!models.has(at)) {
    const made = told.data ? new ViT(told.config, weightsOf(told)) : new Elsewhere({ ...told, number: at, positions: floatsOf(told.positions) }, told.onnx ? onnxAsker(told) : askNotebook);
    made.told = told;
    models.set(at, made);
  }
  return models.get(at);
}

async function pixelsOf(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height > 24e6) throw { words: ["tooLarge", width, height] };
  if (Math.min(width, height) < 8) throw { words: ["tooSmall", width, height] };
  const canvas = node("canvas", { width, height }), context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return withoutAlpha(context.getImageData(0, 0, width, height));
}

function withoutAlpha({ data, width, height }) {
  const pixels = new Uint8ClampedArray(width * height * 3);
  for (let i = 0; i < width * height; i++) pixels.set(data.subarray(i * 4, i * 4 + 3), i * 3);
  return { pixels, width, height };
}

async function chosenPicture() {
  if (state.picture < 0 && own) return own;
  const at = Math.min(Math.max(state.picture, 0), DATA.pictures.length - 1);
  if (!pictures.has(at)) pictures.set(at, await pixelsOf(DATA.pictures[at].uri));
  return pictures.get(at);
}

// --- the state, and what follows from it ---------------------------------------------------------

let found = null; // of the model in front: the run, one without changes, and the same of the model beside it

function changes(model) {
  const { depth, num_heads: heads } = model.config, n = model.grid ** 2;
  const inside = (value, most) => Number.isInteger(value) && value >= 0 && value < most;
  return {
    hide: state.hide.filter((patch) => inside(patch, n)),
    order: orderOf(state.order, n),
    positions: state.positions,
    headsOff: state.headsOff.filter(([block, head]) => inside(block, depth) && inside(head, heads)),
    layersOff: state.layersOff.filter((one) => inside(one, depth)),
    temperature: state.temperature,
  };
}

const CHANGES = ["hide", "positions", "headsOff", "layersOff", "temperature"];
const unchanged = new Map(); // model and picture -> what it says with nothing changed

// the same network with a memory of its own, so that comparing does not cost what was kept
const twinOf = (model) => (model instanceof ViT ? new ViT(model.config, model.weights) : Object.assign(Object.create(Elsewhere.prototype), model, { kept: null }));

async function run(model, picture) {
  const frame = framed(picture.pixels, picture.width, picture.height, model.told.preprocessing);
  const image = normalised(frame, model.told.preprocessing), begun = performance.now();
  if (unchanged.get(model)?.picture !== picture) unchanged.set(model, { picture, plain: await model.inspect(image) });
  const asked = changes(model), seen = await model.inspect(image, asked);
  const inOrder = asked.order ? await (model.twin ??= twinOf(model)).inspect(image, { ...asked, order: null }) : null; // to compare with
  return { model, frame, image, plain: unchanged.get(model).plain, seen, inOrder, changed: CHANGES.some((name) => JSON.stringify(state[name]) !== JSON.stringify(USUAL[name])), milliseconds: performance.now() - begun };
}

function set(change, remember = true) {
  state = { ...state, ...change };
  const where = address(state);
  if (linked && where !== (location.hash || "#")) history[remember ? "pushState" : "replaceState"](null, "", where);
  return update();
}

let waiting = Promise.resolve(), queued = false;
function update() {
  if (queued) return waiting; // one that has not begun will see this state, too
  queued = true;
  waiting = waiting.then(async () => {
    queued = false;
    const late = setTimeout(() => tell({ words: ["wait"] }), 1500);
    try {
      const picture = await chosenPicture();
      found = { front: await run(modelOf(state.model), picture), beside: state.other >= 0 ? await run(modelOf(state.other), picture) : null };
    } finally {
      clearTimeout(late);
    }
    show();
  }).catch(tell);
  return waiting;
}

function tell(error, name = "") {
  const { words } = error;
  $("message").textContent = words ? say(words[0], name, ...words.slice(1)) : String(error);
}

// --- views -----------------------------------------------------------------------------------------

const patchesOf = (row) => row.subarray(1); // what a token (a row of T numbers) has for each patch
const called = (token, n) => (token === 0 ? say("classToken") : token > n * n ? say("meanOfPatches") : say("patch", token - 1, Math.floor((token - 1) / n) + 1, ((token - 1) % n) + 1));
const className = (one) => one[lang] || one[1];

// the attention of the chosen token, or the mean of all patches' rows: weights (T, T) -> (T)
function rowOf(weights, tokens, token) {
  if (token < tokens) return weights.subarray(token * tokens, (token + 1) * tokens);
  const row = new Float32Array(tokens);
  for (let i = 1; i < tokens; i++) for (let j = 0; j < tokens; j++) row[j] += weights[i * tokens + j] / (tokens - 1);
  return row;
}

function headRow({ model, seen }, block, head) {
  const tokens = model.grid ** 2 + 1;
  return rowOf(seen.attention[block].subarray(head * tokens * tokens, (head + 1) * tokens * tokens), tokens, token());
}

const token = () => {
  const { config, grid } = found.front.model, mean = grid ** 2 + 1;
  return state.token < 0 ? (config.pool === "mean" ? mean : 0) : Math.min(Math.trunc(state.token), mean);
};

function show() {
  const { front, beside } = found, { model, seen, frame } = front, n = model.grid;
  document.documentElement.lang = lang ? "en" : "zh-CN";
  for (const one of document.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say);
  document.title = say("title");
  $("message").textContent = "";
  showPicture(frame, seen, model);
  showTools(model);
  const shown = state.tab === "numbers" && !seen.steps ? "attention" : state.tab;
  $("tab-numbers").hidden = !seen.steps;
  for (const tab of ["attention", "similar", "numbers"]) {
    $(`tab-${tab}`).setAttribute("aria-selected", shown === tab);
    $(tab).hidden = shown !== tab;
  }
  $("from").textContent = called(token(), n);
  if (shown === "attention") showAttention(front, beside);
  if (shown === "similar") showSimilar(front);
  if (shown === "numbers") showNumbers(front);
  showAnswer(front, beside);
  showTour();
}

function showPicture(frame, seen, model) {
  const { size, mean, std } = model.told.preprocessing, n = model.grid, board = $("board");
  const pixels = new Uint8ClampedArray(size * size * 3); // as the network sees it: hidden, in another order
  for (let c = 0; c < 3; c++) for (let i = 0; i < size * size; i++) pixels[i * 3 + c] = (seen.image[c * size * size + i] * std[c] + mean[c]) * 255;
  front.pixels = pixels;
  drawPixels($("picture"), pixels, size);
  $("picture").setAttribute("aria-label", say("patchesAlt", n));
  if (board.children.length !== n * n) {
    board.replaceChildren(...Array.from({ length: n * n }, (_, i) => node("button", { type: "button", class: "patch", "data-patch": i, tabindex: i ? -1 : 0, onclick: () => touch(i), onpointerenter: (event) => drag(event, i), onkeydown: (event) => walk(event, i, n) })));
    board.style.setProperty("--n", n);
  }
  [...board.children].forEach((one, i) => {
    one.classList.toggle("chosen", token() === i + 1);
    one.classList.toggle("hidden-patch", state.hide.includes(state.order ? orderOf(state.order, n * n)[i] : i));
    one.setAttribute("aria-label", called(i + 1, n));
  });
  $("hint").textContent = state.mode === "hide" ? say("touchToHide", state.hide.length) : say("touchToLook");
  $("show-all").hidden = !state.hide.length;
}
const front = {};

function touch(patch) {
  if (state.mode !== "hide") return set({ token: patch + 1 });
  const n = found.front.model.grid, there = state.order ? orderOf(state.order, n * n)[patch] : patch;
  return set({ hide: state.hide.includes(there) ? state.hide.filter((one) => one !== there) : [...state.hide, there] });
}

// with a button held down, in the mode of hiding: every patch that is passed becomes as the first
function drag(event, patch) {
  if (state.mode !== "hide" || event.buttons !== 1) return;
  const n = found.front.model.grid, there = state.order ? orderOf(state.order, n * n)[patch] : patch;
  if (!state.hide.includes(there)) set({ hide: [...state.hide, there] }, false);
}

function walk(event, patch, n) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -n, ArrowDown: n }[event.key], to = patch + step;
  if (!step || to < 0 || to >= n * n) return;
  event.preventDefault();
  const one = $("board").children[to];
  for (const other of $("board").children) other.tabIndex = -1;
  one.tabIndex = 0;
  one.focus();
}

function showTools(model) {
  for (const mode of ["look", "hide"]) $(`mode-${mode}`).setAttribute("aria-pressed", state.mode === mode);
  $("shuffle").textContent = say(state.order ? "inOrder" : "shuffle");
  $("positions").setAttribute("aria-pressed", state.positions);
  $("positions").textContent = say(state.positions ? "positionsOn" : "positionsOff");
  $("temperature").value = Math.log2(state.temperature);
  $("degrees").textContent = state.temperature.toFixed(2).replace(/\.?0+$/, "");
  const mean = model.config.pool === "mean";
  $("class-token").textContent = say("classToken") + (mean ? "" : say("readByHead"));
  $("mean").textContent = say("meanOfPatches") + (mean ? say("readByHead") : "");
  $("class-token").setAttribute("aria-pressed", token() === 0);
  $("mean").setAttribute("aria-pressed", token() > model.grid ** 2);
  const several = (select, nothing) => {
    const options = DATA.models.map((one, i) => ({ value: i, text: className(one.name) }));
    if (nothing) options.unshift({ value: -1, text: say("nobody") });
    select.replaceChildren(...options.map(({ value, text }) => node("option", { value }, text)));
  };
  several($("model"), false);
  several($("other"), true);
  $("model").value = place(state.model);
  $("other").value = state.other;
  const epochs = DATA.models.map((one, i) => i).filter((i) => DATA.models[i].epoch !== undefined);
  $("epochs").hidden = epochs.length < 2;
  if (epochs.length > 1) {
    $("epoch").max = epochs.length - 1;
    const at = epochs.indexOf(place(state.model));
    if (at >= 0) $("epoch").value = at;
    $("epoch-told").textContent = at >= 0 ? say("epoch", DATA.models[place(state.model)].epoch) : "";
  }
  for (const [i, one] of [...$("pictures").children].entries()) one.setAttribute("aria-pressed", state.picture === i);
}

function showAttention(one, beside) {
  const { depth, num_heads: heads } = one.model.config, n = one.model.grid, grid = $("heads");
  const columns = heads * (beside ? 2 : 1);
  const blocks = depth > 6 && !beside ? 2 : 1; // side by side, so that all fit the screen
  grid.classList.toggle("dense", blocks > 1);
  grid.style.gridTemplateColumns = Array(blocks).fill(`28px repeat(${columns}, minmax(0, 1fr))`).join(" ");
  grid.style.setProperty("--rows", depth / blocks);
  const labels = Array.from({ length: columns }, (_, i) => node("span", { class: "head-name" }, say("headShort", (i % heads) + 1)));
  const rows = Array.from({ length: blocks }, () => [node("span"), ...labels.map((one) => one.cloneNode(true))]).flat();
  for (let block = 0; block < depth; block++) {
    const off = state.layersOff.includes(block);
    rows.push(node("button", { type: "button", class: "layer", "aria-pressed": !off, title: say("switchHead", say("layer", block + 1)), onclick: () => set({ layersOff: off ? state.layersOff.filter((o) => o !== block) : [...state.layersOff, block] }) }, String(block + 1)));
    for (const [which, run_] of [one, beside].entries())
      for (let head = 0; run_ && head < heads; head++) {
        const name = `${block}.${head}`, silent = state.headsOff.some(([b, h]) => b === block && h === head);
        const canvas = node("canvas", { "aria-hidden": true });
        drawMap(canvas, patchesOf(headRow(run_, block, head)), n);
        const mark = whereIs(token(), n);
        rows.push(node("div", { class: `map${silent || off ? " silent" : ""}${which ? " beside" : ""}${state.head === name ? " chosen" : ""}` },
          node("button", { type: "button", class: "show", "aria-label": say("head", block + 1, head + 1), "aria-pressed": state.head === name, onclick: () => set({ head: name }) }, canvas, mark),
          which ? null : node("button", { type: "button", class: "off", "aria-pressed": silent, "aria-label": say("switchHead", say("head", block + 1, head + 1)), title: say("switchHead", say("head", block + 1, head + 1)), onclick: () => set({ headsOff: silent ? state.headsOff.filter(([b, h]) => b !== block || h !== head) : [...state.headsOff, [block, head]] }) }, "×")));
      }
  }
  grid.replaceChildren(...rows);
  const [block, head] = state.head.split(".").map(Number), size = one.model.told.preprocessing.size, tokens = n * n + 1;
  const whole = state.head === "rollout" || !(block < depth && head < heads);
  const large = (run_) => patchesOf(whole ? rowOf(rollout(run_.seen.attention, tokens), tokens, token()) : headRow(run_, block, head));
  const over = large(one);
  drawOver($("large"), front.pixels, size, over, n);
  front.large = over;
  $("large-mark").replaceChildren(...[whereIs(token(), n)].filter(Boolean));
  $("large-beside").hidden = !beside;
  $("large").closest(".large").classList.toggle("two", Boolean(beside));
  if (beside) drawOver($("large-beside"), front.pixels, size, large(beside), n);
  const name = whole ? say("rollout") : say("head", block + 1, head + 1);
  $("large-told").textContent = name + (token() > 0 && token() <= n * n && !whole ? ` · ${say("away", distance(over, token() - 1, n).toFixed(1))}` : "");
  $("share").textContent = "";
  $("large").setAttribute("aria-label", `${name}, ${called(token(), n)}`);
  $("rollout").setAttribute("aria-pressed", whole);
}

// a frame around the chosen patch, over a map of n x n
function whereIs(token, n) {
  if (token < 1 || token > n * n) return null;
  const at = (value) => `${(100 * value) / n}%`, patch = token - 1;
  return node("i", { class: "mark", style: `left:${at(patch % n)};top:${at(Math.floor(patch / n))};width:${at(1)};height:${at(1)}` });
}

// how many patches away a row of attention looks from one of them, on average
function distance(row, patch, n) {
  let sum = 0, total = 0;
  row.forEach((share, i) => { total += share; sum += share * Math.hypot((i % n) - (patch % n), Math.floor(i / n) - Math.floor(patch / n)); });
  return total ? sum / total : 0;
}

function showSimilar({ model, seen }) {
  const { embed_dim: dim } = model.config, n = model.grid, tokens = n * n + 1, at = Math.min(token(), tokens - 1);
  const stages = $("stages"), made = seen.tokens.map((stage, i) => {
    const canvas = node("canvas", { "aria-hidden": true }), row = cosines(stage, dim).subarray(at * tokens, (at + 1) * tokens);
    const least = Math.min(...row);
    drawMap(canvas, patchesOf(row), n, 1, least);
    return node("figure", {}, canvas, node("figcaption", {}, `${i ? say("layer", i) : say("start")} · ${say("least", least.toFixed(2))}`));
  });
  stages.replaceChildren(...made);
  const canvas = $("position-map"), positions = model.weights.pos_embed;
  const row = cosines(positions, dim).subarray(at * tokens, (at + 1) * tokens);
  drawMap(canvas, patchesOf(row), n, 1, Math.min(...patchesOf(row)));
}

function showNumbers({ model, seen }) {
  const { embed_dim: dim, num_heads: heads, depth } = model.config, d = dim / heads, tokens = model.grid ** 2 + 1;
  const at = Math.min(token(), tokens - 1), block = Math.min(Math.max(state.block, 0), depth - 1), step = seen.steps[block];
  $("block").replaceChildren(...Array.from({ length: depth }, (_, i) => node("option", { value: i }, say("layer", i + 1))));
  $("block").value = block;
  const row = (values, width) => values.subarray(at * width, (at + 1) * width);
  const qkv = row(step.qkv, 3 * dim);
  const lines = [["x", row(step.x, dim)], ["norm1(x)", row(step.norm1, dim)]];
  for (const [i, name] of ["q", "k", "v"].entries()) for (let h = 0; h < heads; h++) lines.push([`${name} ${h + 1}`, qkv.subarray(i * dim + h * d, i * dim + (h + 1) * d)]);
  for (let h = 0; h < heads; h++) lines.push([`softmax(q·k/√d) ${h + 1}`, step.weights.subarray((h * tokens + at) * tokens, (h * tokens + at + 1) * tokens)]);
  lines.push(["weights · v", row(step.out, dim)], ["proj", row(step.projected, dim)], ["x + proj", row(step.middle, dim)], ["norm2", row(step.norm2, dim)]);
  const hidden = step.hidden.length / tokens;
  lines.push(["fc1", row(step.hidden, hidden)], ["GELU", row(step.active, hidden)], ["fc2", row(step.mlp, dim)], ["x + proj + fc2", row(step.output, dim)]);
  const pinned = [];
  $("lines").replaceChildren(...lines.map(([name, values]) => {
    const canvas = node("canvas", { class: "strip", role: "img", "aria-label": `${name}: ${Array.from(values.subarray(0, 4), (v) => v.toFixed(3)).join(", ")} …` }), told = node("output", {});
    drawStrip(canvas, Array.from(values));
    const pin = node("i", { class: "pin" });
    const read = (i) => {
      told.textContent = name.startsWith("softmax") ? `${i ? i - 1 : say("classToken")}: ${values[i].toFixed(4)}` : `[${i}] ${values[i].toFixed(4)}`;
    };
    const at = (event) => {
      const { left, width } = canvas.getBoundingClientRect();
      return Math.min(Math.max(Math.floor(((event.clientX - left) / width) * values.length), 0), values.length - 1);
    };
    canvas.addEventListener("pointermove", (event) => read(at(event)));
    canvas.addEventListener("pointerdown", (event) => { if (values.length === dim) pinAt(at(event)); else read(at(event)); });
    pinned.push((i) => {
      pin.hidden = values.length !== dim;
      pin.style.left = `${(100 * (i + 0.5)) / dim}%`;
      if (values.length === dim) read(i);
    });
    return node("div", { class: "line" }, node("code", {}, name), node("span", { class: "shape" }, `(${values.length})`), node("span", { class: "strip-box" }, canvas, pin), told);
  }));
  const pinAt = (i) => {
    for (const show of pinned) show(i);
    const number = (values) => values[at * dim + i].toFixed(4);
    $("sum").textContent = `[${i}]  ${number(step.x)} + ${number(step.projected)} = ${number(step.middle)};  ${number(step.middle)} + ${number(step.mlp)} = ${number(step.output)}`;
  };
  $("sum").textContent = "";
}

// ten classes at most, in their order: the likeliest, now or before
function likeliest(now, before) {
  const share = (k) => Math.max(now[k], before[k]);
  return Array.from(now.keys()).sort((a, b) => share(b) - share(a)).slice(0, 10).sort((a, b) => a - b);
}

function showAnswer({ model, seen, plain, inOrder, changed, milliseconds }, beside) {
  const names = model.told.classes.map(className), now = probabilities(seen.logits), before = probabilities(plain.logits);
  const other = beside && probabilities(beside.seen.logits), best = now.indexOf(Math.max(...now));
  const listed = likeliest(now, before);
  $("bars").replaceChildren(...listed.map((k) =>
    node("div", { class: `bar${k === best ? " best" : ""}` }, node("span", { class: "name" }, names[k]),
      node("span", { class: "track" }, node("i", { class: "before", style: `width:${100 * before[k]}%` }), node("i", { class: "now", style: `width:${100 * now[k]}%` }), other ? node("i", { class: "other", style: `width:${100 * other[k]}%` }) : null),
      node("span", { class: "share" }, `${(100 * now[k]).toFixed(now[k] > 0.0995 ? 0 : 1)}%`))));
  const stages = seen.byBlock.map(probabilities), table = $("by-block");
  table.replaceChildren(
    node("tr", {}, node("td", { class: "corner" }), ...stages.map((_, i) => node("th", { scope: "col" }, i ? String(i) : say("start")))),
    ...listed.map((k) => node("tr", {}, node("th", { scope: "row" }, names[k]), ...stages.map((stage) => node("td", { style: `--share:${stage[k].toFixed(3)}`, title: `${names[k]} ${(100 * stage[k]).toFixed(1)}%` }, stage[k] > 0.095 && stages.length < 10 ? (100 * stage[k]).toFixed(0) : "")))));
  const points = (share) => (100 * share).toFixed(share > 0.0995 ? 0 : 1);
  let compared = "";
  if (inOrder) {
    const before = probabilities(inOrder.logits), most = Math.max(...now.map((share, k) => Math.abs(share - before[k])));
    const first = before.indexOf(Math.max(...before));
    compared = say("ordered", names[first], points(before[first]), (100 * most).toFixed(3));
  } else if (changed) {
    const first = before.indexOf(Math.max(...before));
    compared = say("changed", names[first], points(before[first]), points(now[first]));
  }
  $("compared").textContent = compared;
  $("time").textContent = say(seen.steps || model.told.onnx ? "time" : "timeElsewhere", milliseconds.toFixed(0));
}

// --- the tour --------------------------------------------------------------------------------------

function showTour() {
  const at = state.step, box = $("tour-box"), step = TOUR[at];
  box.hidden = !step;
  document.body.classList.toggle("touring", Boolean(step));
  if (!step) return;
  $("tour-text").textContent = step.text[lang];
  $("tour-question").textContent = step.question[lang];
  $("tour-answer").textContent = step.answer[lang];
  $("tour-lesson").textContent = say("lesson", step.lesson);
  $("tour-count").textContent = say("stepOf", at + 1, TOUR.length);
  $("tour-back").disabled = at === 0;
  $("tour-next").disabled = at === TOUR.length - 1;
}

let beforeTour = null; // what somebody was looking at when they began it, given back at its end

async function toStep(at) {
  $("tour-more").open = false;
  if (!TOUR[at]) {
    await set({ ...(beforeTour ?? state), step: -1 });
    beforeTour = null;
    return;
  }
  if (state.step < 0) beforeTour = state;
  await set({ ...USUAL, other: state.other, ...TOUR[at].state, step: at });
  if (matchMedia("(max-width: 720px)").matches) $(TOUR[at].state.mode === "hide" ? "left" : "middle").scrollIntoView();
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    $("message").textContent = say("copied");
  } catch {
    prompt(say("copyIt"), location.href); // where a page may not reach the clipboard
  }
}

// --- pictures of the visitor's own ---------------------------------------------------------------------

async function take(file) {
  if (!file) return;
  if (file.type === "image/svg+xml" || /\.svgz?$/i.test(file.name)) return tell({ words: ["badSvg"] }, file.name);
  const url = URL.createObjectURL(file);
  try {
    own = await pixelsOf(url);
    await set({ picture: -1 });
  } catch (error) {
    tell(error.words ? error : { words: ["badPicture"] }, file.name);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function painting() {
  const canvas = $("paint"), context = canvas.getContext("2d", { willReadFrequently: true }), colours = ["#1f2933", "#d55e00", "#e69f00", "#f0e442", "#009e73", "#56b4e9", "#cc79a7", "#ffffff"];
  let brush = colours[1], last = null;
  const clear = () => { context.fillStyle = "#dfe7ee"; context.fillRect(0, 0, canvas.width, canvas.height); };
  const at = (event) => { const box = canvas.getBoundingClientRect(); return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height]; };
  const draw = (event) => {
    if (!last) return;
    const to = at(event);
    Object.assign(context, { strokeStyle: brush, lineWidth: 26, lineCap: "round" });
    context.beginPath();
    context.moveTo(...last);
    context.lineTo(...to);
    context.stroke();
    last = to;
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); last = at(event); draw(event); });
  canvas.addEventListener("pointermove", draw);
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { last = null; });
  $("colours").replaceChildren(...colours.map((one) => node("button", { type: "button", style: `background:${one}`, "aria-label": one, "aria-pressed": one === brush, onclick: (event) => { brush = one; for (const b of $("colours").children) b.setAttribute("aria-pressed", b === event.currentTarget); } })));
  $("paint-clear").addEventListener("click", clear);
  $("paint-use").addEventListener("click", () => { own = withoutAlpha(context.getImageData(0, 0, canvas.width, canvas.height)); $("painter").close(); set({ picture: -1 }); });
  clear();
}

// hides the six patches that the large map shows brightest, of those that are not hidden yet
function hideBrightest() {
  const n = found.front.model.grid, order = state.order ? orderOf(state.order, n * n) : null, there = (patch) => (order ? order[patch] : patch);
  const open = Array.from(front.large.keys()).filter((patch) => !state.hide.includes(there(patch)));
  const brightest = open.sort((a, b) => front.large[b] - front.large[a]).slice(0, 6);
  return set({ hide: [...state.hide, ...brightest.map(there)] });
}

function readShare(event) {
  const n = found.front.model.grid, { left, top, width, height } = $("large").getBoundingClientRect();
  const inside = (value) => Math.min(Math.max(Math.floor(value * n), 0), n - 1), row = inside((event.clientY - top) / height), column = inside((event.clientX - left) / width);
  $("share").textContent = say("shareOf", (100 * front.large[row * n + column]).toFixed(1), row + 1, column + 1);
}

// --- begin ---------------------------------------------------------------------------------------------

function begin() {
  const pressed = (id, work) => $(id).addEventListener("click", work);
  pressed("language", () => { lang = 1 - lang; show(); });
  pressed("theme", () => { const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches; root.dataset.theme = dark ? "light" : "dark"; });
  pressed("tour", () => toStep(0));
  pressed("tour-next", () => toStep(state.step + 1));
  pressed("tour-back", () => toStep(state.step - 1));
  pressed("tour-close", () => toStep(-1));
  pressed("link", copyLink);
  $("link").hidden = !linked;
  pressed("show-all", () => set({ hide: [] }));
  pressed("hide-brightest", hideBrightest);
  $("large").addEventListener("pointermove", readShare);
  pressed("reset", () => set({ ...USUAL, picture: state.picture, model: state.model, step: state.step, tab: state.tab }));
  pressed("mode-look", () => set({ mode: "look" }));
  pressed("mode-hide", () => set({ mode: "hide" }));
  pressed("shuffle", () => set({ order: state.order ? 0 : 1 + Math.floor(Math.random() * 9999) }));
  pressed("positions", () => set({ positions: !state.positions }));
  pressed("class-token", () => set({ token: 0 }));
  pressed("mean", () => set({ token: found.front.model.grid ** 2 + 1 }));
  pressed("rollout", () => set({ head: state.head === "rollout" ? "0.0" : "rollout" }));
  pressed("draw", () => $("painter").showModal());
  pressed("open", () => $("file").click());
  $("file").addEventListener("change", (event) => { take(event.target.files[0]); event.target.value = ""; });
  $("temperature").addEventListener("input", (event) => set({ temperature: Number((2 ** event.target.value).toFixed(3)) }, false));
  $("model").addEventListener("change", (event) => set({ model: Number(event.target.value) }));
  $("other").addEventListener("change", (event) => set({ other: Number(event.target.value) }));
  $("epoch").addEventListener("input", (event) => set({ model: DATA.models.map((one, i) => i).filter((i) => DATA.models[i].epoch !== undefined)[event.target.value] }, false));
  $("block").addEventListener("change", (event) => set({ block: Number(event.target.value) }));
  for (const tab of ["attention", "similar", "numbers"]) pressed(`tab-${tab}`, () => set({ tab }));
  $("pictures").replaceChildren(...DATA.pictures.map((one, i) => node("button", { type: "button", "aria-label": `${say("choosePicture")}: ${className(one.name)}`, onclick: () => set({ picture: i, hide: [] }) }, node("img", { src: one.uri, alt: "" }))));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
  addEventListener("paste", (event) => take([...event.clipboardData.files][0]));
  addEventListener("popstate", () => { state = stateOf(location.hash); update(); });
  painting();
  const step = linked && location.hash ? -1 : TOUR.findIndex((one) => one.lesson === DATA.lesson);
  if (step >= 0) state = { ...state, ...TOUR[step].state, step };
  update();
  globalThis.explorer = { DATA, modelOf, pixelsOf, framed, normalised, set, state: () => state, found: () => found, settled: () => waiting };
}

begin();
