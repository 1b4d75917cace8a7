// People at the console, each with a browser of their own that stays from one test to the next.
import { Visitor } from "./browser.mjs";
import { settled } from "./checks.mjs";
import { signIn } from "./sign_in.mjs";

export class Visitors {
  #open = new Map();

  /** Somebody of `world` at an address, signed in; `window.pointed` counts what a pointer did there. */
  async as(world, who, at = "/") {
    if (this.#open.has(who)) {
      await this.#open.get(who).page.goto(at);
    } else {
      const visitor = await Visitor.open(world.server, who);
      await visitor.context.addInitScript(() => {
        window.pointed = 0;
        document.addEventListener("pointerdown", () => (window.pointed += 1), true);
      });
      this.#open.set(who, visitor);
      await signIn(visitor, world.people[who], at);
    }
    await settled(this.#open.get(who));
    return this.#open.get(who);
  }

  async close() {
    for (const visitor of this.#open.values()) {
      await visitor.close();
    }
  }
}
