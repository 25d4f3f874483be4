import cProfile, pstats
from tests.workflow.test_roster_import import admin, upload
from accounts.roster.workflow import apply_roster
from django.db import connection
def test_prof(admin, django_assert_max_num_queries):
    import time
    p=cProfile.Profile()
    t=time.monotonic(); p.enable()
    roster = upload(admin, *(f"N{n:05d},教师{n},n{n}@r.example,139{n:08d},部门{n % 40}" for n in range(1_600)))
    print("preview", time.monotonic()-t)
    at=[time.monotonic()]
    connection.force_debug_cursor=True
    apply_roster(actor=admin, import_id=roster.pk, on_progress=lambda a,b:(print(a, time.monotonic()-at[0])))
    p.disable()
    for q in sorted(connection.queries, key=lambda q: -float(q['time']))[:8]: print(q['time'], q['sql'][:200])
    pstats.Stats(p).sort_stats('cumtime').print_stats(35)
