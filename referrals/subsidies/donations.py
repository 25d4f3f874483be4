"""What was donated and is promised to nobody: charity gives no word that its pool cannot keep (16.11)."""

from ledger.keys import AccountKey, Book
from ledger.keys import Unit as CountedIn
from ledger.selectors import balances
from ledger.workflow import lock_accounts
from referrals.kinds import Scheme
from referrals.models import HardshipFile
from referrals.states import HardshipState
from referrals.subsidies.accounting import ceiling_of


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
    drawn = {other: ceiling_of(other) for other in others}
    stands = balances(drawn.values())
    promised = sum(max(other.ceiling_fen - stands[key].reserved - stands[key].spent, 0) for other, key in drawn.items())
    return max(sum(pool.available for pool in available.values()) - promised, 0)
