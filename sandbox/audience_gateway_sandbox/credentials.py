"""Names and passwords of the sandbox. They are the same everywhere and protect nothing."""

from __future__ import annotations

ORG_ID = "5A17D0B0C0FFEE0000000001@AdobeOrg"
CLIENT_ID = "5a17d0b0c0ffee00c11e470000000001"
CLIENT_SECRETS = ("p8e-sandbox-first-secret", "p8e-sandbox-second-secret")
TECHNICAL_ACCOUNT = "5A17D0B0C0FFEE0000000002@techacct.adobe.com"
AUDIENCE_MANAGER_PASSWORDS = {"aam_api": "sandbox-password"}
CAMPAIGN_USER = "gw_api"
CAMPAIGN_PASSWORD = "sandbox-password"  # noqa: S105  # it is printed at every start
