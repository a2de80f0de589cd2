// The form of a sweep: only the fields of the chosen kind of place are shown.
(function () {
  "use strict";
  const form = document.getElementById("sweep-form");
  if (!form) return;
  const show = () => {
    const chosen = form.querySelector("input[name=kind]:checked");
    form.querySelectorAll("[data-of]").forEach((part) => { part.hidden = !chosen || part.dataset.of !== chosen.value; });
  };
  form.addEventListener("change", show);
  show();
})();
