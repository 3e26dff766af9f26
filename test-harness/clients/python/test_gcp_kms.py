import contextlib
import unittest

import google.oauth2.credentials
import google_crc32c
import grpc
from emulator import admin, flipped, random_name, setting
from google.api_core import exceptions
from google.cloud import kms_v1 as kms
from google.cloud.kms_v1.services.key_management_service import transports
from google.protobuf import field_mask_pb2

PLAINTEXT = bytes(range(32))
LOCATION = "projects/python/locations/europe-west3"


def crc32c(data):
    return google_crc32c.value(data)


def grpc_client(token):
    del token  # There is no TLS, so the token goes with each call.
    channel = grpc.insecure_channel(setting("EMULATOR_GCP_KMS_GRPC"))
    return kms.KeyManagementServiceClient(transport=transports.KeyManagementServiceGrpcTransport(channel=channel))


def rest_client(token):
    scheme, host = setting("EMULATOR_GCP_KMS_REST").split("://")
    credentials = google.oauth2.credentials.Credentials(token=token)
    transport = transports.KeyManagementServiceRestTransport(host=host, url_scheme=scheme, credentials=credentials)
    return kms.KeyManagementServiceClient(transport=transport)


class GcpKms:
    """The same tests over both transports."""

    connect = None

    def setUp(self):
        self.kms = self.connect("python")
        self.addCleanup(self.kms.transport.close)
        self.addCleanup(admin, "gcp-kms", "clearFaults")
        self.addCleanup(admin, "gcp-kms", "allowAll")
        self.ring = self.call("create_key_ring", {"parent": LOCATION, "key_ring_id": random_name("ring")}).name
        self.key = self.create_key()

    def call(self, method, request, token="python", client=None, retry=None, timeout=10):
        metadata = () if self.connect is rest_client else (("authorization", f"Bearer {token}"),)
        return getattr(client or self.kms, method)(request=request, retry=retry, timeout=timeout, metadata=metadata)

    @contextlib.contextmanager
    def refused(self, status):
        """Wants the exception of the SDK for a status, and the status itself."""
        with self.assertRaises(self.exception_of[status]) as caught:
            yield caught
        self.assertEqual(self.status_of(caught.exception), status)

    def create_key(self, **fields):
        key = {"purpose": kms.CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT, **fields}
        return self.call("create_crypto_key", {"parent": self.ring, "crypto_key_id": random_name(), "crypto_key": key})

    def encrypt(self, **fields):
        return self.call("encrypt", {"name": self.key.name, "plaintext": PLAINTEXT, **fields})

    def decrypt(self, ciphertext, **fields):
        return self.call("decrypt", {"name": self.key.name, "ciphertext": ciphertext, **fields})

    def set_state(self, name, state):
        version = {"name": name, "state": kms.CryptoKeyVersion.CryptoKeyVersionState[state]}
        mask = field_mask_pb2.FieldMask(paths=["state"])
        return self.call("update_crypto_key_version", {"crypto_key_version": version, "update_mask": mask})

    def test_encrypts_and_decrypts_with_additional_data_and_checksums(self):
        aad = b"tenant=acme"
        sealed = self.encrypt(
            additional_authenticated_data=aad,
            plaintext_crc32c=crc32c(PLAINTEXT),
            additional_authenticated_data_crc32c=crc32c(aad),
        )
        self.assertEqual(sealed.name, self.key.primary.name)
        self.assertEqual(sealed.protection_level, kms.ProtectionLevel.SOFTWARE)
        self.assertTrue(sealed.verified_plaintext_crc32c)
        self.assertTrue(sealed.verified_additional_authenticated_data_crc32c)
        self.assertEqual(sealed.ciphertext_crc32c, crc32c(sealed.ciphertext))
        opened = self.decrypt(
            sealed.ciphertext, additional_authenticated_data=aad, ciphertext_crc32c=sealed.ciphertext_crc32c
        )
        self.assertEqual(opened.plaintext, PLAINTEXT)
        self.assertEqual(opened.plaintext_crc32c, crc32c(PLAINTEXT))
        self.assertTrue(opened.used_primary)

    def test_does_not_claim_to_have_verified_what_was_not_sent(self):
        sealed = self.encrypt()
        self.assertFalse(sealed.verified_plaintext_crc32c)
        self.assertFalse(sealed.verified_additional_authenticated_data_crc32c)

    def test_refuses_wrong_checksums_with_its_exception(self):
        with self.refused("INVALID_ARGUMENT"):
            self.encrypt(plaintext_crc32c=crc32c(PLAINTEXT) ^ 1)
        with self.refused("INVALID_ARGUMENT"):
            self.encrypt(additional_authenticated_data=b"a", additional_authenticated_data_crc32c=crc32c(b"b"))
        with self.refused("INVALID_ARGUMENT"):
            self.decrypt(self.encrypt().ciphertext, ciphertext_crc32c=1)

    def test_refuses_other_additional_data_with_its_exception(self):
        sealed = self.encrypt(additional_authenticated_data=b"tenant=acme").ciphertext
        for other in (b"", b"tenant=other", b"tenant=acme\0"):
            with self.refused("INVALID_ARGUMENT"):
                self.decrypt(sealed, additional_authenticated_data=other)

    def test_refuses_a_changed_ciphertext_and_that_of_another_key_with_its_exception(self):
        sealed = self.encrypt().ciphertext
        for changed in (flipped(sealed, 0), flipped(sealed, len(sealed) // 2), flipped(sealed), sealed[:-1], b"malformed"):
            with self.refused("INVALID_ARGUMENT"):
                self.decrypt(changed)
        other = self.create_key()
        with self.refused("INVALID_ARGUMENT"):
            self.call("decrypt", {"name": other.name, "ciphertext": sealed})

    def test_opens_what_an_older_version_sealed(self):
        first = self.encrypt()
        made = self.call("create_crypto_key_version", {"parent": self.key.name, "crypto_key_version": {}})
        self.assertEqual(self.encrypt().name, first.name)
        request = {"name": self.key.name, "crypto_key_version_id": made.name.rsplit("/", 1)[1]}
        self.assertEqual(self.call("update_crypto_key_primary_version", request).primary.name, made.name)
        second = self.encrypt()
        self.assertEqual(second.name, made.name)
        opened = self.decrypt(first.ciphertext)
        self.assertEqual((opened.plaintext, opened.used_primary), (PLAINTEXT, False))
        self.assertTrue(self.decrypt(second.ciphertext).used_primary)

    def test_refuses_a_disabled_version_with_its_exception_until_it_is_enabled(self):
        sealed = self.encrypt().ciphertext
        self.set_state(self.key.primary.name, "DISABLED")
        for call in (lambda: self.encrypt(), lambda: self.decrypt(sealed)):
            with self.refused("FAILED_PRECONDITION") as refused:
                call()
            self.assertIn("DISABLED", refused.exception.message)
        self.set_state(self.key.primary.name, "ENABLED")
        self.assertEqual(self.decrypt(sealed).plaintext, PLAINTEXT)

    def test_destroys_a_version_later_and_restores_it_before(self):
        sealed = self.encrypt().ciphertext
        name = self.key.primary.name
        states = kms.CryptoKeyVersion.CryptoKeyVersionState
        self.assertEqual(self.call("destroy_crypto_key_version", {"name": name}).state, states.DESTROY_SCHEDULED)
        with self.refused("FAILED_PRECONDITION"):
            self.decrypt(sealed)
        self.assertEqual(self.call("restore_crypto_key_version", {"name": name}).state, states.DISABLED)
        self.set_state(name, "ENABLED")
        self.assertEqual(self.decrypt(sealed).plaintext, PLAINTEXT)

    def test_says_that_a_key_is_missing_or_taken_with_its_exceptions(self):
        with self.refused("NOT_FOUND"):
            self.call("encrypt", {"name": f"{self.ring}/cryptoKeys/missing", "plaintext": PLAINTEXT})
        with self.refused("NOT_FOUND"):
            self.call("get_crypto_key", {"name": f"{self.ring}/cryptoKeys/missing"})
        key = {"purpose": kms.CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT}
        taken = {"parent": self.ring, "crypto_key_id": self.key.name.rsplit("/", 1)[1], "crypto_key": key}
        with self.refused("ALREADY_EXISTS"):
            self.call("create_crypto_key", taken)

    def test_lists_keys_and_versions_page_by_page(self):
        made = {self.key.name} | {self.create_key().name for _ in range(4)}
        pager = self.call("list_crypto_keys", {"parent": self.ring, "page_size": 2})
        pages = [[key.name for key in page.crypto_keys] for page in pager.pages]
        self.assertEqual([len(page) for page in pages], [2, 2, 1])
        self.assertEqual({name for page in pages for name in page}, made)
        for _ in range(2):
            self.call("create_crypto_key_version", {"parent": self.key.name, "crypto_key_version": {}})
        versions = self.call("list_crypto_key_versions", {"parent": self.key.name, "page_size": 2})
        self.assertEqual(len(list(versions)), 3)

    def test_denies_one_token_and_not_another(self):
        sealed = self.encrypt().ciphertext
        admin("gcp-kms", "deny", {"credential": "stranger", "operation": "Decrypt"})
        request = {"name": self.key.name, "ciphertext": sealed}
        stranger = self.connect("stranger")
        self.addCleanup(stranger.transport.close)
        with self.refused("PERMISSION_DENIED"):
            self.call("decrypt", request, token="stranger", client=stranger)
        self.assertEqual(self.decrypt(sealed).plaintext, PLAINTEXT)

    def test_sees_throttling_an_outage_a_broken_connection_and_silence(self):
        for kind, status in (("throttled", "RESOURCE_EXHAUSTED"), ("unavailable", "UNAVAILABLE")):
            admin("gcp-kms", "fail", {"operation": "Encrypt", "as": kind})
            with self.refused(status):
                self.encrypt()
        admin("gcp-kms", "fail", {"operation": "Encrypt", "as": "reset"})
        with self.assertRaises(Exception) as broken:
            self.encrypt()
        self.assertNotIsInstance(broken.exception, exceptions.ClientError)
        admin("gcp-kms", "fail", {"operation": "Encrypt", "as": "timeout"})
        with self.assertRaises(Exception) as silent:
            self.call("encrypt", {"name": self.key.name, "plaintext": PLAINTEXT}, timeout=0.3)
        self.assertNotIsInstance(silent.exception, exceptions.ClientError)
        self.assertEqual(self.decrypt(self.encrypt().ciphertext).plaintext, PLAINTEXT)


class GcpKmsOverGrpc(GcpKms, unittest.TestCase):
    client_library = "google-cloud-kms over gRPC"
    connect = staticmethod(grpc_client)
    exception_of = {
        "INVALID_ARGUMENT": exceptions.InvalidArgument,
        "FAILED_PRECONDITION": exceptions.FailedPrecondition,
        "NOT_FOUND": exceptions.NotFound,
        "ALREADY_EXISTS": exceptions.AlreadyExists,
        "PERMISSION_DENIED": exceptions.PermissionDenied,
        "RESOURCE_EXHAUSTED": exceptions.ResourceExhausted,
        "UNAVAILABLE": exceptions.ServiceUnavailable,
    }

    @staticmethod
    def status_of(exception):
        return exception.grpc_status_code.name


class GcpKmsOverRest(GcpKms, unittest.TestCase):
    """Over REST the SDK chooses its exception by the HTTP status alone."""

    client_library = "google-cloud-kms over REST"
    connect = staticmethod(rest_client)
    exception_of = {
        "INVALID_ARGUMENT": exceptions.BadRequest,
        "FAILED_PRECONDITION": exceptions.BadRequest,
        "NOT_FOUND": exceptions.NotFound,
        "ALREADY_EXISTS": exceptions.Conflict,
        "PERMISSION_DENIED": exceptions.Forbidden,
        "RESOURCE_EXHAUSTED": exceptions.TooManyRequests,
        "UNAVAILABLE": exceptions.ServiceUnavailable,
    }

    @staticmethod
    def status_of(exception):
        return exception.response.json()["error"]["status"]
