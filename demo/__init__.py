"""Demo data: three schools, a bureau, five partners, and the history of one term.

Everything goes through the product's own writers, at pretended moments (``kernel.clock.as_of``), so the demo can
never hold a row that the product itself would refuse.
"""
