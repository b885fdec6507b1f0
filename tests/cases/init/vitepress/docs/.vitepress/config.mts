export default defineConfig({
  title: 'Vite',
  lang: 'en-US',
  cleanUrls: true,
  srcExclude: ['**/README.md'],
  sitemap: { hostname: 'https://vite.example' },
  locales: { root: { label: 'English', lang: 'en-US' }, fr: { label: 'Français', lang: 'fr' } },
})
