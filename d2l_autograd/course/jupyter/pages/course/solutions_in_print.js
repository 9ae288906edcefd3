// In print, everything folded is open, and solutions stand at the end of the page.
"use strict";
{
  const places = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
    const end = document.querySelector("article") ?? document.querySelector("main");
    for (const solution of document.querySelectorAll("details.solution")) {
      const section = solution.closest("section");
      const place = document.createComment("a solution");
      section.replaceWith(place);
      end.append(section);
      places.push([place, section]);
    }
  });
  addEventListener("afterprint", () => {
    for (const [place, section] of places.splice(0)) place.replaceWith(section);
  });
}
