"""How the course is made and run. Builds on `vit`, which never imports it."""
