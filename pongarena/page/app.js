/* The page: seats, keys, mouse and fingers, the clock, and the announcements for screen readers. */
"use strict";

const FRAME_MS = 1000 / 60, MOST_FRAMES_AT_ONCE = 40, HUMAN = "human", CARTRIDGE = "ai";

const $ = (id) => document.getElementById(id);

class App {
  constructor() {
    this.agents = new Map();
    this.seats = [HUMAN, "agent"];
    this.running = false;
    this.owed = 0;
    this.people = [new HumanPlayer(), new HumanPlayer()];
    this.keys = new Set();
    this.sound = new Sound();
    this.screen = new Screen($("screen"));
    this.drawn = 0;
    this.listen();
    this.add("agent", readAgent(JSON.parse($("agent").textContent)));
    this.begin();
    requestAnimationFrame((now) => this.tick(now, now));
  }

  /** Adds an agent: the page's own, or the rival. */
  add(key, agent) {
    this.agents.set(key, agent);
    for (const seat of [LEFT, RIGHT]) this.fillSelect(seat);
    $("cards").replaceChildren(...[...this.agents.values()].map(makeCard));
  }

  fillSelect(seat) {
    const choices = [[HUMAN, "You"], ...[...this.agents].map(([key, { name }]) => [key, name]), [CARTRIDGE, "CPU (Atari’s own)"]];
    this.selectOf(seat).replaceChildren(...choices.map(([value, words]) => new Option(words, value)));
    this.selectOf(seat).value = this.seats[seat];
  }

  selectOf(seat) {
    return $(seat === LEFT ? "seat-left" : "seat-right");
  }

  nameOf(seat) {
    const who = this.seats[seat];
    if (who === HUMAN) return this.seats[1 - seat] === HUMAN ? (seat === LEFT ? "left" : "right") : "you";
    return who === CARTRIDGE ? "CPU" : this.agents.get(who).name;
  }

  // -- matches

  /** Begins a new match of the chosen players; it waits for the start button, unless `atOnce`. */
  begin({ atOnce = false } = {}) {
    const players = this.seats.map((who, seat) => this.playerOf(who, seat));
    this.match = new Match(players, { faster: $("ball").value !== "", points: Number($("points").value) });
    this.makeMinds();
    // a long name breaks before its number
    $("name-left").textContent = this.nameOf(LEFT).replace("@", "\u200b@");
    $("name-right").textContent = this.nameOf(RIGHT).replace("@", "\u200b@");
    $("pad").hidden = !this.seats.includes(HUMAN);
    this.keys.clear();
    this.running = false;
    this.showScore();
    this.screen.show(this.match);
    if (atOnce) this.go();
    else this.ask(`${this.nameOf(LEFT)} – ${this.nameOf(RIGHT)}`, this.invitation(), "Play");
  }

  playerOf(who, seat) {
    if (who === HUMAN) return this.people[seat];
    return who === CARTRIDGE ? null : new NetworkPlayer(this.agents.get(who).network);
  }

  invitation() {
    if (!this.seats.includes(HUMAN)) return "Watch them, and what they think.";
    const touch = matchMedia("(pointer: coarse)").matches;
    return touch ? "Slide a finger up and down: your paddle follows." : "Move with the mouse, or with ↑ and ↓.";
  }

  makeMinds() {
    const thinking = [LEFT, RIGHT].filter((seat) => this.match.players[seat] instanceof NetworkPlayer);
    this.minds = thinking.map((seat) => new Mind(this.nameOf(seat), this.match.players[seat], seat));
    $("minds").replaceChildren(...this.minds.map((mind) => mind.element));
    $("minds").classList.toggle("two", this.minds.length === 2);
    this.showMinds();
    this.minds.forEach((mind) => mind.begin());
  }

  showMinds() {
    const shown = $("think").getAttribute("aria-pressed") === "true" && this.minds.length > 0;
    document.querySelector("main").classList.toggle("alone", !shown);
  }

  sit(seat, who) {
    this.seats[seat] = who;
    const other = 1 - seat;
    if (who === CARTRIDGE && this.seats[other] === CARTRIDGE) this.seats[other] = "agent";
    for (const each of [LEFT, RIGHT]) this.selectOf(each).value = this.seats[each];
    this.begin();
  }

  swap() {
    this.seats.reverse();
    this.sit(LEFT, this.seats[LEFT]);
  }

  // -- banner, pause

  ask(title, words, button) {
    $("banner-title").textContent = title;
    $("banner-words").textContent = words;
    $("banner-go").textContent = button;
    $("banner").hidden = false;
    $("field").classList.add("asks");
    $("pause").textContent = button;
    $("pause").hidden = this.match.over;
    this.say(`${title}. ${words}`);
  }

  go() {
    if (this.match.over) {
      this.begin({ atOnce: true });
      return;
    }
    this.sound.wake();
    this.running = true;
    this.owed = 0;
    $("banner").hidden = true;
    $("field").classList.remove("asks");
    $("pause").textContent = "Pause";
    $("pause").hidden = false;
    $("field").focus({ preventScroll: true });
  }

  pause() {
    if (!this.running) return;
    this.running = false;
    this.ask("Paused", `${this.scoreWords()}.`, "Go on");
  }

  toggle() {
    if (this.running) this.pause();
    else this.go();
  }

  end() {
    this.running = false;
    const { winner, score } = this.match, name = this.nameOf(winner);
    const title = name === "you" ? "You won!" : `${name} won`;
    this.ask(title, `${score[LEFT]} : ${score[RIGHT]}, the longest rally had ${this.match.longest} hits.`, "Rematch");
  }

  // -- what is shown and said

  showScore() {
    [$("score-left").textContent, $("score-right").textContent] = this.match.score;
  }

  scoreWords() {
    return [LEFT, RIGHT].map((seat) => `${this.nameOf(seat)} ${this.match.score[seat]}`).join(", ");
  }

  say(words) {
    $("news").textContent = words;
  }

  // -- the clock

  tick(now, before) {
    requestAnimationFrame((next) => this.tick(next, now));
    if (!this.running) return;
    const late = now - before;
    // a display of 60 Hz shows one frame each time, even if its clock is a millisecond off
    this.owed += (Math.abs(late - FRAME_MS) < 3 ? 1 : late / FRAME_MS) * Number($("speed").value);
    if (this.owed > MOST_FRAMES_AT_ONCE) this.owed = MOST_FRAMES_AT_ONCE;
    if (this.owed < 1) return;
    for (; this.owed >= 1 && this.running; this.owed--) this.frame();
    this.screen.show(this.match);
    if (!document.querySelector("main").classList.contains("alone")) this.minds.forEach((mind) => mind.show());
    this.drawn++;
  }

  frame() {
    for (const event of this.match.step()) {
      this.sound.play(event);
      if (event !== "left" && event !== "right") continue;
      this.showScore();
      if (this.match.over) this.end();
      else this.say(this.scoreWords());
    }
  }

  // -- keys, mouse, fingers

  listen() {
    for (const seat of [LEFT, RIGHT]) {
      this.selectOf(seat).addEventListener("change", (event) => this.sit(seat, event.target.value));
    }
    const clicks = {
      "banner-go": () => this.go(), "banner-swap": () => this.swap(), swap: () => this.swap(),
      pause: () => this.toggle(), rematch: () => this.begin({ atOnce: true }), load: () => $("file").click(),
      sound: () => this.toggleSound(), think: () => this.toggleMinds(),
    };
    for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
    for (const id of ["ball", "points"]) $(id).addEventListener("change", () => this.begin());
    $("controls").addEventListener("submit", (event) => event.preventDefault());
    $("file").addEventListener("change", (event) => this.load(event.target.files[0]));
    document.addEventListener("visibilitychange", () => document.hidden && this.pause());
    addEventListener("blur", () => this.letGo());
    addEventListener("keydown", (event) => this.onKey(event, true));
    addEventListener("keyup", (event) => this.onKey(event, false));
    for (const element of document.querySelectorAll("[data-hand]")) this.listenToHands(element);
    this.listenToFiles();
  }

  listenToHands(element) {
    const follow = (event) => {
      if (event.target.closest("#banner")) return;
      const box = element.getBoundingClientRect();
      this.turn((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    };
    element.addEventListener("pointermove", follow);
    element.addEventListener("pointerdown", (event) => {
      if (event.target.closest("#banner")) return;
      element.setPointerCapture(event.pointerId);
      this.sound.wake();
      follow(event);
    });
    element.addEventListener("touchmove", (event) => !event.target.closest("#banner") && event.preventDefault(), { passive: false });
  }

  /** Moves the paddle of the person who plays on this side to a height; both are shares of the field, 0..1. */
  turn(across, down) {
    const alone = this.seats.filter((who) => who === HUMAN).length === 1;
    const seat = alone ? this.seats.indexOf(HUMAN) : across < 0.5 ? LEFT : RIGHT;
    // the paddle's middle follows the pointer: its picture begins some 15 rows above its y, and has 16
    if (this.seats[seat] === HUMAN) this.people[seat].turnTo(down * SCREEN_HEIGHT + 7);
  }

  onKey(event, pressed) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.("select, input")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (["ArrowUp", "ArrowDown", "w", "s"].includes(key)) {
      this.hold(key, pressed);
      if (this.running && event.cancelable) event.preventDefault();
      return;
    }
    if (!pressed || event.repeat) return;
    const button = event.target.closest?.("button, a");
    if (key === " " && !button) {
      event.preventDefault();
      this.toggle();
    } else if (key === "Enter" && !button && !this.running) this.go();
    else if (key === "r") this.begin({ atOnce: true });
    else if (key === "x") this.swap();
    else if (key === "m") this.toggleSound();
    else if (key === "o") this.toggleMinds();
    else if (key === "+" || key === "=") this.changeSpeed(1);
    else if (key === "-") this.changeSpeed(-1);
    else if (key === "Escape") this.pause();
  }

  hold(key, pressed) {
    if (pressed) this.keys.add(key);
    else this.keys.delete(key);
    const both = this.seats.every((who) => who === HUMAN);
    for (const seat of [LEFT, RIGHT]) {
      const pairs = both ? [seat === LEFT ? ["w", "s"] : ["ArrowUp", "ArrowDown"]] : [["w", "s"], ["ArrowUp", "ArrowDown"]];
      const [up, down] = [0, 1].map((end) => pairs.some((pair) => this.keys.has(pair[end])));
      this.people[seat].push(up === down ? STAY : up ? UP : DOWN);
    }
  }

  letGo() {
    this.keys.clear();
    for (const person of this.people) person.push(STAY);
  }

  changeSpeed(by) {
    const { options, selectedIndex } = $("speed");
    $("speed").selectedIndex = Math.min(Math.max(selectedIndex + by, 0), options.length - 1);
    this.say(`Speed ${$("speed").selectedOptions[0].textContent}`);
  }

  toggleSound() {
    this.sound.muted = !this.sound.muted;
    this.sound.wake();
    $("sound").setAttribute("aria-pressed", String(!this.sound.muted));
  }

  toggleMinds() {
    $("think").setAttribute("aria-pressed", String($("think").getAttribute("aria-pressed") !== "true"));
    this.showMinds();
    this.minds.forEach((mind) => (mind.shown = null));
  }

  // -- a rival

  listenToFiles() {
    addEventListener("dragover", (event) => {
      event.preventDefault();
      $("drop").hidden = false;
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && ($("drop").hidden = true));
    addEventListener("drop", (event) => {
      event.preventDefault();
      $("drop").hidden = true;
      this.load(event.dataTransfer.files[0]);
    });
  }

  /** Lets the agent of another page play this one's. */
  async load(file) {
    $("file").value = "";
    if (!file) return;
    this.pause();
    try {
      this.add("rival", await readFile(file));
    } catch (error) {
      this.ask("That did not work", `${file.name}: ${error.message}`, this.match.over ? "Rematch" : "Go on");
      return;
    }
    this.seats = ["rival", "agent"];
    this.sit(LEFT, "rival");
  }
}

const app = new App();
