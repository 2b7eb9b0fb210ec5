// Buttons that put a hyperparameter back to its default.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-reset]");
  if (!button) return;
  const field = document.getElementById(button.dataset.of);
  field.value = button.dataset.reset;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
for (const button of document.querySelectorAll("button[data-reset]")) {
  const field = document.getElementById(button.dataset.of);
  const show = () => { button.hidden = field.value === button.dataset.reset; };
  field.addEventListener("input", show);
  show();
}
