"""Who sees the plants. The column ``waterer`` and one address have no row: the test asks that this is noticed."""

from disclosure.table import Thing, columns, sees, shows
from disclosure.words import Facet, Reader

OBJECTS = {"plant": Thing("plants")}
MODELS = {"toy.Plant": columns("kind", leaves=Facet.DAY)}
ROWS = {("plant", Reader.PRINCIPAL): sees(Facet.DAY)}
PAGES = {"plants": shows("plant", Reader.PRINCIPAL)}
