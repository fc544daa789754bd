"""Pure parsers of what sites offer: `(url, headers, body) -> links`. Nothing here opens a connection."""
