// Pictures of untrusted articles. A placeholder of the same size is shown unless web pictures are
// enabled, and while a picture is loading or can't be loaded, so that nothing shifts. While they are
// disabled, nothing is fetched from other machines.

import { h, hueOf, webAddress } from "./dom.js";
import { loadsWebPictures } from "./display-settings.js";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

function address(text) {
  if (typeof text === "string" && /^data:image\/(png|jpeg|gif|webp);base64,/.test(text))
    return text;
  return webAddress(text);
}

function mayLoad(href) {
  return href.startsWith("data:") || LOOPBACK.has(new URL(href).hostname) || loadsWebPictures();
}

/** A picture in a frame of a fixed size; `kind` is "image", "thumbnail" or "icon". */
export function picture(media, kind) {
  const href = address(media?.url);
  if (href === null) return null;
  const host = href.startsWith("data:") ? "" : new URL(href).hostname.replace(/^www\./, "");
  const frame = h(
    "span",
    { class: `picture picture-${kind}` },
    h("span", { class: "picture-scene", "aria-hidden": "true" }),
  );
  frame.style.setProperty("--hue", String(hueOf(host)));
  if (kind === "image" && media.width > 0 && media.height > 0) {
    frame.style.setProperty(
      "--ratio",
      String(Math.min(Math.max(media.width / media.height, 0.75), 3)),
    );
  }
  if (kind !== "icon" && host)
    frame.append(
      h("span", { class: "picture-caption" }, kind === "image" ? `Picture from ${host}` : ""),
    );
  const load = () => {
    const image = h("img", {
      alt: media.description ?? "",
      loading: "lazy",
      decoding: "async",
      referrerpolicy: "no-referrer",
    });
    image.addEventListener("load", () => frame.classList.add("is-loaded"));
    image.addEventListener("error", () => image.remove());
    frame.append(image);
    image.src = href;
  };
  if (mayLoad(href)) load();
  return frame;
}
