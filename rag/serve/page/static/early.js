// Before the first paint: colours and language, so that neither flashes. A classic script, for modules come later.
(() => {
  const kept = (name) => {
    try {
      return localStorage.getItem(`lastro.${name}`);
    } catch {
      return null; // storage is forbidden in this browser: the page goes by the browser's own preferences
    }
  };
  const root = document.documentElement;
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const chosen = kept("language");
  const preferred = (navigator.languages || [navigator.language]).find((name) => /^(pt|en)\b/i.test(name)) || "en";
  root.lang = chosen === "pt" || chosen === "en" ? chosen : preferred.slice(0, 2).toLowerCase();
})();
