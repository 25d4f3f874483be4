"""``/report/`` and ``/report/mailbox/``: for anybody, never knowing who it is (chain §1)."""
