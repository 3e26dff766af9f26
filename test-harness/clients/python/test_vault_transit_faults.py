import unittest

import hvac
import requests
from emulator import admin, setting
from hvac import exceptions


class VaultTransitFaults(unittest.TestCase):
    client_library = "hvac"

    def setUp(self):
        self.addCleanup(admin, "vault-transit", "clearFaults")
        self.addCleanup(admin, "vault-transit", "allowAll")

    def encrypt(self, timeout=10):
        token = setting("EMULATOR_VAULT_TRANSIT_TOKEN")
        client = hvac.Client(url=setting("EMULATOR_VAULT_TRANSIT"), token=token, timeout=timeout)
        self.addCleanup(client.adapter.close)
        return client.secrets.transit.encrypt_data("faults", "AAAA")

    def test_sees_throttling_an_outage_a_broken_connection_and_silence(self):
        for kind, exception in (
            ("throttled", exceptions.RateLimitExceeded),
            ("unavailable", exceptions.VaultDown),
            ("reset", requests.exceptions.ConnectionError),
            ("timeout", requests.exceptions.ReadTimeout),
        ):
            admin("vault-transit", "fail", {"operation": "encrypt", "as": kind})
            with self.subTest(kind=kind), self.assertRaises(exception):
                self.encrypt(timeout=0.3 if kind == "timeout" else 10)

    def test_is_denied_on_demand(self):
        admin("vault-transit", "deny", {"operation": "encrypt"})
        with self.assertRaises(exceptions.Forbidden):
            self.encrypt()
