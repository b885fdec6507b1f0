export default function (eleventyConfig) {
  // dir: { input: "elsewhere" }
  return { dir: { input: "src", output: "_site" } };
}
