// Lists the texts of the page that are hard to read: those whose contrast with the
// ground behind them is below 4.5:1, or 3:1 for large letters (WCAG 2.2, 1.4.3).
(() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });
  const known = new Map();
  // The browser's own reading of any CSS colour, as [red, green, blue, alpha] in 0…1.
  const colour = (css) => {
    if (!known.has(css)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      known.set(css, [...pen.getImageData(0, 0, 1, 1).data].map((v) => v / 255));
    }
    return known.get(css);
  };
  const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

  // What stands behind an element, and how much of it shines through its letters.
  const grounds = new Map();
  const groundOf = (el) => {
    if (!el) return { ground: [1, 1, 1, 1], opacity: 1 };
    if (!grounds.has(el)) {
      const style = getComputedStyle(el);
      const { ground, opacity } = groundOf(el.parentElement);
      grounds.set(el, { ground: over(colour(style.backgroundColor), ground), opacity: opacity * style.opacity });
    }
    return grounds.get(el);
  };

  const bad = new Set();
  const judge = (el, style, text, faint = 1) => {
    const { ground, opacity } = groundOf(el);
    const ink = [...colour(style.color)];
    ink[3] *= opacity * faint;
    const got = ratio(over(ink, ground), ground);
    const px = parseFloat(style.fontSize);
    const large = px >= 24 || (px >= 18.66 && style.fontWeight >= 700);
    if (got < (large ? 3 : 4.5)) {
      bad.add(`${got.toFixed(2)}:1 ${el.localName}.${el.className} "${text.trim().slice(0, 30)}"`);
    }
  };

  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data;
    const el = walk.currentNode.parentElement;
    if (text.trim() && el.checkVisibility()) judge(el, getComputedStyle(el), text);
  }
  for (const el of document.querySelectorAll("input, textarea")) {
    const hint = getComputedStyle(el, "::placeholder");
    if (el.placeholder) judge(el, hint, `placeholder: ${el.placeholder}`, hint.opacity);
    judge(el, getComputedStyle(el), el.value || "a");
  }
  return [...bad];
})()
