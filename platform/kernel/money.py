"""Money is a whole number of fen; a share is a whole number of basis points (rules §1). No float anywhere."""

WHOLE_BP = 10_000
MAX_FEN = 10**13  # far above any school's budget, far below a 64-bit column


def checked_fen(value: object, *, field: str = "fen") -> int:
    """``value`` if it is whole, non-negative fen. TypeError for a non-integer (bool too), ValueError out of range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{field} must be whole fen")
    if not 0 <= value <= MAX_FEN:
        raise ValueError(f"{field} must be between 0 and {MAX_FEN} fen")
    return value


def checked_bp(value: object) -> int:
    """``value`` if it is a share of 0–10 000 basis points. TypeError for a non-integer, ValueError out of range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a share must be whole basis points")
    if not 0 <= value <= WHOLE_BP:
        raise ValueError("a share must be between 0 and 10000 basis points")
    return value


def share_of(amount_fen: int, share_bp: int) -> int:
    """``amount_fen × share_bp / 10000`` fen, rounded half up; both already checked."""
    return (amount_fen * share_bp + WHOLE_BP // 2) // WHOLE_BP


def yuan(fen: int) -> str:
    """``1234567`` → ``¥12,345.67``. A negative amount keeps its sign in front."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
