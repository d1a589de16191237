// The explorer's page is in this file once; a page of the deck that wants it gets a frame when it is turned to, in its
// state. On paper (?print-pdf) nothing is turned or touched: every page stands below the one before, and where the
// frame would be there is a still picture.
const explorer = JSON.parse(document.getElementById("explorer").textContent);

function touchable(page) {
  const place = page?.querySelector(".explorer");
  if (!place || !explorer || place.querySelector("iframe")) return;
  const frame = document.createElement("iframe");
  const state = JSON.stringify("#" + encodeURIComponent(place.dataset.state));
  frame.srcdoc = explorer.replace('"state": "#%7B%7D"', () => `"state": ${state}`);
  frame.title = document.title;
  place.append(frame);
}

if (new URLSearchParams(location.search).has("print-pdf")) {
  document.body.className = "on-paper";
} else {
  Reveal.initialize({
    width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4, display: "flex", center: false, hash: true,
    slideNumber: "c/t", transition: "none", plugins: [RevealNotes],
  }).then(() => {
    touchable(Reveal.getCurrentSlide());
    Reveal.on("slidechanged", ({ currentSlide }) => touchable(currentSlide));
  });
}
