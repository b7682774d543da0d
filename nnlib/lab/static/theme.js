// Colours: JupyterLab's own, by its --jp-* variables, and ours for what is drawn. Ours are
// those of nnlib.support.colours, which Python puts before this file as COLOURS: single ones, or
// pairs of one for a light page and one for a dark.

// Where the reader has chosen the colours (high contrast), the system's take the place of the theme's:
// what is drawn lies on its paper.
const FORCED = window.matchMedia("(forced-colors: active)");
let forced = FORCED.matches;
FORCED.addEventListener("change", () => (forced = FORCED.matches));

// Colours are looked up once, and again when the theme changes: at every frame that would let the page
// work out all its styles before it has to.
let lookedUp = {};

function lookUp(name, find) {
  lookedUp[name] ||= find();
  return lookedUp[name];
}

function systemColour(name) {
  return lookUp(name, () => {
    const probe = document.createElement("span");
    probe.style.color = name;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  });
}

function isDark() {
  if (!forced) return document.body.dataset.jpThemeLight === "false";
  const [red, green, blue] = numbersOf(systemColour("Canvas"));
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}

function numbersOf(colour) {
  return colour.match(/[\d.]+/g).map(Number);
}

// A border or a line of a grid is a quarter of the ink.
function systemBorder() {
  const [ink, paper] = ["CanvasText", "Canvas"].map((name) => numbersOf(systemColour(name)));
  return `rgb(${paper.map((v, i) => Math.round(0.75 * v + 0.25 * ink[i])).join()})`;
}

// One of the pairs by its name: hue("training").
function hue(name) {
  return COLOURS[name][isDark() ? 1 : 0];
}

// The colour and the dashes of the i-th of several runs.
function runColour(i) {
  return COLOURS.runs[i % COLOURS.runs.length][isDark() ? 1 : 0];
}

function runDashes(i) {
  return COLOURS.runs[i % COLOURS.runs.length][2];
}

function rgb(hex) {
  return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

// Read from <body>, since an element that is not yet on the page has no computed style.
function jupyterColour(variable, fallback) {
  if (forced && variable.includes("color")) {
    if (/border/.test(variable)) return systemBorder();
    return systemColour(/layout/.test(variable) ? "Canvas" : "CanvasText");
  }
  return lookUp(variable, () => getComputedStyle(document.body).getPropertyValue(variable).trim()) || fallback;
}

// Call `redraw` whenever JupyterLab's theme changes; return a function that stops that.
function onThemeChange(redraw) {
  lookedUp = {}; // the theme may have changed while nobody was here to see it
  // JupyterLab names the theme on <body> before its style sheet has arrived, so draw
  // again once every style sheet has loaded.
  const anew = () => {
    lookedUp = {};
    redraw();
  };
  const redrawTwice = () => {
    anew();
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      link.addEventListener("load", anew, { once: true });
    }
  };
  const observer = new MutationObserver(redrawTwice);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"],
  });
  const queries = [FORCED, window.matchMedia("(prefers-color-scheme: dark)")];
  queries.forEach((query) => query.addEventListener("change", anew));
  return () => {
    observer.disconnect();
    queries.forEach((query) => query.removeEventListener("change", anew));
  };
}

function reducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
