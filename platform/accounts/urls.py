"""``/accounts/``: sign-in and second factor by allauth, and one's own access keys."""

from django.urls import include, path

from accounts.views import person, tokens

urlpatterns = [
    path("tokens/", tokens.tokens, name="account_tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke, name="account_token_revoke"),
    path("profile/", person.profile, name="account_profile"),
    path("invitation/<str:token>/", person.invitation, name="account_invitation"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.account.urls")),
]
