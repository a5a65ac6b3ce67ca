import { describe, expect, test } from "vitest";
import { KEY_HELP, type KeyActions, type KeyInput, KeyListener } from "./keys.js";

/** A terminal that keys are typed on. */
class FakeKeyboard implements KeyInput {
  isRaw = false;
  isFlowing = false;
  #listeners: ((bytes: Buffer | string) => void)[] = [];

  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
  on(_event: "data", listener: (bytes: Buffer | string) => void): void {
    this.#listeners.push(listener);
  }
  off(_event: "data", listener: (bytes: Buffer | string) => void): void {
    this.#listeners = this.#listeners.filter((one) => one !== listener);
  }
  resume(): void {
    this.isFlowing = true;
  }
  pause(): void {
    this.isFlowing = false;
  }
  type(text: string): void {
    for (const listener of this.#listeners) listener(Buffer.from(text));
  }
}

function listen(): { keyboard: FakeKeyboard; listener: KeyListener; done: string[] } {
  const keyboard = new FakeKeyboard();
  const done: string[] = [];
  const actions: KeyActions = {
    showStatus: () => done.push("status"),
    skipHost: () => done.push("skip"),
    changeVerbosity: (by) => done.push(`verbosity ${by}`),
    changeDebugging: (by) => done.push(`debugging ${by}`),
    showPackets: (isShown) => done.push(`packets ${isShown}`),
    say: (text) => done.push(text),
    interrupt: () => done.push("interrupt"),
    suspend: () => done.push("suspend"),
  };
  return { keyboard, listener: new KeyListener(keyboard, actions), done };
}

describe("keys", () => {
  test.each([
    [" ", "status"],
    ["\r", "status"],
    ["x", "status"],
    ["\x1b[A", "status"],
    ["s", "skip"],
    ["v", "verbosity 1"],
    ["V", "verbosity -1"],
    ["?", KEY_HELP],
    ["d", "debugging 1"],
    ["D", "debugging -1"],
    ["p", "packets true"],
    ["P", "packets false"],
    ["\x03", "interrupt"],
    ["\x1a", "suspend"],
  ])("%j", (key, action) => {
    const { keyboard, listener, done } = listen();
    listener.start();
    keyboard.type(key);
    expect(done).toEqual([action]);
  });

  test("that come together are several", () => {
    const { keyboard, listener, done } = listen();
    listener.start();
    keyboard.type("vs");
    expect(done).toEqual(["verbosity 1", "skip"]);
  });
});

test("the terminal is raw while somebody listens, and as it was afterwards", () => {
  const { keyboard, listener, done } = listen();
  listener.start();
  listener.start();
  expect([keyboard.isRaw, keyboard.isFlowing]).toEqual([true, true]);
  listener.stop();
  expect([keyboard.isRaw, keyboard.isFlowing]).toEqual([false, false]);
  keyboard.isRaw = true; // whoever has the terminal now
  listener.stop();
  expect(keyboard.isRaw).toBe(true);
  keyboard.type("s");
  expect(done).toEqual([]);
  listener.start();
  keyboard.type("s");
  expect(done).toEqual(["skip"]);
});
