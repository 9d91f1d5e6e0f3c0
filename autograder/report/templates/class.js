"use strict";
// Sorts, filters and pages through the table of students. All rows are in the page; 100 of them are shown at a time,
// because a browser lays out a hundred rows at once and ten thousand not.
(() => {
  const PAGE = 100;
  const language = document.documentElement.lang;
  const byId = (id) => document.getElementById(id);
  const table = byId("table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const find = byId("find"), which = byId("which"), shown = byId("shown"), place = byId("page");
  const previous = byId("previous"), next = byId("next");
  const number = new Intl.NumberFormat(language), collator = new Intl.Collator(language, { numeric: true });
  const plain = (text) => text.normalize("NFC").toLocaleLowerCase(language);
  const rows = [...body.rows].map((row) => ({
    row,
    name: plain(row.cells[0].textContent),
    tags: ` ${row.dataset.t} `,
    keys: [...row.cells].map((cell) => (cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v))),
  }));
  let matching = rows, column = 0, direction = 1, page = 0;

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => number.format(values[name]));
  const compare = (one, other) => {
    const a = one.keys[column], b = other.keys[column];
    return direction * (typeof a === "number" ? a - b : collator.compare(a, b)) || collator.compare(one.name, other.name);
  };

  const lay = () => {
    const pages = Math.max(Math.ceil(matching.length / PAGE), 1);
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...matching.slice(page * PAGE, (page + 1) * PAGE).map((entry) => entry.row));
    place.textContent = filled(place.dataset.page, { page: page + 1, pages });
    previous.disabled = page === 0;
    next.disabled = page === pages - 1;
    place.parentElement.hidden = pages === 1;
  };
  const choose = () => {
    const text = plain(find.value.trim()), tag = which.value && ` ${which.value} `;
    matching = rows.filter((entry) => entry.name.includes(text) && entry.tags.includes(tag)).sort(compare);
    shown.textContent = matching.length
      ? filled(shown.dataset.shown, { shown: matching.length, total: rows.length })
      : shown.dataset.none;
    page = 0;
    lay();
  };
  const turn = (pages) => {
    page += pages;
    lay();
    table.scrollIntoView();
  };

  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      direction = column === at ? -direction : at === 0 || at === 2 ? 1 : -1;
      column = at;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      choose();
    });
  });
  find.addEventListener("input", choose);
  which.addEventListener("change", choose);
  previous.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".filter").hidden = false;
  for (const button of document.querySelectorAll("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      find.value = "";
      which.value = button.dataset.show;
      choose();
      which.focus();
    });
  }
  // On paper all of them are wanted.
  addEventListener("beforeprint", () => body.replaceChildren(...matching.map((entry) => entry.row)));
  addEventListener("afterprint", lay);
  choose();
})();
