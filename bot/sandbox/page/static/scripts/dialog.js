// A modal dialog with a form.

import { h } from "./dom.js";

/**
 * Open a modal dialog whose form runs `save`; if that fails it stays open and shows the error. With
 * `cancelLabel: null` there is no second button.
 */
export function openDialog({
  title,
  submitLabel,
  content,
  save,
  extraButton = null,
  cancelLabel = "Cancel",
  isWide = false,
}) {
  const problem = h("p", { class: "dialog-problem", role: "alert", hidden: true });
  const cancel = cancelLabel
    ? h("button", { type: "button", class: "button button-secondary" }, cancelLabel)
    : null;
  const submit = h("button", { type: "submit", class: "button button-primary" }, submitLabel);
  const form = h(
    "form",
    null,
    h("h2", { id: "dialog-title" }, title),
    content,
    problem,
    h(
      "div",
      { class: "dialog-buttons" },
      extraButton,
      h("span", { class: "spacer" }),
      cancel,
      submit,
    ),
  );
  const dialog = h(
    "dialog",
    { class: isWide ? "is-wide" : null, "aria-labelledby": "dialog-title" },
    form,
  );
  const runAndClose = async (action) => {
    submit.disabled = true;
    try {
      await action();
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      submit.disabled = false;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    runAndClose(save);
  });
  cancel?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return { runAndClose };
}
