"use strict";
// Tables that say so can be sorted and searched; everything is readable without this script.
for (const table of document.querySelectorAll("table.searchable")) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const label = document.createElement("label");
  const status = document.createElement("span");
  const search = document.createElement("input");
  search.type = "search";
  status.setAttribute("role", "status");
  label.append("Search this table ", search);
  const line = document.createElement("p");
  line.className = "search";
  line.append(label, " ", status);
  table.closest(".scroll").before(line);
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    status.textContent = words.length > 0 ? shown + " of " + rows.length + " rows" : "";
  });
  [...table.tHead.rows[0].cells].forEach((header, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const direction = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of table.tHead.rows[0].cells) {
        other.removeAttribute("aria-sort");
      }
      header.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      const value = (row) => row.cells[place].dataset.value ?? row.cells[place].textContent;
      const numeric = header.classList.contains("number");
      rows.sort((a, b) => sign * (numeric ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b), "en")));
      body.append(...rows);
    });
  });
}
// A link into a closed part opens it.
function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  const part = target && target.closest("details");
  if (part) {
    part.open = true;
    target.scrollIntoView();
  }
}
window.addEventListener("hashchange", openTarget);
openTarget();
