"""Pictures of derivatives: curves, tangents, difference quotients, fields and descents.

They are exported by `d2l_autograd` itself. Matplotlib is imported when one is first used; its
global settings are read, as a style may set them, and never changed.
"""
