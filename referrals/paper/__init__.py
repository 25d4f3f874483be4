"""Paper: what the school hands out as PDF/UA-1, in Chinese, small and without a request to anywhere."""
