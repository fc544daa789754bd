"""HTML pages of the sites. Each layout has its templates, `LAYOUT.page.html` and `LAYOUT.article.html`."""

from monitor.demo.layouts.pages import article_page, home_page

__all__ = ["article_page", "home_page"]
