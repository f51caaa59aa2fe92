"""Addresses of signing in, of one's own account and of people.

Only the parts of allauth that the desk uses are mounted: no open sign-up, no mail confirmation, no codes by mail.
"""

from allauth.account import views as allauth_views
from django.urls import include, path, re_path

from newsdesk.accounts import views

urlpatterns = [
    path("sign-in/", allauth_views.login, name="account_login"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("sign-in/disabled/", allauth_views.account_inactive, name="account_inactive"),
    path("sign-in/confirm/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("account/", views.account, name="account"),
    path("account/feed-key/", views.feed_key, name="feed_key"),
    path("account/feed-key/end/", views.feed_key_revoke, name="feed_key_revoke"),
    path("account/password/", allauth_views.password_change, name="account_change_password"),
    path("account/password/set/", allauth_views.password_set, name="account_set_password"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("join/<str:token>/", views.join, name="join"),
    path("people/", views.people, name="people"),
    path("people/invite/", views.person_invite, name="person_invite"),
    path("people/invitations/<int:invitation_id>/revoke/", views.invitation_revoke, name="invitation_revoke"),
    path("people/<int:user_id>/role/", views.person_role, name="person_role"),
    path("people/<int:user_id>/disable/", views.person_disable, name="person_disable"),
    path("people/<int:user_id>/enable/", views.person_enable, name="person_enable"),
    path("people/<int:user_id>/password-link/", views.person_password_link, name="person_password_link"),
    path("people/<int:user_id>/history/", views.person_history, name="person_history"),
]
