// Keys and copy buttons. Every page works without this file.
//   j, k   next and previous: message, thread or result    u   parent, or up to the list
//   /      search                                           Enter follows the focused link
"use strict";

(() => {
  const typing = (e) => e.target.closest("input, textarea, select, [contenteditable]");

  // step moves by one through the items of the page, from the one that is focused or,
  // failing that, the first in view.
  const step = (items, by) => {
    let at = items.indexOf(document.activeElement);
    if (at < 0) {
      const top = items.findIndex((el) => el.getBoundingClientRect().top > 8);
      at = by > 0 ? (top < 0 ? items.length : top) - 1 : top < 0 ? items.length : top;
    }
    const next = items[at + by];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: next.matches(".mail h2 a") ? "start" : "nearest" });
  };

  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || typing(e)) return;
    if (e.key === "/") {
      const box = document.querySelector("input[type=search]");
      if (!box) return;
      e.preventDefault();
      box.focus();
      box.select();
      return;
    }
    if (!"jku".includes(e.key)) return;
    const link = document.querySelector(`[data-key~="${e.key}"]`);
    if (link) {
      link.click();
    } else if (e.key !== "u") {
      const items = document.querySelectorAll("article.mail > header h2 a, .topics a.subject, .inboxes th a");
      step([...items], e.key === "j" ? 1 : -1);
    } else {
      [...document.querySelectorAll(".where a")].pop().click();
    }
  });

  if (!navigator.clipboard) return;
  for (const pre of document.querySelectorAll("pre.cmd")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(pre.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    pre.append(button);
  }
})();
