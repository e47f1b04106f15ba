// Embeds as Discord draws them: https://discord.com/developers/docs/resources/message#embed-object

import { externalLink, h } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { renderInline } from "./markdown-inline.js";
import { picture } from "./picture.js";
import { timeElement } from "./time.js";

/** One embed; `context` resolves mentions. */
export function renderEmbed(embed, context) {
  const article = h(
    "article",
    { class: "embed" },
    h(
      "div",
      { class: "embed-body" },
      author(embed.author),
      title(embed, context),
      embed.description
        ? h(
            "div",
            { class: "embed-description markdown" },
            renderMarkdown(embed.description, context),
          )
        : null,
      fields(embed.fields ?? [], context),
    ),
    picture(embed.thumbnail, "thumbnail"),
    picture(embed.image, "image"),
    footer(embed),
  );
  if (Number.isInteger(embed.color))
    article.style.setProperty("--bar", `#${embed.color.toString(16).padStart(6, "0")}`);
  return article;
}

function author(author) {
  if (!author?.name) return null;
  return h(
    "div",
    { class: "embed-author" },
    picture({ url: author.icon_url }, "icon"),
    externalLink(author.url, null, author.name),
  );
}

function title(embed, context) {
  if (!embed.title) return null;
  const text = renderInline(embed.title, { ...context, links: false });
  return h(
    "div",
    { class: "embed-title", role: "heading", "aria-level": "4" },
    externalLink(embed.url, null, text),
  );
}

/** Inline fields share a row, three at most; other fields have their own row. */
function fields(fields, context) {
  if (fields.length === 0) return null;
  const rows = [];
  for (const field of fields) {
    const row = rows.at(-1);
    if (field.inline && row?.inline && row.fields.length < 3) row.fields.push(field);
    else rows.push({ inline: Boolean(field.inline), fields: [field] });
  }
  return h(
    "div",
    { class: "embed-fields" },
    rows.map((row) =>
      h(
        "div",
        { class: `embed-row columns-${row.fields.length}` },
        row.fields.map((field) =>
          h(
            "div",
            { class: "embed-field" },
            h(
              "div",
              { class: "embed-field-name" },
              renderInline(field.name, { ...context, links: false }),
            ),
            h("div", { class: "embed-field-value markdown" }, renderMarkdown(field.value, context)),
          ),
        ),
      ),
    ),
  );
}

function footer({ footer, timestamp }) {
  if (!footer?.text && !timestamp) return null;
  return h(
    "div",
    { class: "embed-footer" },
    picture({ url: footer?.icon_url }, "icon"),
    h(
      "span",
      null,
      footer?.text ?? "",
      footer?.text && timestamp ? " • " : "",
      timestamp ? timeElement(timestamp, "chat") : null,
    ),
  );
}
