"""Pages of the referral journey, one file a desk."""
