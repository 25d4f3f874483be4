"""``/accounts/``: sign-in and second factor by allauth, and one's own access keys."""

from django.urls import include, path, re_path

from accounts.views import person, places, session, tokens

urlpatterns = [
    path("tokens/", tokens.tokens, name="account_tokens"),
    path("tokens/<uuid:token_id>/revoke/", tokens.revoke, name="account_token_revoke"),
    path("profile/", person.profile, name="account_profile"),
    path("profile/phone/", person.phone_code, name="account_phone_code"),
    path("profile/phone/remove/", person.phone_remove, name="account_phone_remove"),
    path("invitation/<str:token>/", places.invitation, name="account_invitation"),
    path("place/", places.place, name="account_place"),
    path("logout/", session.SignOutView.as_view(), name="account_logout"),
    path("email/", session.AddressView.as_view(), name="account_email"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", session.ProveAddressView.as_view(), name="account_confirm_email"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.account.urls")),
]
