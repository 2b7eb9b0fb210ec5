// A part that was exchanged may have had the focus: it goes to the page's content, so that the keyboard goes on from there.
let focused;
document.addEventListener("focusin", (event) => { focused = event.target; });
for (const name of ["htmx:after:swap", "htmx:sse:after:message"]) {
  document.addEventListener(name, () => {
    if (document.activeElement === document.body && focused && !focused.isConnected) document.getElementById("content")?.focus();
  });
}
