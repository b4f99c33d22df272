import { styleText } from "node:util";

/** What a code needs around it, in modules. @see ISO/IEC 18004 §5.3.8 */
const QUIET_ZONE = 4;
/** By what is light of two modules, the upper one first: a character is twice as high as it is wide. */
const BLOCKS = { neither: " ", upper: "▀", lower: "▄", both: "█" };

/**
 * A QR code as lines of a terminal, two rows of modules in one. It is white on black in any scheme of colours; without
 * colours, light is what is drawn, as on a dark terminal.
 *
 * @param modules true is dark
 */
export function halfBlocks(modules: readonly (readonly boolean[])[], { colors }: { colors: boolean }): string[] {
  const isLight = (x: number, y: number) => modules[y - QUIET_ZONE]?.[x - QUIET_ZONE] !== true;
  const side = modules.length + 2 * QUIET_ZONE;
  return Array.from({ length: Math.ceil(side / 2) }, (_, row) => {
    const line = Array.from({ length: side }, (_, x) => {
      const [upper, lower] = [isLight(x, 2 * row), isLight(x, 2 * row + 1)];
      return upper && lower ? BLOCKS.both : upper ? BLOCKS.upper : lower ? BLOCKS.lower : BLOCKS.neither;
    }).join("");
    return colors ? styleText(["whiteBright", "bgBlack"], line, { validateStream: false }) : line;
  });
}
