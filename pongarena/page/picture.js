/* The console's picture, pixel by pixel: 160 columns, 210 rows. */
"use strict";

const SCREEN_WIDTH = 160, SCREEN_HEIGHT = 210;
const GROUND = 0, WHITE = 1, ORANGE = 2, GREEN = 3;
const COLOURS = [[144, 72, 17], [236, 236, 236], [213, 130, 74], [92, 186, 92]];
const WALLS = [[24, 10], [194, 16]];
const PADDLE_COLUMN = [16, 140], PADDLE_WIDTH = 4, PADDLE_ROWS = 16, FIRST_ROW = 34, LAST_ROW = 193;

/* The cartridge's digits: five rows of three cells, each of 4×4 pixels. */
const DIGITS = ["75557", "22222", "71747", "71317", "55711", "74717", "44757", "71111", "75757", "75711"];
const DIGIT_COLUMN = [36, 116], DIGIT_CELL = 4;

function fill(picture, column, row, width, height, colour) {
  for (let y = Math.max(row, 0); y < Math.min(row + height, SCREEN_HEIGHT); y++) {
    for (let x = Math.max(column, 0); x < Math.min(column + width, SCREEN_WIDTH); x++) {
      picture[y * SCREEN_WIDTH + x] = colour;
    }
  }
}

function drawNumber(picture, number, column, colour) {
  [...String(number)].reverse().forEach((digit, place) => {
    [...DIGITS[digit]].forEach((cells, row) => {
      for (let cell = 0; cell < 3; cell++) {
        const x = column - 4 * DIGIT_CELL * place + cell * DIGIT_CELL;
        if ((cells >> (2 - cell)) & 1) fill(picture, x, 1 + row * DIGIT_CELL, DIGIT_CELL, DIGIT_CELL, colour);
      }
    });
  });
}

function drawPaddle(picture, column, top, colour) {
  const first = Math.max(top, FIRST_ROW), end = Math.min(top + PADDLE_ROWS, LAST_ROW + 1);
  fill(picture, column, first, PADDLE_WIDTH, end - first, colour);
}

function drawBall(picture, state, mirrored) {
  const place = ballPlace(state);
  if (place === null) return;
  for (let x = place[0]; x < place[0] + 2; x++) {
    const column = (x + SCREEN_WIDTH) % SCREEN_WIDTH;
    const [first, end] = ballRows(column, state[BALL_Y], state[SHOWN_LEFT], state[SHOWN_RIGHT], place[1]);
    const top = Math.max(first, FIRST_ROW), rows = Math.min(end, LAST_ROW + 1) - top;
    fill(picture, mirrored ? SCREEN_WIDTH - 1 - column : column, top, 1, rows, WHITE);
  }
}

/** Paints a match into a Uint8Array of 160×210 colour numbers. */
function paint(match, picture) {
  picture.fill(GROUND);
  for (const [row, height] of WALLS) fill(picture, 0, row, SCREEN_WIDTH, height, WHITE);
  [ORANGE, GREEN].forEach((colour, seat) => {
    drawNumber(picture, match.score[seat], DIGIT_COLUMN[seat], colour);
    drawPaddle(picture, PADDLE_COLUMN[seat], paddleTop(match.state, match.sideOf(seat)), colour);
  });
  drawBall(picture, match.state, match.mirrored);
  return picture;
}

/** Shows matches on a canvas of 160×210, which the style sheet enlarges without smoothing. */
class Screen {
  constructor(canvas) {
    this.context = canvas.getContext("2d", { alpha: false });
    this.image = this.context.createImageData(SCREEN_WIDTH, SCREEN_HEIGHT);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.picture = new Uint8Array(SCREEN_WIDTH * SCREEN_HEIGHT);
    this.palette = new Uint32Array(new Uint8Array(COLOURS.flatMap((rgb) => [...rgb, 255])).buffer);
  }

  show(match) {
    paint(match, this.picture).forEach((colour, i) => (this.pixels[i] = this.palette[colour]));
    this.context.putImageData(this.image, 0, 0);
  }
}
