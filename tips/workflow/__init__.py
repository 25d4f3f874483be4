"""The only writers of family tips: who wants them (``wanting``), what is sent in which order (``ordering``), letters (``sending``)."""
