const config: QuartzConfig = {
  configuration: {
    pageTitle: "A garden",
    locale: "en-US",
    baseUrl: "garden.example/notes",
    ignorePatterns: ["private", "templates", ".obsidian"],
  },
}
