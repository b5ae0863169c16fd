/* Reads agents: this page's own, and that of another page dropped here. Nothing in one is ever run. */
"use strict";

const FORMAT = "pongarena agent", FORMAT_VERSION = 1, LARGEST_FILE = 64e6;

/** Returns the record in a page's source; only the JSON in its element is read. */
function recordIn(source) {
  const found = /<script type="application\/json" id="agent">([^<]*)<\/script>/.exec(source);
  if (!found) throw new Error("expected a page that pongarena export --html made, got another file");
  return JSON.parse(found[1]);
}

function isStringList(value) {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isCurve(curve) {
  const lists = [curve?.steps, curve?.shares];
  if (!lists.every((list) => Array.isArray(list) && list.every(Number.isFinite))) return false;
  const [steps, shares] = lists;
  return steps.length === shares.length && steps.every((step, i) => step > (steps[i - 1] ?? 0))
    && shares.every((share) => share >= 0 && share <= 1);
}

/** Returns { name, network, … } of a record; throws an Error that says what is wrong with it. */
function readAgent(record) {
  if (record?.format !== FORMAT) throw new Error("expected an agent of pongarena, got something else");
  if (record.format_version !== FORMAT_VERSION) throw new Error("that agent has another version; export it again");
  const { name, about, notes, facts, tags, curve } = record;
  const texts = [name, about, notes].every((each) => typeof each === "string") && isStringList(tags)
    && Array.isArray(facts) && facts.every(isStringList);
  if (!texts || !isCurve(curve)) throw new Error("the card of that agent is damaged");
  return { name: name.slice(0, 80), about, notes, facts, tags, curve, network: new Network(record) };
}

/** Reads the agent of a file that was chosen or dropped. */
async function readFile(file) {
  if (file.size > LARGEST_FILE) throw new Error("that file is too large to be such a page");
  return readAgent(recordIn(await file.text()));
}
