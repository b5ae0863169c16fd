/* An agent's network, and the player that runs it every few frames.

A record (see agent.py) has layers without biases: pixels → ReLU units → … → logits. A single logit gives P(UP) by a
sigmoid; several give the actions' probabilities by a softmax. */
"use strict";

const PIXELS = VIEW_SIDE * VIEW_SIDE, UP = -1, STAY = 0, DOWN = 1;
const MOST_UNITS = 4096, MOST_LAYERS = 8, HISTORY = 150;

function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Reads a little-endian float32 array; refuses values that are not finite. */
function floatsOf(base64, length) {
  const bytes = bytesOf(base64);
  if (bytes.length !== 4 * length) throw new Error("a layer of the agent has the wrong size");
  const view = new DataView(bytes.buffer), floats = new Float32Array(length);
  for (let i = 0; i < length; i++) floats[i] = view.getFloat32(4 * i, true);
  if (!floats.every(Number.isFinite)) throw new Error("a weight of the agent is not finite");
  return floats;
}

/** A layer: the weights of each input lie side by side; int8 weights are multiplied by each unit's scale. */
class Layer {
  constructor(record) {
    const { inputs, outputs } = record;
    if (![inputs, outputs].every((n) => Number.isInteger(n) && n >= 1 && n <= Math.max(PIXELS, MOST_UNITS))) {
      throw new Error("a layer of the agent has no size");
    }
    this.inputs = inputs;
    this.outputs = outputs;
    this.scale = record.scale === undefined ? null : floatsOf(record.scale, outputs);
    this.weights = this.scale
      ? new Int8Array(bytesOf(record.weights).buffer)
      : floatsOf(record.weights, inputs * outputs);
    if (this.weights.length !== inputs * outputs) throw new Error("a layer of the agent is incomplete");
  }

  /** Computes the sums for inputs that are zero except at some places. */
  forward(places, values) {
    const sums = new Float64Array(this.outputs), { weights, outputs } = this;
    for (let i = 0; i < places.length; i++) {
      const row = places[i] * outputs, value = values[i];
      for (let unit = 0; unit < outputs; unit++) sums[unit] += value * weights[row + unit];
    }
    if (this.scale) for (let unit = 0; unit < outputs; unit++) sums[unit] *= this.scale[unit];
    return sums;
  }

  /** Returns the weight from an input to a unit. */
  weight(input, unit) {
    return this.weights[input * this.outputs + unit] * (this.scale ? this.scale[unit] : 1);
  }
}

class Network {
  constructor(record) {
    const { spec, layers } = record;
    const known = Array.isArray(spec.actions) && spec.actions.every((each) => [UP, STAY, DOWN].includes(each));
    if (!known || new Set(spec.actions).size !== spec.actions.length || spec.actions.length < 2) {
      throw new Error("the agent has unknown actions");
    }
    if (!(spec.fade >= 0 && spec.fade <= 1) || !(spec.frame_skip >= 1 && spec.frame_skip <= 16)) {
      throw new Error("the agent sees or decides in an unknown way");
    }
    if (!Array.isArray(layers) || layers.length < 2 || layers.length > MOST_LAYERS) {
      throw new Error("the agent has an unknown number of layers");
    }
    this.fade = spec.fade;
    this.crop = readCrop(spec.crop);
    this.frameSkip = spec.frame_skip;
    this.actions = spec.actions;
    this.layers = layers.map((each) => new Layer(each));
    this.checkShapes();
    this.everyPlace = this.layers.map((layer) => Uint16Array.from({ length: layer.inputs }, (_, i) => i));
    this.votes = this.readVotes();
  }

  checkShapes() {
    const logits = this.layers.at(-1).outputs;
    const fits = this.layers.every((layer, i) => i === 0 || layer.inputs === this.layers[i - 1].outputs);
    const ends = logits === 1 ? this.actions.join() === `${UP},${DOWN}` : logits === this.actions.length;
    if (!fits || !ends || this.layers[0].inputs !== PIXELS) {
      throw new Error("the layers of the agent do not fit each other");
    }
  }

  /** Returns the vote of each unit of the last hidden layer: above zero for UP, below zero for DOWN. */
  readVotes() {
    const head = this.layers.at(-1), up = this.actions.indexOf(UP), down = this.actions.indexOf(DOWN);
    return Float64Array.from({ length: head.inputs }, (_, unit) =>
      head.outputs === 1 ? head.weight(unit, 0) : head.weight(unit, up) - head.weight(unit, down));
  }

  /** Returns { hidden: the last hidden layer after its ReLU, probabilities: one for each action }. */
  forward(pixels, values) {
    let hidden = this.layers[0].forward(pixels, values).map((sum) => Math.max(sum, 0));
    for (let i = 1; i < this.layers.length - 1; i++) {
      hidden = this.layers[i].forward(this.everyPlace[i], hidden).map((sum) => Math.max(sum, 0));
    }
    const last = this.layers.length - 1;
    return { hidden, probabilities: probabilities(this.layers[last].forward(this.everyPlace[last], hidden)) };
  }
}

/** Checks the rows and columns of a view that the network sees: [first row, end, first column, end]. */
function readCrop(crop) {
  const fits = Array.isArray(crop) && crop.length === 4 && crop.every(Number.isInteger)
    && crop[0] >= 0 && crop[1] <= VIEW_SIDE && crop[2] >= 0 && crop[3] <= VIEW_SIDE;
  if (!fits) throw new Error("the agent sees or decides in an unknown way");
  return crop;
}

/** Turns a single logit into its sigmoid and the rest, several into their softmax. */
function probabilities(logits) {
  if (logits.length === 1) {
    const small = Math.exp(-Math.abs(logits[0]));
    const up = (logits[0] >= 0 ? 1 : small) / (1 + small);
    return [up, 1 - up];
  }
  const top = Math.max(...logits), powers = Array.from(logits, (each) => Math.exp(each - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((each) => each / sum);
}

/** Makes what a network sees: the view or a part of it, less a share of the one before. */
class Eye {
  constructor({ fade, crop }) {
    this.fade = fade;
    [this.top, this.bottom, this.left, this.right] = crop;
    this.before = null;
  }

  shows(pixel) {
    const row = Math.floor(pixel / VIEW_SIDE), column = pixel % VIEW_SIDE;
    return row >= this.top && row < this.bottom && column >= this.left && column < this.right;
  }

  look(code) {
    const now = litPixels(code).filter((pixel) => this.shows(pixel)), before = this.before ?? now;
    this.before = now;
    const values = new Map(now.map((pixel) => [pixel, 1]));
    for (const pixel of before) values.set(pixel, (values.get(pixel) ?? 0) - this.fade);
    const changed = [...values].filter(([, value]) => value !== 0);
    return { pixels: changed.map(([pixel]) => pixel), values: changed.map(([, value]) => value) };
  }
}

/** Plays with a network: decides every few frames, and keeps its last 10 s to show them. */
class NetworkPlayer {
  constructor(network, { greedy = false, random = Math.random } = {}) {
    this.network = network;
    this.greedy = greedy;
    this.random = random;
    this.reset();
  }

  reset() {
    this.eye = new Eye(this.network);
    this.held = 0;
    this.decision = null;
    this.history = [];
  }

  /** Returns the move for the next frame: −1 up, 0 stay, +1 down. */
  act(code) {
    if (this.decision === null || this.held === this.network.frameSkip) {
      this.decision = this.decide(code);
      this.held = 0;
    }
    this.held++;
    return this.decision.move;
  }

  decide(code) {
    const seen = this.eye.look(code), { hidden, probabilities } = this.network.forward(seen.pixels, seen.values);
    const move = this.network.actions[this.choose(probabilities)];
    const up = probabilities[this.network.actions.indexOf(UP)];
    this.history.push({ up, move });
    if (this.history.length > HISTORY) this.history.shift();
    return { number: (this.decision?.number ?? 0) + 1, seen, hidden, probabilities, move };
  }

  choose(probabilities) {
    if (this.greedy) return probabilities.indexOf(Math.max(...probabilities));
    let rest = this.random();
    for (let i = 0; i < probabilities.length - 1; i++) {
      if (rest < probabilities[i]) return i;
      rest -= probabilities[i];
    }
    return probabilities.length - 1;
  }
}
