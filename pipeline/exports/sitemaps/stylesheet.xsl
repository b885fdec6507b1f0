<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"
                xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
                xmlns:xhtml="http://www.w3.org/1999/xhtml"
                exclude-result-prefixes="s image xhtml">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

  <xsl:template match="/">
    <html lang="en">
      <head>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="robots" content="noindex"/>
        <title>Sitemap</title>
        <style>
          :root { color-scheme: light dark }
          body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
                 padding: 0 1rem }
          table { border-collapse: collapse; width: 100% }
          th, td { border-bottom: 1px solid #8885; padding: .3rem .6rem .3rem 0; text-align: left;
                   vertical-align: top }
          td:first-child { overflow-wrap: anywhere }
          td + td { white-space: nowrap }
        </style>
      </head>
      <body>
        <xsl:apply-templates select="s:sitemapindex | s:urlset"/>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="s:sitemapindex">
    <h1>Sitemaps of this site</h1>
    <p>For search engines. Each of these <xsl:value-of select="count(s:sitemap)"/> files lists
      pages.</p>
    <table>
      <thead><tr><th>Sitemap</th><th>Last changed</th></tr></thead>
      <tbody>
        <xsl:for-each select="s:sitemap">
          <tr><td><xsl:apply-templates select="s:loc"/></td>
            <td><xsl:apply-templates select="s:lastmod"/></td></tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <xsl:template match="s:urlset">
    <h1>Pages of this site</h1>
    <p>For search engines. This file lists <xsl:value-of select="count(s:url)"/> pages of
      <a href="sitemap.xml">all sitemaps</a>.</p>
    <xsl:variable name="has-alternates" select="boolean(s:url/xhtml:link)"/>
    <xsl:variable name="has-images" select="boolean(s:url/image:image)"/>
    <table>
      <thead>
        <tr><th>Page</th><th>Last changed</th>
          <xsl:if test="$has-alternates"><th>Languages</th></xsl:if>
          <xsl:if test="$has-images"><th>Images</th></xsl:if></tr>
      </thead>
      <tbody>
        <xsl:for-each select="s:url">
          <tr><td><xsl:apply-templates select="s:loc"/></td>
            <td><xsl:apply-templates select="s:lastmod"/></td>
            <xsl:if test="$has-alternates">
              <td><xsl:apply-templates select="xhtml:link[@hreflang != 'x-default']"/></td>
            </xsl:if>
            <xsl:if test="$has-images"><td><xsl:value-of select="count(image:image)"/></td></xsl:if>
          </tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <xsl:template match="s:loc"><a href="{.}"><xsl:value-of select="."/></a></xsl:template>

  <xsl:template match="s:lastmod">
    <time datetime="{.}"><xsl:value-of select="translate(., 'TZ', '  ')"/></time>
  </xsl:template>

  <xsl:template match="xhtml:link">
    <a href="{@href}"><xsl:value-of select="@hreflang"/></a><xsl:text> </xsl:text>
  </xsl:template>
</xsl:stylesheet>
