// Chinese words in a search, and the language switch at the same section.
"use strict";

// Sphinx looks for words between spaces. Chinese has none: a query falls into the longest words
// that the index knows.
var splitQuery = (query) =>
  query
    .split(/[^\p{Letter}\p{Number}_]+/u)
    .filter((word) => word)
    .flatMap((word) => (/\p{Script=Han}/u.test(word) ? knownWords(word) : [word]));

function knownWords(text) {
  if (!text) return [];
  for (let length = text.length; length > 1; length--)
    if (Object.hasOwn(Search._index.terms, text.slice(0, length)))
      return [text.slice(0, length), ...knownWords(text.slice(length))];
  return knownWords(text.slice(1));
}

function currentSection() {
  const above = [...document.querySelectorAll("article section[id]")].filter(
    (section) => section.getBoundingClientRect().top < innerHeight / 3,
  );
  return above.length > 1 ? `#${above.at(-1).id}` : "";
}

document.addEventListener("DOMContentLoaded", () => {
  for (const link of document.querySelectorAll(".book-language")) {
    const page = link.getAttribute("href");
    const aim = () => link.setAttribute("href", page + (currentSection() || location.hash));
    link.addEventListener("pointerdown", aim);
    link.addEventListener("click", aim);
  }
});

// Chromium leaves boxes where it has laid out a line of Chinese alone before the font was there.
if (document.documentElement.lang.startsWith("zh"))
  document.fonts.load("16px course", "导").then(() =>
    document.documentElement.classList.add("has-chinese"));
