// Careful values of settings: predicates that can say in words what they hold for.
import type { SettingScene } from "./kernel-setting.js";

/** What stands in a setting's file, or what the kernel makes of several of them. */
export interface SettingValue {
  /** Without blanks at the ends. */
  readonly text: string;
  /** The integers in it; undefined where something else stands there. */
  readonly numbers: readonly number[] | undefined;
}

/** Values that are careful, or tolerable. */
export interface CarefulValue {
  /** As they stand behind "careful:": "1", "0 or 1". */
  readonly words: string;
  /** What to set to have one of them; undefined where no single value can be named. */
  readonly set: string | undefined;
  /** True for values that are no numbers. */
  readonly isText: boolean;
  holds(value: SettingValue, scene: SettingScene): boolean;
}

/** The value, or one of the values; the first is what to set. */
export function oneOf(first: number, ...more: readonly number[]): CarefulValue {
  const all = [first, ...more];
  return byNumber([...all].sort((a, b) => a - b).join(" or "), String(first), (value) => all.includes(value));
}

export function atLeast(least: number, set: number = least): CarefulValue {
  return byNumber(`${least} or more`, String(set), (value) => value >= least);
}

export function atMost(most: number, words: string = `${most} or less`): CarefulValue {
  return byNumber(words, String(most), (value) => value <= most);
}

export function between(least: number, most: number): CarefulValue {
  return byNumber(`${least} to ${most}`, String(most), (value) => value >= least && value <= most);
}

/** All of these bits are set. */
export function hasBits(mask: number, words: string, set: number): CarefulValue {
  return byNumber(words, String(set), (value) => (value & mask) === mask);
}

/** None of these bits is set. */
export function lacksBits(mask: number, words: string, set: number): CarefulValue {
  return byNumber(words, String(set), (value) => (value & mask) === 0);
}

/** Any value is as careful as any other: the row is there to be seen. */
export function anyValue(words: string): CarefulValue {
  return { words, set: undefined, isText: true, holds: () => true };
}

/** What no comparison of one number tells. */
export function carefulWhere(
  words: string,
  set: string | undefined,
  holds: (numbers: readonly number[], scene: SettingScene) => boolean,
): CarefulValue {
  return {
    words,
    set,
    isText: false,
    holds: ({ numbers }, scene) => numbers !== undefined && holds(numbers, scene),
  };
}

/** Judges the text itself: lists and masks that are no numbers. */
export function carefulText(words: string, set: string, holds: (text: string) => boolean): CarefulValue {
  return { words, set, isText: true, holds: ({ text }) => holds(text) };
}

function byNumber(words: string, set: string, holds: (value: number) => boolean): CarefulValue {
  return carefulWhere(words, set, ([value]) => value !== undefined && holds(value));
}
