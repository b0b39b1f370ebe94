import lobject from 'fengari/src/lobject.js';
import lstring from 'fengari/src/lstring.js';
import type { LuaState } from './lua-library.ts';

/** UTF-8 by hand: for the short ASCII strings of scripts several times faster than a coder of the platform. */
export const encode = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return new Uint8Array(Buffer.from(text));
    bytes[index] = code;
  }
  return bytes;
};

export const decode = (bytes: Uint8Array): string => {
  let text = '';
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]!;
    if (byte > 0x7f) return Buffer.from(bytes).toString();
    text += String.fromCharCode(byte);
  }
  return text;
};

/**
 * A string of Lua that came from JavaScript: it has the shape of the library's own, but is encoded only when Lua
 * looks at its bytes. Most words of a script only pass through it, from ARGV to a command.
 */
export class LuaText {
  /** The library keeps a string's place in tables here. */
  hash: string | null = null;
  readonly text: string;
  #bytes: Uint8Array | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get realstring(): Uint8Array {
    this.#bytes ??= encode(this.text);
    return this.#bytes;
  }

  getstr(): Uint8Array {
    return this.realstring;
  }

  tsslen(): number {
    return this.realstring.length;
  }
}

// The library asserts that its strings are its own; their constructor would want the bytes now.
Object.setPrototypeOf(LuaText.prototype, lstring.TString.prototype);

export const push = (L: LuaState, text: LuaText): void => lobject.pushsvalue2s(L, text);

export const pushText = (L: LuaState, text: string): void => push(L, new LuaText(text));

/** The text of the string at `index` of the stack, from 1 up or from -1 down. A string is decoded once. */
export const textAt = (L: LuaState, index: number): string => {
  const string = L.stack[index > 0 ? L.ci.funcOff + index : L.top + index]!.value;
  string.text ??= decode(string.realstring);
  return string.text;
};
