// The button that copies a lab's settings as text, from which `how` makes the same lab again.
function copySettings(parent, how) {
  const copy = make("button", { type: "button", text: "Copy settings", title: `Copy all settings as text; ${how} restores them.` });
  const text = make("textarea", { class: "nnlib-settings", "aria-label": "the settings as text", readonly: "", rows: 3, hidden: "" });
  parent.append(copy, text);
  let settings = "";
  copy.addEventListener("click", async () => {
    text.value = settings;
    try {
      await navigator.clipboard.writeText(settings);
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy settings"), 2000);
    } catch {
      // Some browsers and servers deny the clipboard: then the reader copies the text.
      text.hidden = false;
      text.select();
    }
  });
  return { show: (latest) => (settings = latest) };
}
