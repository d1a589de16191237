"""The explorer: a page in which a small ViT is computed, touched and changed."""
