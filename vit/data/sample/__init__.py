"""The sample data: ten ImageNet classes drawn by program, so that a course needs no network.

`shapes` says what a thing looks like, `scenery` what lies behind it, `render` makes a lit picture
of both, and `dataset` writes the folders.
"""
