"""Long work that a person waits for: progress, cancel, a result file; resumed after a crash."""
