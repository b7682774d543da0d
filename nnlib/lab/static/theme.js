// Colours: JupyterLab's own, by its --jp-* variables, and ours for what is drawn. Ours are
// those of nnlib.support.colours, which Python puts before this file as COLOURS: single ones, or
// pairs of one for a light page and one for a dark.

function isDark() {
  return document.body.dataset.jpThemeLight === "false";
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
  return getComputedStyle(document.body).getPropertyValue(variable).trim() || fallback;
}

// Call `redraw` whenever JupyterLab's theme changes; return a function that stops that.
function onThemeChange(redraw) {
  // JupyterLab names the theme on <body> before its style sheet has arrived, so draw
  // again once every style sheet has loaded.
  const redrawTwice = () => {
    redraw();
    for (const link of document.querySelectorAll('link[rel="stylesheet"]')) {
      link.addEventListener("load", redraw, { once: true });
    }
  };
  const observer = new MutationObserver(redrawTwice);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"],
  });
  return () => observer.disconnect();
}

function reducedMotion() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
