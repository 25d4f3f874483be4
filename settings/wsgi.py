import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.dev")
application = get_wsgi_application()

from referrals.emergency.engine.signs import stand_at_zero

stand_at_zero(may_move=settings.CHAIN_CLOCK_MAY_MOVE)
