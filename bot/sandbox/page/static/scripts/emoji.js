// Whether this system can draw emoji in colour. Without a font for them, browsers draw boxes, or
// glyphs in the colour of the text.

const SAMPLE = "🦀"; // 😀 would not do: fonts for text have it, without colour
const SIZE = 24; // pixels
const MIN_DIFFERENCE = 48; // of the parts of a colour; grey has none

/** Draw an emoji in black, and look for a pixel that is not grey. */
export function drawsColourEmoji() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.font = `${SIZE - 6}px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "top";
  context.fillText(SAMPLE, 0, 2);
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  for (let at = 0; at < data.length; at += 4) {
    const parts = data.subarray(at, at + 3);
    if (data[at + 3] > 0 && Math.max(...parts) - Math.min(...parts) > MIN_DIFFERENCE) return true;
  }
  return false;
}
