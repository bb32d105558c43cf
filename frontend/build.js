// Bundles what vendor.js exports into the one file that the desk loads.
import { readFile } from "node:fs/promises";
import { build } from "esbuild";

// Our Markdown has no indented code, so four blanks before a heading or a list mean nothing. The
// server's parser checks for them only where that rule is on; markdown-it checks always.
const INDENTED = /state\.sCount\[\w+\] - state\.blkIndent >= 4/g;
const RULES = /\/rules_block\/(?:blockquote|fence|heading|hr|list|table)\.mjs$|\/markdown-it-container\/index\.mjs$/;

const withoutIndentedCode = {
  name: "without-indented-code",
  setup: ({ onLoad }) => onLoad({ filter: RULES }, async ({ path }) => ({
    contents: (await readFile(path, "utf8")).replace(INDENTED, "false"),
  })),
};

await build({
  entryPoints: ["vendor.js"],
  outfile: "../education/static/education/vendor/editor-vendor.js",
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "eof",
  alias: { "linkify-it": "./no-linkify.js", entities: "./node_modules/entities/lib/esm/decode.js" },
  plugins: [withoutIndentedCode],
});
