"""The emergency engine: *decide* moves legs whose clock has run out, touching SQL only; *send* reaches people (chain §5)."""
