import { defineConfig } from 'astro/config';
// https://astro.build/config
export default defineConfig({
	site: 'https://astro.example',
	base: '/docs',
	trailingSlash: 'never',
	i18n: { locales: ['en', 'pt-br'], defaultLocale: 'en' },
});
