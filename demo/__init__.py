"""A small district that reads like life: three schools, a bureau, five partners, and a term's worth of history.

Everything goes through the product's own writers, at pretended moments (``kernel.clock.as_of``), so the demo can
never hold a row that the product itself would refuse.
"""
