/* Shows an agent's card: its facts, learning curve and notes. They are only ever inserted as text. */
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const CHART = { width: 640, height: 280, left: 78, right: 14, top: 16, bottom: 52 };

function makeSvg(tag, attributes, words = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = words;
  return element;
}

/** Formats 1234567 as "1.2 million". */
function countWords(count) {
  if (count >= 1e6) return `${(count / 1e6).toFixed(count < 1e7 ? 1 : 0)} million`;
  return count >= 1e4 ? `${Math.round(count / 1e3)} thousand` : String(Math.round(count));
}

/** Draws the share of points won by the steps of training. */
function makeCurve({ steps, shares }) {
  const { width, height, left, right, top, bottom } = CHART;
  const x = (step) => left + (width - left - right) * (step / steps.at(-1));
  const y = (share) => top + (height - top - bottom) * (1 - share);
  const chart = makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", class: "curve" });
  const said = `Learning curve: ${percent(shares[0])} of points won at first, ${percent(shares.at(-1))} at the end, `
    + `after ${countWords(steps.at(-1))} steps.`;
  chart.append(makeSvg("title", {}, said));
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    chart.append(
      makeSvg("line", { x1: left, x2: width - right, y1: y(share), y2: y(share), class: share === 0.5 ? "even" : "grid" }),
      makeSvg("text", { x: left - 8, y: y(share) + 4, "text-anchor": "end" }, percent(share)),
    );
  }
  chart.append(makeSvg("text", { x: width - right - 4, y: y(0.5) - 6, "text-anchor": "end" }, "the cartridge’s equal"));
  for (const part of [0, 0.5, 1]) {
    const anchor = ["start", "middle", "end"][2 * part], step = part * steps.at(-1);
    chart.append(makeSvg("text", { x: x(step), y: height - bottom + 20, "text-anchor": anchor }, countWords(step)));
  }
  chart.append(makeSvg("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, "steps of training"));
  const points = steps.map((step, i) => `${x(step).toFixed(1)},${y(shares[i]).toFixed(1)}`).join(" ");
  chart.append(makeSvg("polyline", { points, class: "line" }));
  return chart;
}

/** Makes the card of an agent. */
function makeCard({ name, about, facts, curve, notes, tags }) {
  const card = make("article", "card", "", make("h2", "", name));
  if (about) card.append(make("p", "about", about));
  const list = make("dl");
  for (const [term, words] of facts) list.append(make("dt", "", term), make("dd", "", words));
  card.append(list);
  if (curve.steps.length > 1) {
    card.append(make("h3", "", "How it learned"), make("p", "dim", "Points won against the cartridge’s own player"), makeCurve(curve));
  }
  if (notes || tags.length) {
    card.append(make("h3", "", "Notes"));
    if (tags.length) card.append(make("p", "tags", tags.map((tag) => `#${tag}`).join("  ")));
    card.append(make("p", "notes", notes));
  }
  return card;
}
