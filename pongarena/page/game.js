/* The cartridge's rules as arithmetic: pongarena/game/compiled.py once more, frame for frame the same.

A game is an Int32Array; the names below are its places. y grows downwards, all bytes are 0..255, and a
moving ball's vx is subtracted from its x. What each rule was found from is told in compiled.py. */
"use strict";

const HITS = 0, SERVER = 1, WAIT = 2, SCORE_LEFT = 3, SCORE_RIGHT = 4, CLOCK = 5, AI = 6;
const BALL_X = 7, BALL_Y = 8, BALL_VY = 9, BALL_VX = 10;
const SHOWN_LEFT = 11, SHOWN_RIGHT = 12, PADDLE_LEFT = 13, PADDLE_RIGHT = 14, POT_LEFT = 15, POT_RIGHT = 16;
const TOUCH = 17, VARIATION = 18, BUTTON = 19, FRAMES = 20, STATE_SIZE = 21;

const TOUCHES_LEFT = 1, TOUCHES_RIGHT = 2, TOUCHES_WALL = 4;
const POT_LEAST = 27450, POT_MOST = 790196, POT_START = 408823, POT_STEP = 23000;
const POT_ZERO = 128624, POT_PER_READING = 7983.195;
const PADDLE_TOP = 38, PADDLE_BOTTOM = 203;

/* A view is 80×80 pixels; the rows of a paddle are counted from 32 above it. */
const VIEW_SIDE = 80, ROWS_ABOVE = 32;

/** A new game. Variations 0 and 1: the left paddle is the cartridge's own; 2 and 3: two players. Odd: the
 *  ball gets faster in a rally. */
function beginGame(variation) {
  const s = new Int32Array(STATE_SIZE);
  s[SERVER] = variation < 2 ? 255 : 4;
  s[WAIT] = 59;
  s[CLOCK] = 71;
  s[AI] = s[SHOWN_LEFT] = 22;
  s[SHOWN_RIGHT] = s[PADDLE_LEFT] = s[PADDLE_RIGHT] = 109;
  s[BALL_Y] = 60;
  s[POT_LEFT] = s[POT_RIGHT] = POT_START;
  s[VARIATION] = variation;
  s[BUTTON] = 1;
  return s;
}

function signed(byte) {
  return ((byte + 128) & 255) - 128;
}

/** Returns the scan line at which the capacitor of a potentiometer reads as charged: 38..204, even. */
function reading(pot) {
  return Math.max(38 + 2 * Math.floor((pot - POT_ZERO) / POT_PER_READING + 1), 38);
}

/** Returns a potentiometer position that holds a paddle at y. */
function potAt(y) {
  return Math.round(POT_ZERO + (((y + 1 - PADDLE_TOP) >> 1) - 0.5) * POT_PER_READING);
}

/** Returns the scan line at which the drawing loop stops to wait for the pot that is read in a frame. */
function potLine(s, clock) {
  return reading(clock & 1 ? s[POT_RIGHT] : POT_START);
}

/** Returns the cycles that the drawing loop is late in a pass. */
function late(line, right, pot) {
  const cycles = pot > 38 && line <= pot ? 2 : 0;
  return (line - right) & 0xf0 ? cycles + 1 : cycles;
}

/** Returns the screen rows of the ball in a column: [the first, the one after the last]. */
function ballRows(column, y, left, right, pot) {
  if (y & 1) {
    const on = y + 1, off = y + 5;
    const lateOn = late(on - 2, right, pot) + ((on - left) & 0xf0 ? 1 : 0);
    const lateOff = late(off - 2, right, pot) + ((off - left) & 0xf0 ? 1 : 0);
    return [on - (column < 127 + 3 * lateOn ? 15 : 16), off - (column < 127 + 3 * lateOff ? 15 : 16)];
  }
  return [
    y - (column < 149 + 3 * late(y, right, pot) ? 14 : 15),
    y - (column < 149 + 3 * late(y + 4, right, pot) ? 10 : 11),
  ];
}

/** Returns the screen row at which a paddle's picture begins; it has 16 rows. */
function paddleTop(s, side) {
  const y = s[SHOWN_LEFT + side];
  return y - 15 + side + (y & 1);
}

/** Returns what the ball overlaps in this picture. */
function touches(s, pot) {
  const y = s[BALL_Y];
  if (y === 0) return 0;
  const x = s[BALL_X] - 49, left = s[SHOWN_LEFT], right = s[SHOWN_RIGHT];
  const leftTop = paddleTop(s, 0), rightTop = paddleTop(s, 1);
  let touch = 0;
  for (let column = x; column < x + 2; column++) {
    const [first, end] = ballRows(column, y, left, right, pot);
    if (column >= 16 && column <= 19 && first <= leftTop + 15 && end > leftTop) touch |= TOUCHES_LEFT;
    if (column >= 140 && column <= 143 && first <= rightTop + 15 && end > rightTop) touch |= TOUCHES_RIGHT;
    if (first <= 33 || end > 194) touch |= TOUCHES_WALL;
  }
  return touch;
}

/** Waits for the serve; returns whether the ball flies in this frame. */
function serve(s) {
  s[BALL_Y] = 0;
  s[WAIT]--;
  if (s[WAIT]) return false;
  s[HITS] = 0;
  s[BALL_X] = s[AI] = s[BALL_Y] = 128;
  s[BALL_VY] = s[BALL_VY] < 128 ? 1 : 255;
  s[BALL_VX] = s[SERVER] & 1 ? 1 : 255;
  return true;
}

/** Counts the point if the ball has left the field; returns whether it has. */
function scores(s) {
  const out = signed(s[BALL_X] - 1);
  if ((out >= 0 ? out : ~out) >> 2 >= 13) return false;
  const side = s[BALL_X] & 128 ? 0 : 1;
  s[SCORE_LEFT + side]++;
  s[SERVER] = side;
  s[WAIT] = 63;
  return true;
}

/** Reflects the ball at a paddle: 0 the left one, 1 the right one. */
function hit(s, side) {
  s[HITS] = (s[HITS] + 1) & 255;
  s[SERVER] = side;
  let vx = signed(s[BALL_VX]);
  if (s[VARIATION] & 1 && (s[HITS] & 3) === 0 && s[HITS]) {
    vx = vx < 0 ? Math.max(vx - 1, -4) : Math.min(vx + 1, 4);
  }
  s[BALL_VX] = (vx < 0 === (side === 1) ? -vx : vx) & 255;
  const offset = ((s[SHOWN_LEFT + side] + 6 - s[BALL_Y]) & 63) >> 1;
  s[BALL_VY] = (-(offset < 16 ? offset : offset - 32) >> 1) & 255;
}

/** Serves, scores, or reflects and moves the ball, according to the collisions in the last picture. */
function moveBall(s) {
  if (s[WAIT]) {
    if (!serve(s)) return;
  } else {
    if (scores(s)) return;
    const edge = signed(s[BALL_Y] + 2);
    if (s[TOUCH] & TOUCHES_WALL && (edge >= 0 ? edge : ~edge) >> 3 < 6) {
      s[BALL_Y] = (s[BALL_Y] + (s[BALL_Y] < 128 ? 1 : -1)) & 255;
      s[BALL_VY] = -s[BALL_VY] & 255;
    } else if (s[TOUCH] & (TOUCHES_LEFT | TOUCHES_RIGHT)) {
      hit(s, s[TOUCH] & TOUCHES_RIGHT ? 1 : 0);
    }
  }
  const rows = s[VARIATION] & 1 && s[BUTTON] ? 2 : 1;
  s[BALL_Y] = (s[BALL_Y] + s[BALL_VY] * rows) & 255;
  s[BALL_X] = (s[BALL_X] - s[BALL_VX]) & 255;
}

/** Turns the potentiometers: −1 up, 0 not, +1 down. */
function turnPots(s, left, right) {
  s[POT_LEFT] = Math.min(POT_MOST, Math.max(POT_LEAST, s[POT_LEFT] + POT_STEP * left));
  s[POT_RIGHT] = Math.min(POT_MOST, Math.max(POT_LEAST, s[POT_RIGHT] + POT_STEP * right));
}

/** Plays one frame. In variations 0 and 1 `left` is ignored, because the cartridge plays. */
function playFrame(s, left, right) {
  const two = s[VARIATION] >= 2;
  if (two) {
    if (s[WAIT] && s[SERVER] !== 255) {
      s[SERVER] |= 4;
      s[BUTTON] = 1;
    } else {
      s[BUTTON] = 0;
    }
  }
  if (s[SCORE_LEFT] < 21 && s[SCORE_RIGHT] < 21) moveBall(s);
  s[SHOWN_LEFT] = s[PADDLE_LEFT];
  s[SHOWN_RIGHT] = s[PADDLE_RIGHT];
  if (!two) {
    if (s[CLOCK] & 7 && s[AI] !== s[BALL_Y]) s[AI] += s[AI] > s[BALL_Y] ? -2 : 2;
    s[SHOWN_LEFT] = s[AI];
  }
  turnPots(s, left, right);
  s[TOUCH] = touches(s, potLine(s, s[CLOCK]));
  const read = s[CLOCK] & 1;
  s[PADDLE_LEFT + read] = (s[PADDLE_LEFT + read] + reading(s[POT_LEFT + read])) >> 1;
  s[CLOCK] = (s[CLOCK] + 1) & 255;
  if (s[SERVER] < 4) s[BUTTON] = 0;
  s[FRAMES]++;
}

/** Returns the ball on the screen as [column, pot line of this picture], or null while there is none. */
function ballPlace(s) {
  return s[BALL_Y] === 0 || s[FRAMES] === 0 ? null : [s[BALL_X] - 49, potLine(s, s[CLOCK] - 1)];
}

/** Returns what a side sees now, as one number; see `compiled.see`.
 *
 *  Bits 0–6 and 7–13: where the far and the near paddle begin. Bits 14–26: the ball's first pixel. Bits
 *  27–29: which of three pixels, downwards from there, are lit. `mirrored`: 1 for the left side. */
function see(s, mirrored) {
  const left = s[SHOWN_LEFT], right = s[SHOWN_RIGHT];
  const leftRow = (left - 50 + (left & 1)) >> 1, rightRow = (right - 48 + (right & 1)) >> 1;
  const far = mirrored ? rightRow : leftRow, near = mirrored ? leftRow : rightRow;
  const code = (far + ROWS_ABOVE) | ((near + ROWS_ABOVE) << 7);
  if (s[FRAMES] === 0) return code | ((5 * VIEW_SIDE + (mirrored ? 78 : 1)) << 14) | (3 << 27);
  if (s[BALL_Y] === 0) return code;
  const [x, pot] = ballPlace(s);
  const onScreen = (x + (mirrored ? 1 - (x & 1) : x & 1) + 160) % 160;
  const column = (mirrored ? 159 - onScreen : onScreen) >> 1;
  const [first, end] = ballRows(onScreen, s[BALL_Y], left, right, pot);
  const top = Math.max((first - 34) >> 1, 0), last = Math.min((end - 34) >> 1, VIEW_SIDE);
  const hides = column >= 8 && column <= 9 ? far : column >= 70 && column <= 71 ? near : -99;
  let mask = 0;
  for (let row = top; row < last; row++) {
    if (row < hides || row >= hides + 8) mask |= 1 << (row - top);
  }
  return mask ? code | ((top * VIEW_SIDE + column) << 14) | (mask << 27) : code;
}

/** Returns the lit pixels of a view, numbered row by row, from the code that `see` returned. */
function litPixels(code) {
  const pixels = [];
  const paddles = [[8, (code & 127) - ROWS_ABOVE], [70, ((code >> 7) & 127) - ROWS_ABOVE]];
  for (const [column, top] of paddles) {
    for (let row = Math.max(top, 0); row < Math.min(top + 8, VIEW_SIDE); row++) {
      pixels.push(row * VIEW_SIDE + column, row * VIEW_SIDE + column + 1);
    }
  }
  const ball = (code >> 14) & 8191;
  for (let row = 0; row < 3; row++) {
    if ((code >> (27 + row)) & 1) pixels.push(ball + row * VIEW_SIDE);
  }
  return pixels;
}
