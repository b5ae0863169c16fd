/* Draws what a network thinks: its probabilities, their last ten seconds, its hidden units, what it sees. */
"use strict";

const INK = "#f0e9de", DIM = "#a69c96", WELL = "#2d2930", UP_COLOUR = "#ffbe5c", DOWN_COLOUR = "#60a4ff";
const APPEARED_RGB = [240, 233, 222], GONE_RGB = [84, 128, 190], WELL_RGB = [45, 41, 48];
const ACTION_WORDS = { [UP]: ["▲", "UP", "up"], [STAY]: ["■", "STAY", "stay"], [DOWN]: ["▼", "DOWN", "down"] };
const MOST_SHOWN_UNITS = 400;

/** Makes an element with a class, words and children. */
function make(tag, className = "", words = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words) element.textContent = words;
  element.append(...children);
  return element;
}

/** Returns a cleared drawing context in CSS pixels, sharp on dense screens. */
function drawingOn(canvas) {
  const ratio = globalThis.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

function signedNumber(value) {
  return `${value < 0 ? "−" : value > 0 ? "+" : ""}${Math.abs(value).toFixed(1)}`;
}

/** The panel of one network. */
class Mind {
  constructor(name, player, seat) {
    this.player = player;
    this.network = player.network;
    this.shown = null;
    this.strongest = 1e-6;
    this.order = this.orderUnits();
    this.element = make("section", `mind ${seat === LEFT ? "left" : "right"}`);
    this.element.setAttribute("aria-label", `What ${name} thinks`);
    this.element.append(make("h2", "", name), this.makeRows(), ...this.makePictures());
  }

  /** Returns the units that vote UP, and those that vote DOWN, each with the strongest votes first. */
  orderUnits() {
    const { votes } = this.network, units = [...votes.keys()].sort((a, b) => Math.abs(votes[b]) - Math.abs(votes[a]));
    return [units.filter((unit) => votes[unit] >= 0), units.filter((unit) => votes[unit] < 0)];
  }

  makeRows() {
    const rows = make("div", "actions");
    this.rows = this.network.actions.map((action) => {
      const [sign, word, name] = ACTION_WORDS[action], bar = make("i"), value = make("b", "", "–");
      const row = make("div", `action ${name}`, "", make("span", "", `${sign} ${word}`), make("div", "track", "", bar), value);
      rows.append(row);
      return { action, row, bar, value };
    });
    return rows;
  }

  makePictures() {
    this.history = make("canvas", "history");
    this.units = make("canvas", "units");
    this.sight = make("canvas", "sight");
    this.sight.width = this.sight.height = VIEW_SIDE;
    this.sums = [make("b", "up"), make("b", "down")];
    const seen = this.network.fade === 1 ? ["appeared", "gone"] : ["there", "was there"];
    const [now, before] = seen.map((words, i) => make("span", "", "", make("i", i ? "gone" : ""), ` ${words}`));
    const count = make("span", "", `${this.network.votes.length} `, make("span", "units-word", "hidden "), "units");
    const hidden = make("figcaption", "", "", count, ...this.sums);
    return [
      make("figure", "of-history", "", make("figcaption", "", "P(UP), last 10 s"), this.history),
      make("figure", "of-units", "", hidden, this.units),
      make("figure", "of-sight", "", make("figcaption", "", "what it sees"), this.sight, make("p", "legend", "", now, " ", before)),
    ];
  }

  /** Draws a network that has seen nothing; call it when the panel is in the page. */
  begin() {
    this.drawHistory();
    this.drawUnits(new Float64Array(this.network.votes.length));
    this.drawSight({ pixels: [], values: [] });
  }

  /** Draws the latest decision, if it is a new one. */
  show() {
    const { decision } = this.player;
    if (decision === this.shown) return;
    this.shown = decision;
    if (decision === null) return;
    this.rows.forEach(({ action, row, bar, value }, i) => {
      row.classList.toggle("chosen", action === decision.move);
      bar.style.width = `${100 * decision.probabilities[i]}%`;
      value.textContent = percent(decision.probabilities[i]);
    });
    this.drawHistory();
    this.drawUnits(decision.hidden);
    this.drawSight(decision.seen);
  }

  drawHistory() {
    const { context, width, height } = drawingOn(this.history), { history } = this.player;
    const across = width / HISTORY, inner = height - 12, start = HISTORY - history.length;
    context.fillStyle = "#57505c";
    context.fillRect(0, height / 2, width, 1);
    context.beginPath();
    history.forEach(({ up, move }, i) => {
      const x = (start + i + 0.5) * across;
      context.lineTo(x, 6 + inner * (1 - up));
      context.fillStyle = move === UP ? UP_COLOUR : move === DOWN ? DOWN_COLOUR : DIM;
      const row = move === UP ? 1 : move === DOWN ? height - 4 : height / 2 - 1;
      context.fillRect(x - across / 2, row, Math.max(across - 0.4, 0.6), 3);
    });
    context.strokeStyle = INK;
    context.lineWidth = 1.2;
    context.stroke();
  }

  drawUnits(hidden) {
    const { context, width, height } = drawingOn(this.units), { votes } = this.network;
    const sums = this.order.map((units) => units.reduce((sum, unit) => sum + hidden[unit] * votes[unit], 0));
    sums.forEach((sum, i) => (this.sums[i].textContent = `${i === 0 ? "▲" : "▼"} ${signedNumber(sum)}`));
    const groups = this.order.map((units) => units.slice(0, MOST_SHOWN_UNITS / 2));
    const size = unitSize(groups.map((units) => units.length), width, height);
    this.strongest *= 0.995;
    for (const unit of groups.flat()) this.strongest = Math.max(this.strongest, Math.abs(hidden[unit] * votes[unit]));
    const columns = Math.floor(width / size), upRows = Math.ceil(groups[0].length / columns);
    groups.forEach((units, group) => units.forEach((unit, i) => {
      const x = (i % columns) * size, y = (Math.floor(i / columns) + (group ? upRows + 0.5 : 0)) * size;
      const level = Math.sqrt(Math.abs(hidden[unit] * votes[unit]) / this.strongest);
      drawTriangle(context, x + size / 2, y + size / 2, 0.42 * size, group === 0, level);
    }));
  }

  drawSight({ pixels, values }) {
    const context = this.sight.getContext("2d"), image = context.createImageData(VIEW_SIDE, VIEW_SIDE);
    const put = (pixel, [red, green, blue]) => image.data.set([red, green, blue, 255], 4 * pixel);
    for (let pixel = 0; pixel < PIXELS; pixel++) put(pixel, WELL_RGB);
    pixels.forEach((pixel, i) => put(pixel, values[i] > 0 ? APPEARED_RGB : GONE_RGB));
    context.putImageData(image, 0, 0);
  }
}

/** Returns the largest size at which two groups of units, half a row apart, fit into a picture. */
function unitSize(counts, width, height) {
  for (let size = 18; size > 3; size -= 0.5) {
    const columns = Math.floor(width / size);
    const rows = counts.reduce((sum, count) => sum + Math.ceil(count / columns), 0.5);
    if (rows * size <= height) return size;
  }
  return 3;
}

/** Draws a unit: a triangle that points where it votes, brighter for a stronger vote. */
function drawTriangle(context, x, y, radius, up, level) {
  const tip = up ? -radius : radius;
  context.beginPath();
  context.moveTo(x, y + tip);
  context.lineTo(x - radius, y - tip * 0.8);
  context.lineTo(x + radius, y - tip * 0.8);
  context.closePath();
  context.fillStyle = "#453f49";
  context.fill();
  if (level < 0.02) return;
  context.globalAlpha = Math.min(level, 1);
  context.fillStyle = up ? UP_COLOUR : DOWN_COLOUR;
  context.fill();
  context.globalAlpha = 1;
}
