// The style and the script of the page that RenderHtml() makes. Only html.cc and its test include
// this.

#ifndef CPUAGG_NOTIFY_RENDER_HTML_PAGE_H_
#define CPUAGG_NOTIFY_RENDER_HTML_PAGE_H_

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// In the dark, the chart's colours are turned round so that its white becomes the page's
// background.
inline constexpr absl::string_view kHtmlStyle = R"css(
:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #1f2328; --faint: #59636e; --line: #d8dee4;
  --stripe: #f6f8fa; --link: #0550ae; --warn: #9a6700; --warn-back: #fff8c5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #121212; --text: #e6e6e6; --faint: #a3a3a3; --line: #333333;
    --stripe: #1b1b1b; --link: #79b8ff; --warn: #e3b341; --warn-back: #272115;
  }
  figure svg { filter: invert(0.93) hue-rotate(180deg); }
}
body {
  margin: 0 auto; padding: 1.25rem 1rem 2.5rem; max-width: 68rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0 0 0.25rem; font-size: 1.375rem; line-height: 1.3; }
p { margin: 0; color: var(--faint); }
ul { margin: 1rem 0 0; padding: 0; list-style: none; font-size: 0.9375rem; }
li { margin-top: 0.375rem; padding: 0.25rem 0.75rem; border-left: 0.25rem solid var(--line); }
li.warn { border-color: var(--warn); background: var(--warn-back); }
figure { margin: 1.25rem 0 0; }
figure svg { display: block; width: 100%; max-width: 60rem; height: auto; }
.scroll { margin-top: 1.25rem; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td {
  padding: 0.375rem 0.75rem; text-align: left; font-weight: normal; vertical-align: baseline;
  border-bottom: 1px solid var(--line); overflow-wrap: normal; white-space: nowrap;
}
.w { min-width: 7rem; max-width: 20rem; overflow-wrap: anywhere; white-space: normal; }
.n { text-align: right; }
thead th { color: var(--faint); font-size: 0.75rem; letter-spacing: 0.03em; }
thead th, tbody tr:last-child > * { border-bottom: 2px solid var(--line); }
tbody tr:nth-child(even) > * { background: var(--stripe); }
tfoot tr:last-child > * { border-bottom: 0; font-weight: 600; }
button {
  padding: 0.25rem 0; border: 0; background: none; color: inherit; font: inherit;
  letter-spacing: inherit; cursor: pointer;
}
button:hover, th[aria-sort] { color: var(--link); }
button:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
th[aria-sort="ascending"]::after { content: " \25B2"; }
th[aria-sort="descending"]::after { content: " \25BC"; }
@media (max-width: 40rem) {
  th, td { padding: 0.375rem 0.5rem; }
  figure { margin: 1.25rem -1rem 0; }
}
@media print { .scroll { overflow: visible; } }
)css";

// Makes each heading a button that sorts the rows by its column: numbers the largest first, names
// and times in rising order, and the other way the next time. What has no value stays last. The
// sums stay below.
inline constexpr absl::string_view kHtmlScript = R"js(
(() => {
  const table = document.querySelector("table");
  const body = table && table.tBodies[0];
  if (!body || body.rows.length < 2) return;
  const heads = Array.from(table.tHead.rows[0].cells);
  const words = new Intl.Collator(undefined, { numeric: true });
  const rank = (a, b, sign) => {
    if (a.dataset.key === undefined) return sign * words.compare(a.textContent, b.textContent);
    const [x, y] = [a, b].map((cell) => (cell.dataset.key === "" ? NaN : Number(cell.dataset.key)));
    if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const falls = before ? before === "ascending" : head.className === "n";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const rows = Array.from(body.rows);
      rows.sort((a, b) => rank(a.cells[column], b.cells[column], falls ? -1 : 1));
      body.append(...rows);
    });
  });
})();
)js";

// Of the bytes of that script: the policy of the page allows no other. A test compares the two.
inline constexpr absl::string_view kHtmlScriptHash =
    "sha256-dMv0kwX0IqkfJlBV9aPFly63yCKQeyDjgxmj5gYzYhs=";

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_HTML_PAGE_H_
