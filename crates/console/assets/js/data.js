// Uploads show how far they are.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]")) return;
  event.preventDefault();
  const bar = form.querySelector("progress");
  const button = form.querySelector("button");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) { bar.max = sent.total; bar.value = sent.loaded; }
  });
  const show = (text) => {
    const box = document.createElement("div");
    box.className = "error";
    box.textContent = text;
    document.getElementById("messages").replaceChildren(box);
    bar.hidden = true;
    button.disabled = false;
  };
  request.addEventListener("load", () => {
    // The page that it leads to may have a status of its own.
    if (request.status < 300 || request.responseURL !== form.action) { location.assign(request.responseURL); return; }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    show(page.querySelector("main .error")?.textContent ?? `${request.status}`);
  });
  request.addEventListener("error", () => show(form.dataset.upload));
  bar.hidden = false;
  button.disabled = true;
  request.send(new FormData(form));
});
