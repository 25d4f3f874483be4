"""What was donated and is promised to nobody: charity gives no word that its pool cannot keep (16.11)."""

from kernel.clock import school_year
from ledger.keys import AccountKey, Book
from ledger.keys import Unit as CountedIn
from ledger.selectors import balances
from ledger.workflow import lock_accounts
from referrals.kinds import Scheme
from referrals.models import HardshipFile
from referrals.states import HardshipState
from referrals.subsidies.accounting import FILE


def unpromised(file: HardshipFile, *, locked: bool = True) -> int:
    """Fen of the years of ``file`` that are neither used nor promised to another file whose days touch its own.

    ``locked``: the pools stay locked until the transaction ends, so that two words never promise the same money.
    """
    pools = [
        AccountKey(Book.POOL, Scheme.CHARITY, year, CountedIn.FEN)
        for year in range(file.first_day.year, file.last_day.year + 1)
    ]
    available = (lock_accounts if locked else balances)(pools)
    others = HardshipFile.objects.filter(
        scheme=Scheme.CHARITY,
        state=HardshipState.GRANTED,
        first_day__lte=file.last_day,
        last_day__gte=max(file.first_day, file.tenant.today()),
    ).exclude(pk=file.pk)
    drawn = {
        other: [
            AccountKey(Book.QUOTA, f"{FILE}{other.pk.hex}/{Scheme.CHARITY}", year, CountedIn.FEN)
            for year in range(school_year(other.first_day), school_year(other.last_day) + 1)
        ]
        for other in others
    }
    stands = balances(key for keys in drawn.values() for key in keys)
    promised = sum(
        max(other.ceiling_fen - sum(stands[key].reserved + stands[key].spent for key in keys), 0)
        for other, keys in drawn.items()
    )
    return max(sum(pool.available for pool in available.values()) - promised, 0)
