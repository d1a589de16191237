// The explorer's page is in this file once; a page of the deck that wants it gets a frame when it is turned to, in its
// state. On paper there is nothing to touch: the still picture that stands there stays.
const explorer = JSON.parse(document.getElementById("explorer").textContent);
const onPaper = new URLSearchParams(location.search).has("print-pdf");

function touchable(page) {
  const place = page?.querySelector(".explorer");
  if (!place || !explorer || onPaper || place.querySelector("iframe")) return;
  const frame = document.createElement("iframe");
  const state = JSON.stringify("#" + encodeURIComponent(place.dataset.state));
  frame.srcdoc = explorer.replace('"state": "#%7B%7D"', () => `"state": ${state}`);
  frame.title = document.title;
  place.append(frame);
}

Reveal.initialize({
  width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4, display: "flex", center: false, hash: true,
  slideNumber: "c/t", transition: "none", pdfSeparateFragments: false, pdfMaxPagesPerSlide: 1,
  plugins: [RevealNotes],
}).then(() => {
  touchable(Reveal.getCurrentSlide());
  Reveal.on("slidechanged", ({ currentSlide }) => touchable(currentSlide));
});
