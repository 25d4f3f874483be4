from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenancyConfig(AppConfig):
    name = "tenancy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenancy.grants import after_migrate

        # Grants belong to the schema, not to the domain: Django's own migration signal is the right place.
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="tenancy.grants")
