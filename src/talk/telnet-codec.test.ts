import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TelnetCodec, type TelnetTerminal } from "./telnet-codec.js";

const [IAC, DONT, DO, WONT, WILL, SB, SE] = [255, 254, 253, 252, 251, 250, 240];
const [ECHO, SGA, TTYPE, NAWS, LINEMODE] = [1, 3, 24, 31, 34];
const XTERM: TelnetTerminal = { name: "xterm-256color", columns: 80, rows: 255 };

const bytesOf = (text: string): number[] => [...Buffer.from(text)];

/** What a codec makes of chunks: text, and what it answers. */
function hear(codec: TelnetCodec, ...chunks: readonly (readonly number[])[]) {
  const heard = chunks.map((chunk) => codec.receive(Uint8Array.from(chunk)));
  return {
    text: Buffer.concat(heard.map(({ data }) => data)).toString("latin1"),
    reply: heard.flatMap(({ reply }) => [...reply]),
  };
}

describe("what the server asks", () => {
  test.each([
    ["to echo: agreed", [WILL, ECHO], [DO, ECHO]],
    ["to suppress go ahead: agreed", [WILL, SGA], [DO, SGA]],
    ["us to suppress go ahead: agreed", [DO, SGA], [WILL, SGA]],
    ["us to echo: refused", [DO, ECHO], [WONT, ECHO]],
    ["line mode: refused", [DO, LINEMODE], [WONT, LINEMODE]],
    ["an option of its own that nobody knows: refused", [WILL, 200], [DONT, 200]],
    ["the terminal type: agreed", [DO, TTYPE], [WILL, TTYPE]],
    ["nothing that is not so already: no answer", [WONT, ECHO], undefined],
    ["us to stop what we never began: no answer", [DONT, NAWS], undefined],
  ])("%s", (_, question, answer) => {
    const { reply, text } = hear(new TelnetCodec(XTERM, false), [IAC, ...question]);
    expect(reply).toEqual(answer === undefined ? [] : [IAC, ...answer]);
    expect(text).toBe("");
  });

  test("the size of the window, at once and when it changes; 255 is doubled", () => {
    const codec = new TelnetCodec(XTERM, false);
    const size = [IAC, SB, NAWS, 0, 80, 0, IAC, IAC, IAC, SE];
    expect(hear(codec, [IAC, DO, NAWS]).reply).toEqual([IAC, WILL, NAWS, ...size]);
    expect([...codec.resize(132, 43)]).toEqual([IAC, SB, NAWS, 0, 132, 0, 43, IAC, SE]);
    expect([...new TelnetCodec(XTERM, true).resize(132, 43)]).toEqual([]);
  });

  test("the name of the terminal, when it was agreed on", () => {
    const codec = new TelnetCodec(XTERM, false);
    const question = [IAC, SB, TTYPE, 1, IAC, SE];
    expect(hear(codec, question).reply).toEqual([]);
    hear(codec, [IAC, DO, TTYPE]);
    expect(hear(codec, question).reply).toEqual([IAC, SB, TTYPE, 0, ...bytesOf("xterm-256color"), IAC, SE]);
  });

  test("a name that is none is not sent", () => {
    const codec = new TelnetCodec({ ...XTERM, name: "x\xff\xf0; rm" }, false);
    const { reply } = hear(codec, [IAC, DO, TTYPE, IAC, SB, TTYPE, 1, IAC, SE]);
    expect(Buffer.from(reply).toString("latin1")).toContain("UNKNOWN");
  });

  test("without a terminal both are refused", () => {
    const codec = new TelnetCodec(undefined, true);
    expect(hear(codec, [IAC, DO, TTYPE, IAC, DO, NAWS]).reply).toEqual([IAC, WONT, TTYPE, IAC, WONT, NAWS]);
  });

  test("echoing is known while it lasts", () => {
    const codec = new TelnetCodec(XTERM, false);
    hear(codec, [IAC, WILL, ECHO]);
    expect(codec.isEchoedByOther).toBe(true);
    expect(hear(codec, [IAC, WONT, ECHO]).reply).toEqual([IAC, DONT, ECHO]);
    expect(codec.isEchoedByOther).toBe(false);
  });
});

describe("a server without end", () => {
  test.each([
    ["of questions that are refused", [IAC, WILL, 200]],
    ["of switching on and off", [IAC, WILL, ECHO, IAC, WONT, ECHO]],
    ["of questions for the terminal", [IAC, DO, TTYPE, IAC, SB, TTYPE, 1, IAC, SE]],
  ])("%s is answered a few times and then no more", (_, question) => {
    const codec = new TelnetCodec(XTERM, false);
    const flood = Array.from({ length: 10_000 }, () => question).flat();
    expect(hear(codec, flood).reply.length).toBeLessThan(2000);
    expect(codec.isTired).toBe(true);
    expect(hear(codec, flood).reply).toEqual([]);
    expect(hear(codec, bytesOf("still heard")).text).toBe("still heard");
  });

  test("an echo that it takes back is over, answered or not", () => {
    const codec = new TelnetCodec(XTERM, false);
    hear(codec, [IAC, WILL, ECHO], Array.from({ length: 200 }, () => [IAC, WILL, 200]).flat(), [IAC, WONT, ECHO]);
    expect(codec.isEchoedByOther).toBe(false);
  });

  test("a subnegotiation that never ends takes no memory, and its end is found", () => {
    const codec = new TelnetCodec(XTERM, false);
    expect(hear(codec, [IAC, SB, TTYPE], new Array(100_000).fill(7), [IAC, SE], bytesOf("x")).text).toBe("x");
    expect(hear(codec, [IAC, SB, 5, 5, IAC, WILL, ECHO], bytesOf("y"))).toEqual({ text: "y", reply: [IAC, DO, ECHO] });
  });
});

describe("bytes", () => {
  test("are data until the server begins to negotiate", () => {
    const codec = new TelnetCodec(XTERM, false);
    expect(hear(codec, [65, IAC], [IAC, IAC, 66, IAC, 7]).text).toBe("A\xff\xff\xffB\xff\x07");
    expect(codec.isActive).toBe(false);
    expect([...codec.send(Uint8Array.of(255, 10), true)]).toEqual([255, 10]);
    expect(hear(codec, [IAC, WILL, SGA, 67, IAC, IAC, 13, 0, 13, 10]).text).toBe("C\xff\r\r\n");
    expect(codec.isActive).toBe(true);
  });

  test("an IAC at the very end of data is data", () => {
    const codec = new TelnetCodec(XTERM, false);
    expect(hear(codec, [65, IAC]).text).toBe("A");
    expect([...codec.endOfInput()]).toEqual([IAC]);
  });

  test("commands without a meaning for us are left out", () => {
    expect(hear(new TelnetCodec(undefined, true), [65, IAC, 241, 66, IAC, 249, 67]).text).toBe("ABC");
  });

  test.each([
    ["a line", "ls\n", true, "ls\r\n"],
    ["a line that ends with CR LF", "ls\r\n", true, "ls\r\n"],
    ["Enter, as a key", "\r", false, "\r\0"],
    ["byte 255", "\xff", true, "\xff\xff"],
    ["a lone carriage return", "a\rb", true, "a\r\0b"],
  ])("%s goes out as RFC 854 wants it", (_, typed, isLine, sent) => {
    const codec = new TelnetCodec(undefined, true);
    expect(Buffer.from(codec.send(Buffer.from(typed, "latin1"), isLine)).toString("latin1")).toBe(sent);
  });

  test("a CR LF that is cut is one line end, and a CR that ends all is one", () => {
    const codec = new TelnetCodec(undefined, true);
    expect([...codec.send(Buffer.from("a\r"), true), ...codec.send(Buffer.from("\n\r"), true)]).toEqual([97, 13, 10]);
    expect([...codec.endOfOutput()]).toEqual([13, 0]);
  });

  test("what comes out does not depend on how the bytes are cut", () => {
    const byte = fc.oneof(fc.constantFrom(IAC, DO, WILL, SB, SE, 13, 0, ECHO, TTYPE), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), fc.boolean(), (bytes, isActive) => {
        const whole = hear(new TelnetCodec(XTERM, isActive), bytes);
        expect(hear(new TelnetCodec(XTERM, isActive), ...bytes.map((one) => [one]))).toEqual(whole);
      }),
    );
  });

  test("all bytes that are sent come back the same from who reads them by RFC 854", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const sent = new TelnetCodec(undefined, true).send(bytes, false);
        const plain = Buffer.from(bytes).toString("latin1").replaceAll("\n", "\r\n");
        expect(hear(new TelnetCodec(undefined, true), [...sent]).text).toBe(plain);
      }),
    );
  });
});
