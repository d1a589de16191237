"""The course as a site: pages that open from a folder as well as from a host, in both languages."""
