"""A picture for each school's first page: its hall, its tree, its ground, drawn from the school's own name in addresses.

The same school always has the same picture, and no request draws one twice: ``svg.drawing`` for the page, painted with the
sheet's tokens so that it has its own night; ``png.card`` for chat windows. No file of anybody else's, no random number.
"""

from content.artwork.scene import Scene, scene_of

__all__ = ["Scene", "scene_of"]
