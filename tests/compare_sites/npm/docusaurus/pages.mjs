// Writes what Docusaurus makes of the posts, documents and pages of a site, one JSON object a line.
// Loading a site has the routes that a build writes, without minutes of bundling.
import { writeFileSync } from 'node:fs';
import site from '@docusaurus/core/lib/server/site.js';

const [siteDir, output, ...locales] = process.argv.slice(2);
const lines = [];
for (const locale of locales) {
  const { props } = await site.loadSite({ siteDir, locale: locale === '-' ? undefined : locale });
  const found = new Map();
  for (const { name, content } of props.plugins) {
    if (name === 'docusaurus-plugin-content-blog') {
      for (const { metadata } of content.blogPosts) found.set(metadata.source, metadata);
    } else if (name === 'docusaurus-plugin-content-docs') {
      for (const { docs } of content.loadedVersions) {
        for (const doc of docs) found.set(doc.source, { ...doc, date: doc.frontMatter.date });
      }
    }
  }
  const visit = (routes) => {
    for (const { path, metadata, routes: inner } of routes ?? []) {
      const source = metadata?.sourceFilePath;
      const page = source && found.get(`@site/${source}`);
      if (page && !page.unlisted) {
        lines.push({ path, source, locale, title: page.title, date: page.date });
      }
      visit(inner);
    }
  };
  visit(props.routes);
}
writeFileSync(output, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
