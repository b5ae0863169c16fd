/* The cartridge's beeps: square waves of the console's own pitches and lengths. */
"use strict";

/* [Hz, seconds], measured on the emulator's sound. */
const BEEPS = { serve: [480, 8 / 60], hit: [698, 4 / 60], wall: [233, 4 / 60], left: [166, 15 / 60], right: [166, 15 / 60] };

class Sound {
  constructor() {
    this.muted = false;
    this.context = null;
  }

  /** Allows sound; call it after a key or a click, as browsers require. */
  wake() {
    const Context = globalThis.AudioContext;
    if (!Context) return;
    this.context ??= new Context();
    if (this.context.state === "suspended") this.context.resume().catch(() => {});
  }

  play(event) {
    if (this.muted || this.context?.state !== "running") return;
    const [hertz, seconds] = BEEPS[event], now = this.context.currentTime;
    const wave = new OscillatorNode(this.context, { type: "square", frequency: hertz });
    wave.connect(new GainNode(this.context, { gain: 0.05 })).connect(this.context.destination);
    wave.start(now);
    wave.stop(now + seconds);
  }
}
