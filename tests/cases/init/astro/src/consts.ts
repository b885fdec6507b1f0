export const SITE_TITLE = 'Astro Blog';
