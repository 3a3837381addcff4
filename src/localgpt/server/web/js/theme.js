// Runs before the first paint, so that a chosen theme and language are there from the first pixel on.
(function () {
  var root = document.documentElement;
  function read(name) {
    try { return localStorage.getItem("localgpt." + name); } catch (error) { return null; }
  }
  var theme = read("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.lang = (read("language") || navigator.language || "en").slice(0, 2) === "de" ? "de" : "en";
})();
