// What the URL keeps of the plane, by name: Python writes it there and reads it back.

export class Kept {
  #values = {};
  #send = () => {};

  /** Python's values, where it has set new ones. */
  read(values) { this.#values = { ...values }; }

  /** `send(values)` tells Python. */
  tell(send) { this.#send = send; }

  get(name) { return this.#values[name] ?? null; }

  /** A text, or null for nothing; Python hears of it if it is another one. */
  set(name, value) {
    if (this.get(name) === value) return;
    if (value === null) delete this.#values[name];
    else this.#values[name] = value;
    this.#send({ ...this.#values });
  }
}
