// Lists what is wrong with the page for those who do not see it, or who see it on a
// small screen: names, headings, labels, anchors, and what is wider than the window.
(() => {
  const faults = [];
  const all = (sel) => [...document.querySelectorAll(sel)];
  const show = (el) => el.outerHTML.slice(0, 120).replaceAll("\n", " ");
  const expect = (ok, what) => ok || faults.push(what);

  expect(document.documentElement.lang, "html has no lang");
  expect(document.title.trim(), "no title");
  expect(all("main").length === 1, "not exactly one main");
  expect(all("h1").length === 1, `${all("h1").length} h1`);

  let level = 0;
  for (const h of all("h1, h2, h3, h4, h5, h6")) {
    const n = +h.localName[1];
    expect(n <= level + 1, `a heading of level ${n} after level ${level}: ${show(h)}`);
    expect(h.textContent.trim(), `an empty heading: ${show(h)}`);
    level = n;
  }

  const ids = new Set();
  for (const el of all("[id]")) {
    expect(!ids.has(el.id), `the id ${el.id} twice`);
    ids.add(el.id);
  }
  for (const a of all("a[href^='#']")) {
    const id = decodeURIComponent(a.hash.slice(1));
    expect(ids.has(id), `leads nowhere on this page: ${show(a)}`);
  }
  for (const el of all("[aria-labelledby], [aria-describedby]")) {
    for (const id of `${el.getAttribute("aria-labelledby") ?? ""} ${el.getAttribute("aria-describedby") ?? ""}`.split(/\s+/)) {
      expect(!id || ids.has(id), `labelled by nothing: ${show(el)}`);
    }
  }

  // computedName is what the browser tells assistive technology; it takes its time, and
  // is asked only where there is no visible text.
  expect("computedName" in Element.prototype, "this browser does not give computed names");
  for (const el of all("a[href], button, input:not([type=hidden]), textarea, select, summary, [role=button]")) {
    expect(el.textContent.trim() || el.computedName.trim(), `has no name: ${show(el)}`);
  }
  const navs = all("nav").map((n) => n.computedName);
  expect(navs.every(Boolean) || navs.length < 2, `navigation without a name: ${navs}`);
  expect(new Set(navs).size === navs.length, `navigations of the same name: ${navs}`);

  for (const el of all("img:not([alt])")) faults.push(`no alt: ${show(el)}`);
  for (const el of all("table")) expect(el.querySelector("th[scope]"), `a table without headers: ${show(el)}`);
  for (const el of all("ul > :not(li), ol > :not(li)")) faults.push(`no list item: ${show(el)}`);
  for (const el of all("[tabindex]")) expect(el.tabIndex <= 0, `out of order: ${show(el)}`);
  for (const el of all("form")) expect(new URL(el.action).origin === location.origin, `sends elsewhere: ${show(el)}`);

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    const wide = all("body *").filter((el) => el.getBoundingClientRect().right > root.clientWidth + 1);
    faults.push(`${root.scrollWidth} pixels wide in ${root.clientWidth}: ${wide.slice(-3).map(show).join(" … ")}`);
  }
  return faults;
})()
