"""People: who signs in, where they belong, what their role allows. Imports audit, vault, tenancy and kernel only."""
