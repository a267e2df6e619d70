// UMAP of the codes at one β, computed in a worker: where the points lie, as far as it has come.

/** @import { Decoder, Numbers, View } from "../context.js" */
/** @import { Cloud } from "./cloud.js" */
/** @import { Codes } from "./sweep.js" */
/** What UMAP needs of a plane.
 * @typedef {{view: View, dial: {beta: number | null}, decoder: Decoder, codes: Codes | null,
 *   cloud: Cloud}} Source */

const WORKER = "app/static/latent_plane/cloud/umap_worker.js";

export class Unfolding {
  /** A sentence about its state, for the legend. */
  note = "";
  #key = "";
  /** @type {Worker | null} */ #worker = null;
  #ended = false; // the map is there, or can't be had

  /** @param {(layout: {x: Float32Array, y: Float32Array} | null) => void} arrange new places */
  constructor(arrange) {
    this.arrange = arrange;
  }

  /** Whether there is a map to come. @param {{view: View}} plane */
  isPending({ view }) { return view.axis === "UMAP" && !this.#ended; }

  /** Unfolds the plane's codes at its β, where it is to show UMAP. @param {Source} plane */
  follow({ view, dial, decoder, codes }) {
    if (view.axis !== "UMAP") this.stop();
    else if (codes) {
      const beta = dial.beta ?? 1;
      this.#begin(`${view.model} ${dial.beta}`, codes.all(beta), codes.size, decoder.latentDim);
    }
  }

  /** What is decoded on UMAP's map, where a place has no z: the nearest image's mean. Else null.
   * @param {Source} plane @param {Numbers} place */
  codeAt({ view, cloud, codes, dial }, [x, y]) {
    if (view.axis !== "UMAP" || !codes) return null;
    const nearest = cloud.index().nearest(x, y, 1);
    return nearest.length ? Float32Array.from(codes.meanOf(nearest, dial.beta ?? 1)) : null;
  }

  /** Begins with the codes `mu` (size × latentDim numbers), unless they are those of `key` again.
   * @param {string} key @param {Float32Array} mu @param {number} size @param {number} latentDim */
  #begin(key, mu, size, latentDim) {
    if (key === this.#key) return;
    this.#end();
    this.#key = key;
    this.#ended = false;
    this.note = "UMAP: searching for nearest neighbours…";
    try {
      this.#worker = new Worker(new URL(WORKER, document.baseURI));
    } catch {
      return this.#fail();
    }
    this.#worker.onmessage = ({ data: { x, y, epoch, of } }) => {
      this.note = epoch < of ? `UMAP: ${epoch} of ${of} epochs.`
        : "UMAP of the posterior means; the nearest test image's mean is decoded.";
      this.#ended = epoch === of;
      if (this.#ended) this.#end();
      this.arrange({ x, y });
    };
    this.#worker.onerror = () => this.#fail();
    this.#worker.postMessage({ mu, size, latentDim });
  }

  /** The points go where they were. */
  stop() {
    if (!this.#key) return;
    this.#end();
    this.#key = "";
    this.note = "";
    this.arrange(null);
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #fail() {
    this.#end();
    this.#ended = true;
    this.note = "UMAP needs a web worker, which saved pages don't have: open the app for it.";
    this.arrange(null);
  }
}
