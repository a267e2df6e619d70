// Which values of Python's are new: it counts up `<name>_revision` when it sets one by itself, and
// sends nothing back of what was set here. A value that replaces another one is told to it in turn:
// Streamlit keeps what was last set here, and would send that with every message.

export class Revisions {
  #known = new Map();

  isNew(name, view, tell) {
    const revision = view[`${name}_revision`] ?? JSON.stringify(view[name]);
    const before = this.#known.get(name);
    this.#known.set(name, revision);
    const isNew = before !== revision;
    if (isNew && before !== undefined) tell(name, view[name]);
    return isNew;
  }
}
