// Everything can be read without this: it opens and closes all at once, and what a link leads to.
"use strict";
const every = () => document.querySelectorAll("details");
for (const button of document.querySelectorAll("button[data-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const it of every()) it.open = button.dataset.open === "yes";
  });
}
const reveal = () => {
  const target = document.getElementById(location.hash.slice(1));
  for (let it = target; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true;
  if (target) {
    target.scrollIntoView();
    (target.querySelector("summary") || target).focus();
  }
};
window.addEventListener("hashchange", reveal);
reveal();
