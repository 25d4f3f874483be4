from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Wagtail's side: pages that anyone may read, and the editors' rooms behind a gate."""

    name = "content"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from content import editions
        from content.narrow import drop_filters_over_schools

        # Wagtail's page listing has no setting for this; done once, after its own classes exist.
        drop_filters_over_schools()
        editions.listen()
