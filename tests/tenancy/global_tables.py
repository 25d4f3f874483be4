"""Tables without a school, each with its reason (T2). A new table is either behind the wall or on this list."""

GLOBAL = {
    "tenancy_tenant": "the schools themselves; found by host before any school is open",
    "accounts_user": "a person signs in once and belongs to many schools; holds nothing a school says",
    "accounts_phonecode": "a number that a person is about to prove; belongs to the person, not to a school",
    "accounts_user_groups": "Django's own table; nobody stands in a group",
    "accounts_user_user_permissions": "Django's own table, unused",
    "accounts_apitoken": "looked up by its hash before the school is known",
    "accounts_trycount": "who tries a password belongs to no school yet; keyed hashes and moments only",
    "partners_institution": "shared by all schools, kept by the operator (rules §3)",
    "partners_service": "an institution's public offer",
    "partners_licence": "an institution's papers",
    "partners_openinghours": "when an institution is open, for every school that offers its times",
    "partners_closure": "when an institution is closed; why is its own note, shown on its own page alone",
    "partners_resource": "who and what an institution can be had with, for every school that offers its times",
    "partners_resource_services": "what each of them can be had for",
    "partners_resourcehours": "hours of one of them, within the institution's",
    "partners_absence": "when one of them is away; why is the agency's own note, shown on its own page alone",
    "partners_institutionmember": "who works for an institution; it belongs to no school",
    "emergency_chainclock": "how far the chain's clock stands from the database's; says nothing of a school",
    "seats_slotuse": "when a resource is taken, for every school that books it; no school, no person, no request",
    "notifications_instancemark": "whether this database may reach anybody outside; says nothing of a school",
    "emergency_engineprocess": "signs of life of the engine's processes; no school stands in it",
    "emergency_watchprobe": "rows that a watchdog lays out for the engine; no school, no person, no text",
    "emergency_canary": "how a provider's account answers, however many schools use it; a keyed hash names it",
    "content_schoolsite": "which Wagtail site is which school's: the gate reads it",
}
PREFIXES = {
    "auth_": "Django",
    "django_": "Django",
    "account_": "django-allauth: addresses and confirmations of a person, not of a school",
    "mfa_": "django-allauth: a person's second factors",
    "taggit_": "Wagtail's tags",
    "wagtail": "Wagtail: pages behind the CMS gate; no record of a person is a page",
    "content_": "Wagtail pages, pictures and files behind the CMS gate",
    "opendays_opendaypage": "a page of the tree: words, no person",
    "opendays_opendayindexpage": "a page of the tree: words, no person",
    "modelsearch_": "Wagtail's search index of pages",
}


def reason_for(table: str) -> str | None:
    """Why the table has no school, or None."""
    if table in GLOBAL:
        return GLOBAL[table]
    return next((reason for prefix, reason in PREFIXES.items() if table.startswith(prefix)), None)
