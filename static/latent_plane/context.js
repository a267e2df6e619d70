// What layers and tools get of the plane, and the types that its modules share.

/** @import { Camera, Mode } from "./canvas/camera.js" */
/** @import { Theme } from "../shared/palette.js" */
/** @import { Images } from "./canvas/picture.js" */
/** @import { Aggregate } from "./cloud/aggregate.js" */
/** @import { Cloud, Paint } from "./cloud/cloud.js" */
/** @import { Codes, Figures, Knots } from "./cloud/sweep.js" */
/** @import { Table } from "./payload/columns.js" */
/** @import { LatentPlane } from "./plane.js" */
/** @import { Texts } from "./state.js" */
/** @import { GroupTexts } from "./tools/arithmetic/groups.js" */
/** @import { Drawing } from "./tools/draw/drawing.js" */
/** @import { Selection } from "./tools/find/selection.js" */
/** @import { Path } from "./tools/path/path.js" */
/** @import { Traversal } from "./tools/traverse/traversal.js" */

/** A pair of numbers: a place of the plane, or a pixel from the plot's top left corner.
 * @typedef {[number, number]} Pair */
/** Numbers in a row: an image (channels, height, width; 0 to 1), a code z, a column of a table.
 * @typedef {Float32Array | Float64Array | number[]} Numbers */
/**
 * The size of one decoded image.
 * @typedef {object} Shape
 * @property {number} channels 1 or 3
 * @property {number} height
 * @property {number} width
 */
/**
 * p(x|z) as a function of the decoder's outputs; `into` is filled and returned.
 * @typedef {object} Likelihood
 * @property {number} outputs how many numbers the decoder must give
 * @property {(out: Numbers, into: Float32Array) => Float32Array} mean E[x|z]
 * @property {(out: Numbers, into: Float32Array) => Float32Array} deviation σ of each pixel
 * @property {(out: Numbers, into: Float32Array, random: Random) => Float32Array} sample
 * @property {(x: Numbers, out: Numbers) => number} logProb log p(x|z), nats
 */
/**
 * A seeded source of random numbers.
 * @typedef {object} Random
 * @property {() => number} uniform in [0, 1)
 * @property {() => number} normal from N(0, 1)
 */
/**
 * z in, p(x|z) out. Arrays that it returns are reused by the next call.
 * @typedef {object} DecoderParts
 * @property {(z: Numbers) => Float32Array} outputs the parameters of p(x|z)
 * @property {(z: Numbers) => Float32Array} decode the mean image, `pixels` numbers
 * @property {Likelihood} likelihood
 * @property {(beta: number) => void} setBeta of a β-conditioned model or a sweep
 * @property {number} version changes when `setBeta` changes the weights
 * @property {number} latentDim
 * @property {number} pixels channels · height · width
 * @typedef {Shape & DecoderParts} Decoder
 */
/**
 * q(z|x) of one image, in the plane's coordinates.
 * @typedef {object} Posterior
 * @property {Float32Array} mu
 * @property {Float32Array} sigma
 * @property {(eps: Numbers) => Float32Array} at μ + S ε, S the symmetric root of the covariance
 * @property {(i: number, j: number) => number} root S[i, j]
 * @property {number} rate KL(q(z|x) ‖ p(z)), nats
 */
/** A lattice of decoded images: the z of its columns and rows.
 * @typedef {{x: number[], y: number[]}} Lattice */
/**
 * z out of x: `encode(x)` gives μ and σ in the model's own coordinates.
 * @typedef {object} Encoder
 * @property {(x: Numbers) => {mu: Float32Array, sigma: Float32Array}} encode
 * @property {(beta: number) => void} setBeta
 * @property {number} version changes when `setBeta` changes the weights
 * @property {boolean} binarized whether x has to be 0 or 1
 * @property {boolean} deterministic whether σ is 0
 * @property {number} latentDim
 */
/** The encoder of `run`; `turn`, an orthogonal matrix, takes its codes to the plane's coordinates.
 * @typedef {{run: string, turn: number[][] | null, network: Encoder}} ModelEncoder */
/**
 * p(z|x) of test image `index`, exact: its density on a square grid, rows upwards.
 * @typedef {object} TruePosterior
 * @property {number} index
 * @property {number} beta
 * @property {string} run
 * @property {number} size cells along a side
 * @property {Pair} low
 * @property {Pair} high
 * @property {Float32Array} density
 */
/**
 * What Python says of a plane.
 * @typedef {object} View
 * @property {string} model a name that changes with the run or the axes
 * @property {string} title the run's
 * @property {number} beta where its dial stands by itself; without a dial, the model's own
 * @property {Texts | null} [start] a saved page's state
 * @property {number[]} dims the dimensions shown, one or two
 * @property {number[] | null} held the values of all dimensions, of which the others are decoded at
 * @property {"z" | "PC" | "UMAP"} axis
 * @property {Mode} mode
 * @property {"left" | "right" | null} side of two planes
 * @property {string} box the plane's address for messages
 * @property {Lattice} lattice
 * @property {string} color_by
 * @property {string[] | null} class_names
 * @property {boolean[] | null} [closed] whether each dimension is inactive, without a dial
 * @property {number[] | null} [rate_per_dim]
 * @property {Pair[] | null} [code_ranges]
 */
/**
 * What Python sends; unchanged parts are recognised.
 * @typedef {object} PlaneData
 * @property {View} view
 * @property {Knots | null} dial
 * @property {object} decoder a description of the network
 * @property {Table} weights
 * @property {Table} points
 * @property {Table} labels
 */
/**
 * What the plane's state holds, as the table in state.js has it.
 * @typedef {object} State
 * @property {Pair | null} pin
 * @property {number | null} beta of the dial
 * @property {number | null} beta2 of the second plane's dial
 * @property {readonly string[]} layers
 * @property {"mean" | "sample" | "deviation"} show what is shown of p(x|z)
 * @property {number[] | null} window [x, y, reach]
 * @property {string | null} tool
 * @property {number | null} image the picked test image
 * @property {number[] | null} eps ε in the dimensions shown
 * @property {Path} path
 * @property {Drawing | null} drawn
 * @property {Traversal} traverse
 * @property {string | null} select terms: see terms.js
 * @property {GroupTexts} groups
 */
/** @typedef {"still" | "marks" | "decode" | "dial" | "tools"} Part what a frame draws anew */
/**
 * What layers and tools get of the plane: read-only views of it, and functions that change it.
 * Painting and pointer calls come only once there is a camera.
 *
 * @typedef {object} PlaneContext
 * @property {View} view what Python says of the plane
 * @property {boolean} isGrid it shows the lattice of decoded images, without layers or tools' marks
 * @property {Theme} theme colours and font
 * @property {Camera} camera of the plot
 * @property {number} closeness how many times closer than the view of everything
 * @property {<Name extends keyof State>(name: Name) => State[Name]} get a value of the state
 * @property {(values: Partial<State>, options?: {replace?: boolean}) => void} act changes the
 *   state, as a new entry of the history unless `replace`
 * @property {Pair} cursor
 * @property {Pair | null} pin
 * @property {(z: Numbers, follow?: boolean) => void} moveTo moves the cursor to a place; `follow`:
 *   the view goes with it
 * @property {(place: Pair, reach: number) => void} showAround zooms to a place, with `reach` of the
 *   plane to the nearest edge
 * @property {(...parts: Part[]) => void} redraw draws these parts in the next frame
 *
 * @property {string} run the model at the dial's β: of a sweep, the nearest one
 * @property {Decoder} decoder
 * @property {ModelEncoder | null} encoder null while on its way
 * @property {number | null} beta of the dial; null without one
 * @property {Figures | null} figures of the model at β, with a dial
 * @property {boolean[]} inactive whether each latent dimension is
 *
 * @property {Cloud} cloud the test images as points, as they are drawn
 * @property {(beta: number | null) => Cloud} pointsAt the points at some β, in arrays of their own
 * @property {Paint} paint how the points are coloured
 * @property {(label: number) => string} nameOf a class's name
 * @property {Aggregate | null} aggregate q(z) in the dimensions shown; null where codes are points
 * @property {(place: Pair) => boolean} isExtrapolation whether q(z) has next to nothing there
 * @property {Codes | null} codes the means in all dimensions; null while on their way
 * @property {Images | null} images the test images; null while on their way
 * @property {Images | null} encoderImages the same as the encoder gets them
 * @property {(x: Numbers) => Posterior | null} posteriorOf q(z|x); null without an encoder
 * @property {number | null} picked the picked test image, if it is on the plane
 * @property {(pixel: Pair, z: Pair) => number | null} pointNear the test image at a click
 * @property {TruePosterior | null} truth p(z|x) of the picked image, where it is known
 * @property {Selection} selection the selected test images
 *
 * @property {string} place which z the plane shows, as a text that changes when it does
 * @property {(place: Numbers) => Float32Array} latentAt the full z behind a place
 * @property {(place: Numbers) => Float32Array} latentOnPage the same where the page holds what
 *   isn't shown, whatever a tool holds
 * @property {(z: Numbers) => Pair} placeOf a full z in the dimensions shown
 * @property {(place: Pair) => Pair | null} pixelOf in the plot; null beyond the lattice
 * @property {(z: Numbers | null) => void} hold decodes the plane with the dimensions that it
 *   doesn't show at z's values; null: at the page's
 * @property {(layer: string) => boolean} isShown whether a layer is
 */
/** A layer of the plane, over those of less `depth`.
 * @typedef {{name: string, title: string, hint: string, depth: number,
 *   create: (plane: PlaneContext) => Layer}} LayerRow */
/**
 * @typedef {object} Layer
 * @property {(context: CanvasRenderingContext2D) => void} paint
 * @property {(context: CanvasRenderingContext2D) => void} [paintOver] over all layers
 * @property {() => boolean} [isPossible] whether this plane can show it
 * @property {() => string} [note] a sentence under the legend
 * @property {() => void} [aim] before each frame: what the window shows is to be computed
 * @property {() => boolean} [work] computes for one slice of a frame; whether it did anything
 * @property {() => void} [expire] the decoder has changed
 * @property {() => boolean} [busy] whether a frame of its own is to come
 * @property {() => unknown} [inspect] for tests: what it paints
 */
/**
 * A tool under the plane.
 * @typedef {object} ToolRow
 * @property {string} name
 * @property {string} title
 * @property {string} hint
 * @property {boolean} [needsZ] it isn't available on UMAP's map, where places have no z
 * @property {("encoder" | "codes")[]} [messages] what Python has to send while it is open
 * @property {(plane: PlaneContext, signal: AbortSignal) => Tool} create `signal`: the plane is gone
 */
/**
 * What a tool does; pixels count from the plot's top left corner.
 * @typedef {object} Tool
 * @property {HTMLElement} panel
 * @property {() => void} [open]
 * @property {() => void} [close]
 * @property {() => void} [refresh] decoder, points, β, state, messages or theme have changed; once
 *   a frame at most
 * @property {() => void} [follow] the cursor has moved
 * @property {() => Pair | null} [home] where the cursor goes when the pointer leaves the plane;
 *   null: to the pin
 * @property {(context: CanvasRenderingContext2D) => void} [paint] over the plane, whenever what
 *   follows the pointer is drawn
 * @property {(pixel: Pair, z: Pair) => boolean} [click] true if it was for the tool; else the place
 *   is pinned
 * @property {(pixel: Pair, z: Pair, event: PointerEvent) => boolean} [press] true to get the drag
 *   that follows
 * @property {(pixel: Pair, z: Pair) => void} [drag]
 * @property {(pixel: Pair, z: Pair) => boolean} [drop] false where it was a click after all
 * @property {(event: KeyboardEvent) => boolean} [key] on the focused plane; true if it was for the
 *   tool
 * @property {() => boolean} [busy] whether it has something to finish by itself; a frame follows
 * @property {() => unknown} [inspect] for tests: what it has found
 */

import { latentAt } from "./geometry.js";
import { posteriorOf } from "./nn/coders.js";

const REACH = 24; // pixels from a click to the point that it picks

/** The context of a plane, frozen: every field is read from the plane when it is asked for.
 * @param {LatentPlane} plane @returns {Readonly<PlaneContext>} */
export function createContext(plane) {
  return Object.freeze({
    get view() { return plane.view; },
    get isGrid() { return plane.isGrid; },
    get theme() { return plane.theme; },
    get camera() { return /** @type {Camera} */ (plane.camera); },
    get closeness() { return plane.viewport.closeness; },
    get: (name) => plane.state.get(name),
    act: (values, options) => plane.act(values, options),
    get cursor() { return plane.cursor; },
    get pin() { return plane.pin; },
    moveTo: (z, follow) => plane.moveTo(z, follow),
    showAround: (place, reach) => plane.showAround(place, reach),
    redraw: (...parts) => plane.redraw(...parts),

    get run() { return plane.run; },
    get decoder() { return plane.decoder; },
    get encoder() { return plane.encoder; },
    get beta() { return plane.dial.beta; },
    get figures() { return plane.figures; },
    get inactive() { return plane.closed; },

    get cloud() { return plane.cloud; },
    pointsAt: (beta) => plane.embedding.pointsAt(beta),
    get paint() { return plane.paint; },
    nameOf: (label) => plane.nameOf(label),
    get aggregate() { return plane.aggregate; },
    isExtrapolation: (place) => plane.isExtrapolation(place),
    get codes() { return plane.codes; },
    get images() { return plane.images; },
    get encoderImages() {
      const { encoder, letters } = plane;
      return encoder && (encoder.network.binarized ? letters.seen : letters.images);
    },
    posteriorOf: (x) => plane.encoder && posteriorOf(plane.encoder, x),
    get picked() {
      const index = plane.state.get("image");
      return index !== null && index < plane.cloud.label.length ? index : null;
    },
    pointNear(pixel, [x, y]) {
      const [nearest] = plane.cloud.index().nearest(x, y, 1);
      if (nearest === undefined) return null;
      const at = plane.pixelOf([plane.cloud.x[nearest], plane.cloud.y[nearest]]);
      return at && Math.hypot(at[0] - pixel[0], at[1] - pixel[1]) <= REACH ? nearest : null;
    },
    get truth() { return plane.letters.truth(plane.run, plane.dial.beta, this.picked); },
    get selection() { return /** @type {Selection} */ (plane.selection); },

    get place() { return `${plane.view.dims} ${plane.view.held}`; },
    latentAt: (place) => plane.latentAt(place),
    latentOnPage: (place) => (
      latentAt({ dims: plane.view.dims, held: plane.heldByPage }, place, plane.decoder.latentDim)),
    placeOf(z) {
      const [first, second] = plane.view.dims;
      return [z[first] ?? 0, second === undefined ? 0 : z[second] ?? 0];
    },
    pixelOf: (place) => plane.pixelOf(place),
    hold: (z) => plane.hold(z),
    isShown: (layer) => plane.layers.isShown(layer),
  });
}
