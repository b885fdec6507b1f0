export default {
	title: 'Eleventy\'s blog',
	url: "https://eleventy.example/",
	language: `en`,
};
