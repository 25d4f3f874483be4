"""The only writers of the referral journey, one file a verb's family (docs/architecture.md §How a write happens)."""
