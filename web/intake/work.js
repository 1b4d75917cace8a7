// The worker of page.js: a number such that SHA-256(challenge ":" number) begins with `bits` zero
// bits. SHA-256 by FIPS 180-4, because the browser's own is slow for many short texts, and absent
// where the page came without TLS.
"use strict";

(() => {
  const ROUNDS = new Int32Array(64);
  const START = new Int32Array(8);
  for (let prime = 2, found = 0; found < 64; ++prime) {
    let isPrime = true;
    for (let by = 2; by * by <= prime; ++by) {
      isPrime = isPrime && prime % by !== 0;
    }
    if (isPrime) {
      if (found < 8) {
        START[found] = (Math.sqrt(prime) % 1) * 0x100000000;
      }
      ROUNDS[found++] = (Math.cbrt(prime) % 1) * 0x100000000;
    }
  }
  const words = new Int32Array(64);

  function spread(view, at) {
    for (let i = 0; i < 16; ++i) {
      words[i] = view.getInt32(at + 4 * i);
    }
    for (let i = 16; i < 64; ++i) {
      const x = words[i - 15];
      const y = words[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
    }
  }

  function block(state, view, at) {
    spread(view, at);
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let i = 0; i < 64; ++i) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }

  /** Tries numbers after a challenge: what comes before the last whole block is done once. */
  function solve(challenge, bits) {
    const prefix = `${challenge}:`;
    const bytes = new Uint8Array(512);
    const view = new DataView(bytes.buffer);
    const first = START.slice();
    const whole = prefix.length - (prefix.length % 64);
    for (let i = 0; i < prefix.length; ++i) {
      bytes[i] = prefix.charCodeAt(i);
    }
    for (let at = 0; at < whole; at += 64) {
      block(first, view, at);
    }
    const state = new Int32Array(8);
    for (let number = 0; ; ++number) {
      const digits = String(number);
      const end = prefix.length + digits.length;
      const size = Math.ceil((end + 9) / 64) * 64;
      bytes.fill(0, prefix.length, size);
      for (let i = 0; i < digits.length; ++i) {
        bytes[prefix.length + i] = digits.charCodeAt(i);
      }
      bytes[end] = 0x80;
      view.setUint32(size - 4, end * 8);
      state.set(first);
      for (let at = whole; at < size; at += 64) {
        block(state, view, at);
      }
      if (Math.clz32(state[0]) >= bits) {
        return String(number);
      }
    }
  }

  onmessage = ({ data: { challenge, bits } }) => postMessage(solve(challenge, bits));
})();
