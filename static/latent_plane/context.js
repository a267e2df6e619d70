// The words that the plane's modules share, as types.

/**
 * @import { Mode } from "./canvas/camera.js"
 * @import { Knots } from "./cloud/knots.js"
 * @import { Table } from "./payload/columns.js"
 */

/**
 * A pair of numbers: a place of the plane, or a pixel from the plot's top left corner.
 * @typedef {[number, number]} Pair
 */
/**
 * Numbers in a row: an image (channels, height, width; 0 to 1), a code z, a column of a table.
 * @typedef {Float32Array | Float64Array | number[]} Numbers
 */
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
/**
 * A lattice of decoded images: the z of its columns and rows.
 * @typedef {{x: number[], y: number[]}} Lattice
 */
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
/**
 * The encoder of `run`; `turn`, an orthogonal matrix, takes its codes to the plane's coordinates.
 * @typedef {{run: string, turn: number[][] | null, network: Encoder}} ModelEncoder
 */
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

export {};
