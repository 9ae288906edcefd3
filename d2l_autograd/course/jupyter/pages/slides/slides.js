// Starts reveal.js when the formulas are typeset, whose size it has to know for print.
"use strict";
// An output comes after its code: the audience guesses first.
for (const cell of document.querySelectorAll(".jp-CodeCell:has(.jp-InputArea-editor)"))
  if (!cell.closest(".fragment"))
    cell.querySelector(".jp-Cell-outputWrapper")?.classList.add("fragment");

MathJax.startup.promise
  .then(() => {
    // The window of the notes has no style sheet that hides them.
    for (const read of document.querySelectorAll(".notes mjx-assistive-mml")) read.remove();
    return Reveal.initialize({
      width: 1280,
      height: 720,
      margin: 0,
      center: false,
      display: "flex",
      hash: true,
      navigationMode: "linear",
      pdfSeparateFragments: false,
      slideNumber: "c/t",
      transition: "none",
      plugins: [RevealNotes],
    });
  })
  .then(() => {
    for (const button of document.querySelectorAll(".controls button"))
      button.ariaLabel = words[button.ariaLabel] ?? button.ariaLabel;
  });
