import unittest

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.identity import ClientSecretCredential
from azure.keyvault.keys import KeyClient
from azure.keyvault.keys.crypto import CryptographyClient, EncryptionAlgorithm, KeyWrapAlgorithm
from emulator import admin, flipped, random_name, setting

PLAINTEXT = bytes(range(32))
OAEP_256 = KeyWrapAlgorithm.rsa_oaep_256


VAULT = "EMULATOR_AZURE_KEY_VAULT"
HSM = "EMULATOR_AZURE_MANAGED_HSM"


def trust():
    return {"connection_verify": setting("EMULATOR_CERTIFICATES_FILE")}


def credential(client_id="python", service=VAULT):
    return ClientSecretCredential(
        setting("EMULATOR_AZURE_KEY_VAULT_TENANT"),
        client_id,
        "secret",
        authority=setting(service).removeprefix("https://"),
        disable_instance_discovery=True,
        **trust(),
    )


def options(retries=0):
    return {"verify_challenge_resource": False, "retry_total": retries, "retry_backoff_factor": 0.01, **trust()}


class AzureKeyVault(unittest.TestCase):
    client_library = "azure-keyvault-keys"

    @classmethod
    def setUpClass(cls):
        cls.credential = credential()
        cls.keys = KeyClient(setting(VAULT), cls.credential, **options())
        # Making an RSA key takes long, so those tests that change nothing about it share one.
        cls.shared = cls.keys.create_rsa_key(random_name("shared"), size=2048)

    @classmethod
    def tearDownClass(cls):
        cls.keys.close()
        cls.credential.close()

    def setUp(self):
        self.addCleanup(admin, "azure-key-vault", "clearFaults")
        self.addCleanup(admin, "azure-key-vault", "allowAll")

    def create(self):
        return self.keys.create_rsa_key(random_name(), size=2048)

    def crypto(self, key_id, retries=0, **other):
        client = CryptographyClient(key_id, other.pop("credential", self.credential), **options(retries), **other)
        self.addCleanup(client.close)
        return client

    def refusal(self, status, code, call):
        with self.assertRaises(HttpResponseError) as refused:
            call()
        self.assertEqual((refused.exception.status_code, refused.exception.error.code), (status, code))
        return refused.exception

    def test_wraps_and_unwraps(self):
        client = self.crypto(self.shared.id)
        wrapped = client.wrap_key(OAEP_256, PLAINTEXT)
        self.assertEqual(len(wrapped.encrypted_key), 256)
        self.assertEqual(client.unwrap_key(OAEP_256, wrapped.encrypted_key).key, PLAINTEXT)

    def test_encrypts_and_decrypts_at_the_service(self):
        client = self.crypto(self.shared.id)
        sealed = client.encrypt(EncryptionAlgorithm.rsa_oaep_256, PLAINTEXT)
        self.assertEqual(client.decrypt(EncryptionAlgorithm.rsa_oaep_256, sealed.ciphertext).plaintext, PLAINTEXT)

    def test_opens_at_the_service_what_was_wrapped_here_under_the_public_key(self):
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        numbers = rsa.RSAPublicNumbers(int.from_bytes(self.shared.key.e), int.from_bytes(self.shared.key.n))
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        wrapped = numbers.public_key().encrypt(PLAINTEXT, oaep)
        self.assertEqual(self.crypto(self.shared.id).unwrap_key(OAEP_256, wrapped).key, PLAINTEXT)

    def test_refuses_a_changed_ciphertext_and_that_of_another_key(self):
        client = self.crypto(self.shared.id)
        wrapped = client.wrap_key(OAEP_256, PLAINTEXT).encrypted_key
        for changed in (flipped(wrapped), flipped(wrapped, 0), wrapped[:-1], b"malformed"):
            refused = self.refusal(400, "BadParameter", lambda: client.unwrap_key(OAEP_256, changed))
            self.assertEqual(refused.error.message, "The parameter is incorrect.\r\n")
        other = self.crypto(self.create().id)
        self.refusal(400, "BadParameter", lambda: other.unwrap_key(OAEP_256, wrapped))

    def test_opens_what_an_older_version_wrapped_and_only_with_that_version(self):
        first = self.create()
        wrapped = self.crypto(first.id).wrap_key(OAEP_256, PLAINTEXT).encrypted_key
        second = self.keys.rotate_key(first.name)
        self.assertNotEqual(first.properties.version, second.properties.version)
        self.assertEqual(self.keys.get_key(first.name).id, second.id)
        self.assertEqual(self.crypto(first.id).unwrap_key(OAEP_256, wrapped).key, PLAINTEXT)
        self.refusal(400, "BadParameter", lambda: self.crypto(second.id).unwrap_key(OAEP_256, wrapped))
        versions = {version.version for version in self.keys.list_properties_of_key_versions(first.name)}
        self.assertEqual(versions, {first.properties.version, second.properties.version})

    def test_refuses_a_disabled_version_until_it_is_enabled(self):
        key = self.create()
        client = self.crypto(key.id)
        wrapped = client.wrap_key(OAEP_256, PLAINTEXT).encrypted_key
        self.keys.update_key_properties(key.name, key.properties.version, enabled=False)
        refused = self.refusal(403, "Forbidden", lambda: client.unwrap_key(OAEP_256, wrapped))
        self.assertEqual(refused.error.innererror["code"], "KeyDisabled")
        self.keys.update_key_properties(key.name, key.properties.version, enabled=True)
        self.assertEqual(client.unwrap_key(OAEP_256, wrapped).key, PLAINTEXT)

    def test_refuses_an_operation_that_the_key_is_not_for(self):
        key = self.keys.create_rsa_key(random_name(), size=2048, key_operations=["wrapKey"])
        # The SDK refuses by itself once it has read the key, so this client starts from the id and may not read it.
        admin("azure-key-vault", "deny", {"operation": "get"})
        client = self.crypto(key.id)
        wrapped = client.wrap_key(OAEP_256, PLAINTEXT).encrypted_key
        refused = self.refusal(403, "Forbidden", lambda: client.unwrap_key(OAEP_256, wrapped))
        self.assertEqual(refused.error.innererror["code"], "KeyOperationForbidden")

    def test_says_that_a_key_is_missing_with_its_exception(self):
        with self.assertRaises(ResourceNotFoundError) as refused:
            self.keys.get_key("missing")
        self.assertEqual(refused.exception.error.code, "KeyNotFound")

    def test_deletes_softly_recovers_and_purges(self):
        key = self.create()
        deleted = self.keys.begin_delete_key(key.name).result()
        self.assertEqual(deleted.name, key.name)
        with self.assertRaises(ResourceNotFoundError):
            self.keys.get_key(key.name)
        with self.assertRaises(ResourceExistsError):
            self.keys.create_rsa_key(key.name, size=2048)
        self.assertIn(key.name, {one.name for one in self.keys.list_deleted_keys()})
        self.assertEqual(self.keys.begin_recover_deleted_key(key.name).result().id, key.id)
        self.assertEqual(self.keys.get_key(key.name).id, key.id)
        self.keys.begin_delete_key(key.name).result()
        self.keys.purge_deleted_key(key.name)
        with self.assertRaises(ResourceNotFoundError):
            self.keys.get_deleted_key(key.name)

    def test_lists_versions_page_by_page(self):
        key = self.create()
        for _ in range(2):
            self.keys.rotate_key(key.name)
        pages = list(self.keys.list_properties_of_key_versions(key.name, max_page_size=1).by_page())
        self.assertEqual(len(pages), 3)
        self.assertIn(key.name, {properties.name for properties in self.keys.list_properties_of_keys()})

    def test_keeps_a_rotation_policy(self):
        from azure.keyvault.keys import KeyRotationLifetimeAction, KeyRotationPolicy, KeyRotationPolicyAction

        rotate = KeyRotationLifetimeAction(KeyRotationPolicyAction.rotate, time_after_create="P30D")
        policy = KeyRotationPolicy(expires_in="P90D", lifetime_actions=[rotate])
        self.keys.update_key_rotation_policy(self.shared.name, policy)
        self.assertEqual(self.keys.get_key_rotation_policy(self.shared.name).expires_in, "P90D")

    def test_denies_one_client_and_not_another(self):
        wrapped = self.crypto(self.shared.id).wrap_key(OAEP_256, PLAINTEXT).encrypted_key
        admin("azure-key-vault", "deny", {"credential": "stranger", "operation": "unwrapKey"})
        with credential("stranger") as other:
            stranger = self.crypto(self.shared.id, credential=other)
            self.refusal(403, "Forbidden", lambda: stranger.unwrap_key(OAEP_256, wrapped))
        self.assertEqual(self.crypto(self.shared.id).unwrap_key(OAEP_256, wrapped).key, PLAINTEXT)

    def test_refuses_a_token_that_expired_with_its_exception(self):
        with credential("gone") as gone:
            client = KeyClient(setting(VAULT), gone, **options())
            client.get_key(self.shared.name)
            admin("azure-key-vault", "expire", "gone")
            with self.assertRaises(ClientAuthenticationError):
                client.get_key(self.shared.name)

    def test_gets_no_token_for_a_client_that_is_refused_one(self):
        admin("azure-key-vault", "deny", {"credential": "refused", "operation": "token"})
        with credential("refused") as refused, self.assertRaises(ClientAuthenticationError):
            KeyClient(setting(VAULT), refused, **options()).get_key(self.shared.name)

    def test_waits_and_asks_again_when_it_is_throttled(self):
        client = self.crypto(self.shared.id)
        wrapped = client.wrap_key(OAEP_256, PLAINTEXT).encrypted_key
        admin("azure-key-vault", "fail", {"operation": "unwrapKey", "as": "throttled"})
        refused = self.refusal(429, "Throttled", lambda: client.unwrap_key(OAEP_256, wrapped))
        self.assertGreater(int(refused.response.headers["Retry-After"]), 0)
        admin("azure-key-vault", "fail", {"operation": "unwrapKey", "as": "throttled"})
        self.assertEqual(self.crypto(self.shared.id, retries=1).unwrap_key(OAEP_256, wrapped).key, PLAINTEXT)

    def test_sees_an_outage_a_broken_connection_and_silence(self):
        admin("azure-key-vault", "fail", {"operation": "get", "as": "unavailable"})
        with self.assertRaises(HttpResponseError) as refused:
            self.keys.get_key(self.shared.name)
        self.assertEqual(refused.exception.status_code, 503)
        for kind in ("reset", "timeout"):
            admin("azure-key-vault", "fail", {"operation": "get", "as": kind})
            with self.assertRaises((ServiceRequestError, ServiceResponseError)):
                self.keys.get_key(self.shared.name, read_timeout=0.3)


class ManagedHsm(unittest.TestCase):
    client_library = "azure-keyvault-keys with a Managed HSM"

    @classmethod
    def setUpClass(cls):
        cls.credential = credential(service=HSM)
        cls.keys = KeyClient(setting(HSM), cls.credential, **options())

    @classmethod
    def tearDownClass(cls):
        cls.keys.close()
        cls.credential.close()

    def setUp(self):
        self.key = self.keys.create_oct_key(random_name(), size=256, hardware_protected=True)
        self.crypto = CryptographyClient(self.key.id, self.credential, **options())
        self.addCleanup(self.crypto.close)

    def test_encrypts_with_additional_data(self):
        sealed = self.crypto.encrypt(EncryptionAlgorithm.a256_gcm, PLAINTEXT, additional_authenticated_data=b"tenant=acme")
        given = {"iv": sealed.iv, "authentication_tag": sealed.tag}
        opened = self.crypto.decrypt(
            EncryptionAlgorithm.a256_gcm, sealed.ciphertext, additional_authenticated_data=b"tenant=acme", **given
        )
        self.assertEqual(opened.plaintext, PLAINTEXT)
        for other in (b"tenant=other", None):
            with self.assertRaises(HttpResponseError) as refused:
                self.crypto.decrypt(
                    EncryptionAlgorithm.a256_gcm, sealed.ciphertext, additional_authenticated_data=other, **given
                )
            self.assertEqual(refused.exception.status_code, 400)

    def test_wraps_with_a_symmetric_key(self):
        wrapped = self.crypto.wrap_key(KeyWrapAlgorithm.aes_256, PLAINTEXT).encrypted_key
        self.assertEqual(len(wrapped), 40)
        self.assertEqual(self.crypto.unwrap_key(KeyWrapAlgorithm.aes_256, wrapped).key, PLAINTEXT)
        with self.assertRaises(HttpResponseError) as refused:
            self.crypto.unwrap_key(KeyWrapAlgorithm.aes_256, flipped(wrapped))
        self.assertEqual(refused.exception.status_code, 400)
