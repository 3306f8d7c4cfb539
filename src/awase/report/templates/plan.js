"use strict";
(() => {
  const collator = new Intl.Collator("en", { numeric: true });
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(String(a), String(b)));

  // Makes the headings of a table buttons; `sorted` is called with the column and whether it falls.
  const headings = (table, sorted) => {
    const cells = [...table.tHead.rows[0].cells];
    cells.forEach((cell, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...cell.childNodes);
      cell.append(button);
      button.addEventListener("click", () => {
        const falls = cell.getAttribute("aria-sort") === "ascending";
        cells.forEach((other) => other.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", falls ? "descending" : "ascending");
        sorted(column, falls);
      });
    });
  };

  const value = (cell) => {
    const text = (cell.dataset.v ?? cell.textContent).trim();
    const number = Number(text.replaceAll(",", ""));
    return text !== "" && !Number.isNaN(number) ? number : text;
  };

  document.querySelectorAll("table.sortable").forEach((table) => {
    const body = table.tBodies[0];
    headings(table, (column, falls) => {
      const rows = [...body.rows].map((row) => [value(row.cells[column]), row]);
      rows.sort((a, b) => (falls ? -1 : 1) * compare(a[0], b[0]));
      body.append(...rows.map((pair) => pair[1]));
    });
  });

  // A filter before a table that is there whole: rows without all of the words are hidden.
  document.querySelectorAll(".tools.filter").forEach((tools) => {
    const body = tools.parentElement.querySelector("table").tBodies[0];
    const [input, said] = [tools.querySelector("input"), tools.querySelector("output")];
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let left = 0;
      for (const row of body.rows) {
        const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
        left += row.hidden ? 0 : 1;
      }
      said.textContent = wanted.length ? `${left.toLocaleString("en")} rows` : "";
    });
    tools.hidden = false;
  });

  const data = document.getElementById("data");
  if (!data) return;
  const { words, sites, what, rows: flat } = JSON.parse(data.textContent);
  const rows = [];
  for (let at = 0; at < flat.length; at += 3) {
    const [site, kind] = [flat[at] * 3, what[flat[at + 2]]];
    rows.push([
      sites[site], sites[site + 2] ? "synthetic" : "", words[sites[site + 1]], words[kind[0]], words[kind[1]],
      words[kind[2]], words[flat[at + 1]], words[kind[3]], kind[5], kind[6], kind[7], words[kind[4]],
    ]);
  }
  const LONG = 100;
  const table = document.getElementById("actions");
  const body = table.tBodies[0];
  const tools = document.getElementById("tools");
  const [said, filter] = [tools.querySelector("output"), tools.querySelector("input")];
  let [shown, page] = [rows, 0];
  const show = () => {
    const pages = Math.max(1, Math.ceil(shown.length / LONG));
    page = Math.min(Math.max(page, 0), pages - 1);
    body.replaceChildren(...shown.slice(page * LONG, (page + 1) * LONG).map((row) => {
      const line = document.createElement("tr");
      row.forEach((cell) => {
        const place = line.insertCell();
        place.textContent = typeof cell === "number" ? cell.toLocaleString("en") : cell;
        if (typeof cell === "number") place.className = "n";
      });
      return line;
    }));
    said.textContent = `${shown.length.toLocaleString("en")} actions, page ${page + 1} of ${pages}`;
  };
  filter.addEventListener("input", () => {
    const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = rows.filter((row) => {
      const text = row.join("\u0000").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
    page = 0;
    show();
  });
  headings(table, (column, falls) => {
    rows.sort((a, b) => (falls ? -1 : 1) * compare(a[column], b[column]));
    filter.dispatchEvent(new Event("input"));
  });
  tools.querySelectorAll("button").forEach((button) => button.addEventListener("click", () => {
    page += Number(button.value);
    show();
  }));
  tools.hidden = false;
  document.getElementById("without").hidden = true;
  show();
})();
