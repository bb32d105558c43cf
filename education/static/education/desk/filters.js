// In a small window the filters of a list stand above it: those that let everything through are
// folded, unless somebody opened them (the admin remembers that for the visit).

const opened = JSON.parse(sessionStorage.getItem("django.admin.filtersState")) ?? {};

if (matchMedia("(max-width: 62rem)").matches) {
  for (const filter of document.querySelectorAll("#changelist-filter details")) {
    const letsAllThrough = filter.querySelector("li")?.classList.contains("selected");
    if (letsAllThrough && !opened[filter.dataset.filterTitle]) filter.open = false;
  }
}
