// Finds visible texts whose contrast with the background is below WCAG AA (4.5 to 1).
// https://www.w3.org/TR/WCAG22/#contrast-minimum
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const colour = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return { parts: [red, green, blue], alpha: alpha / 255 };
  };
  const over = (top, below) =>
    top.parts.map((part, index) => part * top.alpha + below[index] * (1 - top.alpha));
  const luminance = (parts) => {
    const [red, green, blue] = parts
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const background = (element) => {
    const below = element.parentElement ? background(element.parentElement) : [255, 255, 255];
    return over(colour(getComputedStyle(element).backgroundColor), below);
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    const exempt = element.closest("[disabled], .visually-hidden, noscript") !== null;
    if (!shown || exempt || texts.currentNode.data.trim() === "") continue;
    const behind = background(element);
    const ink = luminance(over(colour(getComputedStyle(element).color), behind));
    const paper = luminance(behind);
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) faint.push(`${texts.currentNode.data.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return faint;
}
