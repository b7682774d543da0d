// Colours: JupyterLab's own, by its --jp-* variables, and ours for what is drawn.
// Ours are from the Okabe-Ito palette, which colour-blind readers can tell apart; on
// a dark page the lighter member of each pair is used.

const PALETTE = {
  light: { training: "#0072B2", validation: "#D55E00", mark: "#666666" },
  dark: { training: "#56B4E9", validation: "#E69F00", mark: "#AAAAAA" },
};

function isDark() {
  return document.body.dataset.jpThemeLight === "false";
}

function palette() {
  return isDark() ? PALETTE.dark : PALETTE.light;
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
