// What Python is told of a plane at rest, and whether it has answered.

/** @import { Selected } from "../tools/find/selection.js" */
/** @import { Texts } from "../state.js" */
/** @typedef {(name: string, value: unknown) => void} Send Streamlit's: it runs the script again */

let sent = 0; // reports in this document; until the first one Python knows the URL's query alone

export class Report {
  /** @type {Send | undefined} none on a saved page, where nobody listens */ #send;
  #known = ""; // to Python
  #serial = 0; // of the report that it knows this by

  /** @param {Send | undefined} send */
  connect(send) { this.#send = send; }

  /** What Python makes of the URL's query. @param {Texts} settings */
  begin(settings) {
    this.#known = sent ? "" : JSON.stringify({ settings, selected: null, needs: [] });
  }

  /**
   * Tells Python this, if it knows another.
   * @param {Texts} settings @param {Selected | null} selected
   * @param {string[]} needs the messages that the open tool waits for
   */
  tell(settings, selected, needs) {
    const text = JSON.stringify({ settings, selected, needs });
    if (!this.#send || text === this.#known) return;
    this.#known = text;
    this.#serial = sent += 1;
    this.#send("state", { settings, selected, needs, serial: this.#serial });
  }

  /** Whether the script has run with it to its end. @param {number} [serial] answered last */
  isAnswered(serial) { return !this.#send || serial === this.#serial; }
}
