from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """Pages and commands made of several apps' parts: the demo, the doctor, a school's birth, a person's home."""

    name = "settings.composition"
    label = "composition"

    def ready(self) -> None:
        from settings import celery

        # Every process that may wake a drainer needs to know the broker, not only the workers.
        celery.app.set_default()
