// The little that must happen in the browser itself.
window.inkcircle = {
  fit(area) {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, window.innerHeight / 3)}px`;
  },
  write(id, words) {
    const area = document.getElementById(`c${id}`);
    if (!area) return;
    area.value = words;
    this.fit(area);
  },
  focus(id) {
    const element = document.getElementById(`c${id}`);
    if (element) setTimeout(() => element.focus(), 0);
  },
  focusFirst(id) {
    setTimeout(() => {
      const box = document.getElementById(`c${id}`);
      if (!box) return;
      // What is filled in already can wait.
      const field = ".field input:not([type=file]), .field textarea, .field .drop-zone, button[type=submit]";
      const fields = [...box.querySelectorAll(field)];
      (fields.find((each) => !(each.matches("input, textarea") && each.value)) ?? fields[0])?.focus();
    }, 50);
  },
  bringIntoView(id) {
    setTimeout(() => document.getElementById(`c${id}`)?.scrollIntoView({ block: "nearest" }), 0);
  },
  placeMenu(id) {
    setTimeout(() => {
      const menu = document.getElementById(`c${id}`);
      if (!menu) return;
      const room = window.innerHeight - menu.offsetHeight - 8;
      menu.style.top = `${Math.max(8, Math.min(menu.offsetTop, room))}px`;
      menu.style.visibility = "visible";
      menu.querySelector("button")?.focus();
    }, 0);
  },
  toggleSidebar(open) {
    document.body.classList.toggle("sidebar-open", open);
  },
};

// A spoiler shows itself to whoever asks, and to nobody else.
const reveal = (event) => {
  const spoiler = event.target.closest?.(".spoiler:not(.shown)");
  if (!spoiler) return;
  event.preventDefault();
  event.stopPropagation();
  spoiler.classList.add("shown");
};
document.addEventListener("click", reveal, true);
document.addEventListener("keydown", (event) => { if (event.key === "Enter") reveal(event); }, true);

// What stands in a text as a link of this page opens with a key as well.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches?.("[role=link][data-act]")) event.target.click();
});
