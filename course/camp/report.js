"use strict";
const page = document.documentElement;
if (!navigator.language.toLowerCase().startsWith("zh")) page.dataset.shows = page.lang = "en";
document.getElementById("language").addEventListener("click", () => {
  page.dataset.shows = page.lang = page.dataset.shows === "zh" ? "en" : "zh";
});
document.getElementById("search")?.addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("#learners tbody tr"))
    row.hidden = !row.querySelector("th").textContent.toLowerCase().includes(wanted);
});
for (const head of document.querySelectorAll(".sortable thead th"))
  head.addEventListener("click", () => {
    const place = [...head.parentNode.children].indexOf(head), body = head.closest("table").tBodies[0];
    const up = head.getAttribute("aria-sort") === "descending" || (!head.hasAttribute("aria-sort") && !("number" in head.dataset));
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const value = (row) => row.children[place].textContent.trim();
    const rows = [...body.rows].sort((a, b) =>
      "number" in head.dataset ? parseFloat(value(a)) - parseFloat(value(b)) || 0 : value(a).localeCompare(value(b), page.lang));
    body.append(...(up ? rows : rows.reverse()));
  });
document.getElementById("copy")?.addEventListener("click", async () => {
  const list = document.getElementById("missing");
  getSelection().selectAllChildren(list);  // chosen, so that it can be copied by hand where a page may not
  try { await navigator.clipboard.writeText(list.textContent); } catch { document.execCommand("copy"); }
});
