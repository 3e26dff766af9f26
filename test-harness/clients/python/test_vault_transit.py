import base64
import unittest

import hvac
from emulator import random_name, setting
from hvac import exceptions

# These tests ask for nothing that only the emulator can do, so that a real server can be asked the same.
PLAINTEXT = bytes(range(32))


def text(data):
    return base64.b64encode(data).decode()


class VaultTransit(unittest.TestCase):
    client_library = "hvac"

    def setUp(self):
        self.client = self.connect(setting("EMULATOR_VAULT_TRANSIT_TOKEN"))
        self.transit = self.client.secrets.transit
        self.key = random_name()
        self.transit.create_key(self.key)

    def connect(self, token, **other):
        client = hvac.Client(url=setting("EMULATOR_VAULT_TRANSIT"), token=token, **other)
        self.addCleanup(client.adapter.close)
        return client

    def encrypt(self, **options):
        return self.transit.encrypt_data(self.key, text(PLAINTEXT), **options)["data"]["ciphertext"]

    def decrypt(self, ciphertext, **options):
        return base64.b64decode(self.transit.decrypt_data(self.key, ciphertext, **options)["data"]["plaintext"])

    def test_is_there_and_open(self):
        self.assertTrue(self.client.sys.is_initialized())
        self.assertFalse(self.client.sys.is_sealed())
        self.assertTrue(self.client.is_authenticated())

    def test_encrypts_and_decrypts_with_associated_data(self):
        data = text(b"tenant=acme")
        sealed = self.transit.encrypt_data(self.key, text(PLAINTEXT), associated_data=data)["data"]
        self.assertTrue(sealed["ciphertext"].startswith("vault:v1:"))
        self.assertEqual(self.decrypt(sealed["ciphertext"], associated_data=data), PLAINTEXT)
        for other in (text(b"tenant=other"), None):
            with self.assertRaisesRegex(exceptions.InvalidRequest, "message authentication failed"):
                self.decrypt(sealed["ciphertext"], associated_data=other)

    def test_refuses_a_changed_ciphertext_and_that_of_another_key(self):
        sealed = self.encrypt()
        body = bytearray(base64.b64decode(sealed.split(":")[2]))
        body[-1] ^= 1
        other = random_name()
        self.transit.create_key(other)
        for call in (lambda: self.decrypt(f"vault:v1:{text(body)}"), lambda: self.transit.decrypt_data(other, sealed)):
            with self.assertRaisesRegex(exceptions.InvalidRequest, "message authentication failed"):
                call()
        with self.assertRaisesRegex(exceptions.InvalidRequest, "invalid ciphertext: no prefix"):
            self.decrypt("malformed")

    def test_derives_keys_from_a_context(self):
        derived = random_name("derived")
        self.transit.create_key(derived, derived=True)
        context = text(b"tenant=acme")
        sealed = self.transit.encrypt_data(derived, text(PLAINTEXT), context=context)["data"]["ciphertext"]
        opened = self.transit.decrypt_data(derived, sealed, context=context)["data"]["plaintext"]
        self.assertEqual(base64.b64decode(opened), PLAINTEXT)
        with self.assertRaises(exceptions.InvalidRequest):
            self.transit.decrypt_data(derived, sealed, context=text(b"tenant=other"))
        with self.assertRaisesRegex(exceptions.InvalidRequest, "missing 'context'"):
            self.transit.decrypt_data(derived, sealed)
        self.transit.rotate_key(derived)
        moved = self.transit.rewrap_data(derived, sealed, context=context)["data"]["ciphertext"]
        self.assertTrue(moved.startswith("vault:v2:"))

    def test_never_rewraps_what_has_associated_data(self):
        sealed = self.encrypt(associated_data=text(b"a"))
        with self.assertRaises(exceptions.InvalidRequest):
            self.transit.rewrap_data(self.key, sealed)

    def test_opens_what_an_older_version_sealed(self):
        first = self.encrypt()
        self.transit.rotate_key(self.key)
        second = self.encrypt()
        self.assertTrue(second.startswith("vault:v2:"))
        self.assertEqual(self.transit.read_key(self.key)["data"]["latest_version"], 2)
        self.assertEqual((self.decrypt(first), self.decrypt(second)), (PLAINTEXT, PLAINTEXT))
        moved = self.transit.rewrap_data(self.key, first)["data"]["ciphertext"]
        self.assertTrue(moved.startswith("vault:v2:"))
        self.assertEqual(self.decrypt(moved), PLAINTEXT)

    def test_refuses_a_version_that_is_shut_out_until_it_is_let_in(self):
        first = self.encrypt()
        self.transit.rotate_key(self.key)
        self.transit.update_key_configuration(self.key, min_decryption_version=2)
        with self.assertRaisesRegex(exceptions.InvalidRequest, "disallowed by policy"):
            self.decrypt(first)
        self.transit.update_key_configuration(self.key, min_decryption_version=1)
        self.assertEqual(self.decrypt(first), PLAINTEXT)

    def test_makes_data_keys(self):
        made = self.transit.generate_data_key(self.key, "plaintext")["data"]
        self.assertEqual(self.decrypt(made["ciphertext"]), base64.b64decode(made["plaintext"]))
        self.assertNotIn("plaintext", self.transit.generate_data_key(self.key, "wrapped")["data"])

    def test_takes_batches(self):
        batch = [{"plaintext": text(PLAINTEXT)}, {"plaintext": text(b"second")}]
        sealed = self.transit.encrypt_data(self.key, batch_input=batch)["data"]["batch_results"]
        opened = self.transit.decrypt_data(self.key, batch_input=sealed)["data"]["batch_results"]
        self.assertEqual([item["plaintext"] for item in opened], [item["plaintext"] for item in batch])

    def test_lists_reads_and_deletes_keys(self):
        self.assertIn(self.key, self.transit.list_keys()["data"]["keys"])
        read = self.transit.read_key(self.key)["data"]
        self.assertEqual((read["type"], read["derived"], list(read["keys"])), ("aes256-gcm96", False, ["1"]))
        with self.assertRaises(exceptions.InvalidRequest):
            self.transit.delete_key(self.key)
        self.transit.update_key_configuration(self.key, deletion_allowed=True)
        self.transit.delete_key(self.key)
        with self.assertRaises(exceptions.InvalidPath):
            self.transit.read_key(self.key)

    def test_says_that_a_key_is_missing_with_its_exception(self):
        with self.assertRaisesRegex(exceptions.InvalidRequest, "encryption key not found"):
            self.transit.decrypt_data("missing", self.encrypt())
        with self.assertRaises(exceptions.InvalidPath):
            self.transit.read_key("missing")

    def test_refuses_unknown_tokens_and_those_that_no_policy_lets_through(self):
        with self.assertRaisesRegex(exceptions.Forbidden, "permission denied"):
            self.connect("nobody").secrets.transit.encrypt_data(self.key, text(PLAINTEXT))
        policy = f'path "transit/encrypt/{self.key}" {{ capabilities = ["update"] }}'
        self.client.sys.create_or_update_policy("seal-only", policy)
        token = self.client.auth.token.create(policies=["seal-only"], ttl="1h")["auth"]["client_token"]
        sealer = self.connect(token).secrets.transit
        sealed = sealer.encrypt_data(self.key, text(PLAINTEXT))["data"]["ciphertext"]
        with self.assertRaisesRegex(exceptions.Forbidden, "permission denied"):
            sealer.decrypt_data(self.key, sealed)
        self.assertEqual(self.decrypt(sealed), PLAINTEXT)

    def test_logs_in_with_a_role(self):
        self.client.sys.enable_auth_method("approle")
        self.client.sys.create_or_update_policy("open", f'path "transit/decrypt/{self.key}" {{ capabilities = ["update"] }}')
        self.client.auth.approle.create_or_update_approle("app", token_policies=["open"], token_ttl="1h")
        role = self.client.auth.approle.read_role_id("app")["data"]["role_id"]
        secret = self.client.auth.approle.generate_secret_id("app")["data"]["secret_id"]
        application = self.connect(None)
        self.assertTrue(application.auth.approle.login(role, secret)["auth"]["client_token"])
        opened = application.secrets.transit.decrypt_data(self.key, self.encrypt())["data"]["plaintext"]
        self.assertEqual(base64.b64decode(opened), PLAINTEXT)
        with self.assertRaises(exceptions.Forbidden):
            application.secrets.transit.encrypt_data(self.key, text(PLAINTEXT))
        with self.assertRaises(exceptions.InvalidRequest):
            application.auth.approle.login(role, "wrong")
