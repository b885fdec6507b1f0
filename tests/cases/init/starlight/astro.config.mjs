import starlight from '@astrojs/starlight';
export default defineConfig({
  site: "https://starlight.example",
  integrations: [
    starlight({
      title: 'Guides',
      social: [{ icon: 'github', label: 'GitHub', href: 'https://github.com/withastro/starlight' }],
      defaultLocale: 'root',
      locales: { root: { label: 'English', lang: 'en' }, 'zh-cn': { label: '简体中文', lang: 'zh-CN' } },
    }),
  ],
});
