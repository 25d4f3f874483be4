import cProfile, pstats, time
from django.db import transaction, connection
from django.test.utils import CaptureQueriesContext
from ledger import workflow
from ledger.keys import AccountKey
from accounts.actor import system_in
from tenancy.scope import use_tenant
from tests.conftest import make_school
def test_rate(committed):
    s=make_school(); line=AccountKey("pool","b",2026,"fen"); a=system_in(s.id)
    with use_tenant(s.id):
        with transaction.atomic(): workflow.grant(actor=a,line=line,amount=10**6,reference="g")
        workflow.reserve(actor=a,line=line,amount=1,reference="w")
        t=time.perf_counter()
        for i in range(300): workflow.reserve(actor=a,line=line,amount=1,reference=f"r{i}")
        print("RATE", 300/(time.perf_counter()-t))
        p=cProfile.Profile(); p.enable()
        for i in range(300): workflow.reserve(actor=a,line=line,amount=1,reference=f"s{i}")
        p.disable(); pstats.Stats(p).sort_stats("cumtime").print_stats(45)
        with CaptureQueriesContext(connection) as c:
            workflow.reserve(actor=a,line=line,amount=1,reference=f"q{i}")
        for q in c.captured_queries: print("Q", q["time"], q["sql"][:150])
