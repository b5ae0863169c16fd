/* A match of two seats, left and right. The cartridge's own player can only play on the cartridge's left: with
   it on the right, the game is played mirrored. */
"use strict";

const LEFT = 0, RIGHT = 1;

/** A person, who holds a direction key or points to a height. */
class HumanPlayer {
  constructor() {
    this.reset();
  }

  reset() {
    this.move = STAY;
    this.knob = null;
  }

  act() {
    return this.knob ?? this.move;
  }

  /** A key was pressed or let go. */
  push(move) {
    this.move = move;
    if (move !== STAY) this.knob = null;
  }

  /** The mouse or a finger went to a height, 38..203. */
  turnTo(y) {
    this.knob = Math.round(Math.min(Math.max(y, PADDLE_TOP), PADDLE_BOTTOM));
  }
}

class Match {
  /** players: [left, right], null for the cartridge's own (at most one). */
  constructor(players, { faster = false, points = 21, random = Math.random } = {}) {
    this.players = players;
    this.points = points;
    this.mirrored = players[RIGHT] === null;
    const two = players[LEFT] !== null && players[RIGHT] !== null;
    this.state = beginGame((two ? 2 : 0) + (faster ? 1 : 0));
    if (two) {
      const direction = Math.floor(4 * random());
      this.state[SERVER] = 4 + (direction & 1);
      this.state[BALL_VY] = direction & 2 ? 1 : 255;
    }
    for (const player of players) player?.reset();
    this.longest = 0;
  }

  get score() {
    const { state } = this;
    return this.mirrored ? [state[SCORE_RIGHT], state[SCORE_LEFT]] : [state[SCORE_LEFT], state[SCORE_RIGHT]];
  }

  get over() {
    return Math.max(...this.score) >= this.points;
  }

  /** LEFT or RIGHT once it is over. */
  get winner() {
    return this.score[LEFT] > this.score[RIGHT] ? LEFT : RIGHT;
  }

  get rally() {
    return this.state[HITS];
  }

  /** Returns the cartridge's side on which a seat's player is. */
  sideOf(seat) {
    return this.mirrored ? 1 - seat : seat;
  }

  /** Plays a frame; returns its events: "serve", "hit", "wall", "left" or "right" for a point. */
  step() {
    const moves = [STAY, STAY];
    this.players.forEach((player, seat) => {
      if (player === null) return;
      const side = this.sideOf(seat), control = player.act(see(this.state, side === LEFT ? 1 : 0));
      moves[side] = Math.abs(control) <= 1 ? control : this.turn(side, control);
    });
    const before = this.state.slice();
    playFrame(this.state, ...moves);
    this.longest = Math.max(this.longest, this.rally);
    return this.events(before);
  }

  /** Puts a paddle at a height at once. */
  turn(side, y) {
    this.state[PADDLE_LEFT + side] = y;
    this.state[POT_LEFT + side] = potAt(y);
    return STAY;
  }

  events(before) {
    const now = this.state, found = [];
    if (now[WAIT] === 0 && before[WAIT] > 0) found.push("serve");
    else if (now[HITS] !== before[HITS]) found.push("hit");
    else if (before[BALL_Y] && now[BALL_VY] !== before[BALL_VY]) found.push("wall");
    [SCORE_LEFT, SCORE_RIGHT].forEach((place, side) => {
      if (now[place] !== before[place]) found.push(this.sideOf(side) === LEFT ? "left" : "right");
    });
    return found;
  }
}
