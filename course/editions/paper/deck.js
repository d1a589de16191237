// The explorer's page is in this file once; a page of the deck that wants it gets a frame when it is turned to, in its
// state. On paper (?print-pdf) nothing is turned or touched: every page stands below the one before, and where the
// frame would be there is a still picture.
const explorer = JSON.parse(document.getElementById("explorer").textContent);

function touchable(page) {
  const place = page?.querySelector(".explorer");
  if (!place || !explorer || place.querySelector("iframe")) return;
  const frame = document.createElement("iframe");
  const state = JSON.stringify("#" + encodeURIComponent(place.dataset.state));
  frame.srcdoc = explorer.replace('"state": "#%7B%7D"', () => `"state": ${state}`).replace("<html", "<html data-projected");
  frame.title = document.title;
  frame.addEventListener("load", () => frame.contentWindow.addEventListener("keydown", turned));
  place.append(frame);
}

// A clicker turns the page in there, too; arrows do where nothing else moves by them, and Escape comes back out.
function turned(event) {
  const { key, defaultPrevented, target } = event;
  if (defaultPrevented || target.matches("input, select")) return;
  const turn = { PageDown: "next", ArrowRight: "next", PageUp: "prev", ArrowLeft: "prev" }[key];
  if (turn) Reveal[turn]();
  if (turn || key === "Escape") window.focus();
}

// A page of few words is set larger, as far as it fits and no line of code or output breaks that did not before.
function grow(page) {
  if (!page || page.querySelector("figure, .explorer") || page.classList.contains("grown")) return;
  const blocks = [...page.querySelectorAll("pre, table")], before = blocks.map((one) => one.offsetHeight);
  page.classList.add("grown");
  for (const by of [1.3, 1.2, 1.1, 1]) {
    page.style.setProperty("--grow", by);
    const end = Math.max(...[...page.children].map((one) => one.offsetTop + one.offsetHeight));
    const whole = end <= page.clientHeight - 40 && page.scrollWidth <= page.clientWidth;  // clear of the arrows
    if (whole && blocks.every((one, place) => one.offsetHeight < before[place] * by + 12)) return;
  }
  page.classList.remove("grown");  // the wider gaps do not fit
}

// A drawing says where to look after each press (data-views), so that what is spoken of can be read from the last row.
function look(page, at_once) {
  for (const drawing of page?.querySelectorAll("svg[data-views]") ?? []) {
    drawing.dataset.whole ??= drawing.getAttribute("viewBox");
    const views = Object.fromEntries(drawing.dataset.views.split(";").map((one) => one.split(":")));
    let press = Math.max(0, ...[...drawing.querySelectorAll(".fragment.visible")].map((one) => Number(one.dataset.press)));
    while (press > 0 && !(press in views)) press -= 1;
    turn(drawing, (views[press] ?? drawing.dataset.whole).split(" ").map(Number), at_once);
  }
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
function turn(drawing, to, at_once) {
  const from = drawing.getAttribute("viewBox").split(" ").map(Number), begun = performance.now(), mine = Symbol();
  drawing.turning = mine;
  const draw = (now) => {
    if (drawing.turning !== mine) return;
    const part = at_once || still.matches ? 1 : Math.max(0, Math.min((now - begun) / 400, 1)), eased = part * part * (3 - 2 * part);
    const [x, y, wide, high] = to.map((end, place) => from[place] + (end - from[place]) * eased);
    const scale = Math.min(drawing.clientWidth / wide, drawing.clientHeight / high);
    drawing.setAttribute("viewBox", [x, y, wide, high].join(" "));
    // nothing of what lies beside it
    drawing.style.clipPath = `inset(${(drawing.clientHeight - high * scale) / 2}px ${(drawing.clientWidth - wide * scale) / 2}px)`;
    if (part < 1) requestAnimationFrame(draw);
  };
  draw(begun);
}

const asked = new URLSearchParams(location.search), pages = document.querySelectorAll(".slides > section");
const planned = (page) => page.dataset.minutes.split(" ").includes(asked.get("minutes"));  // of a class so long
if ([...pages].some(planned)) for (const page of pages) if (!planned(page)) page.dataset.visibility = "hidden";

if (asked.has("print-pdf")) {
  document.body.className = "on-paper";
  pages.forEach(grow);
} else {
  Reveal.initialize({
    width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4, display: "flex", center: false, hash: true,
    slideNumber: (page) => [Number(page?.id.slice(1) ?? 1), "/", pages.length], transition: "none", plugins: [RevealNotes],
  }).then(() => {
    const show = (page) => { grow(page); touchable(page); look(page, true); };
    show(Reveal.getCurrentSlide());
    Reveal.on("slidechanged", ({ currentSlide }) => show(currentSlide));
    for (const press of ["fragmentshown", "fragmenthidden"]) Reveal.on(press, () => look(Reveal.getCurrentSlide()));
  });
}
