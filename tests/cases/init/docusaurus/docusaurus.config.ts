const config: Config = {
  title: 'Dino',
  tagline: 'Dinosaurs are cool',
  url: 'https://dino.example',
  baseUrl: '/d/',
  trailingSlash: false,
  i18n: { defaultLocale: 'en', locales: ['en', 'fr'] },
  presets: [
    ['classic', {
      docs: { routeBasePath: 'guides', sidebarPath: './sidebars.ts' },
      blog: { showReadingTime: true },
    } satisfies Preset.Options],
  ],
  themeConfig: { navbar: { title: 'My Site', items: [{ to: '/blog', label: 'Blog' }] } },
};
export default config;
