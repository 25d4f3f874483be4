"""Pages of readings: ``mine`` for everybody, ``desk`` for who gives documents out."""
