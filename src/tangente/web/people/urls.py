"""Addresses of people: outside a workspace, and inside one."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from tangente.web.people import mail, views

outside = [
    path("", views.home, name="home"),
    path("start/<str:token>/", views.first_start, name="first_start"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("language/", views.language_choose, name="language_choose"),
    path(
        "account/sign-in/",
        account.LoginView.as_view(extra_context={"has_mail": mail.is_configured}),
        name="account_login",
    ),
    path("account/sign-out/", account.logout, name="account_logout"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", views.password_change, name="account_change_password"),
    path("account/forgotten/", views.password_forgotten, name="account_reset_password"),
    path("account/forgotten/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^account/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/forgotten/done/",
        login_not_required(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("account/factors/", views.account, name="mfa_index"),
    path("account/factors/sign-in/", mfa.authenticate, name="mfa_authenticate"),
    path("account/factors/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/factors/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/factors/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/factors/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

inside = [
    path("people/", views.member_list, name="member_list"),
    path("people/invite/", views.member_invite, name="member_invite"),
    path("people/invitations/<int:pk>/", views.invitation_show, name="invitation_show"),
    path("people/invitations/<int:pk>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("people/<int:pk>/", views.member_edit, name="member_edit"),
    path("people/<int:pk>/end/", views.member_end, name="member_end"),
    path("departments/new/", views.department_edit, name="department_new"),
    path("departments/<int:pk>/", views.department_edit, name="department_edit"),
    path("departments/<int:pk>/delete/", views.department_delete, name="department_delete"),
    path("audit/", views.audit_log, name="audit_log"),
]
