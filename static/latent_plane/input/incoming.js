// Files that are dropped anywhere on the page or pasted into it.

/** Calls `take(file)` until the signal aborts. */
export function listenForFiles(take, signal) {
  const listen = (type, handle) => document.addEventListener(type, handle, { signal });
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  // Anywhere: a file that misses its target would replace the page.
  listen("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
  listen("drop", (event) => {
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  listen("paste", (event) => {
    const [pasted] = event.clipboardData?.files ?? [];
    if (pasted) take(pasted);
  });
}
