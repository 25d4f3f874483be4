"""HTML to PDF/UA-1 with one small Chinese font: the engine of everything that is printed (no tables)."""
