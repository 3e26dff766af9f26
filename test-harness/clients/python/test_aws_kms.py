import unittest
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from emulator import admin, flipped, random_name, setting

PLAINTEXT = bytes(range(32))
CONTEXT = {"tenant": "acme", "letterlock": "1", "übung": "\U0001f511"}


def client(access_key="AKIDBOTO", attempts=1, **settings):
    return boto3.client(
        "kms",
        endpoint_url=setting("EMULATOR_AWS_KMS"),
        region_name="eu-west-1",
        aws_access_key_id=access_key,
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}, **settings),
    )


class AwsKms(unittest.TestCase):
    client_library = "boto3"

    def setUp(self):
        self.kms = client()
        self.addCleanup(self.kms.close)
        self.addCleanup(admin, "aws-kms", "clearFaults")
        self.addCleanup(admin, "aws-kms", "allowAll")
        self.arn = self.kms.create_key()["KeyMetadata"]["Arn"]

    def encrypt(self, **options):
        return self.kms.encrypt(KeyId=self.arn, Plaintext=PLAINTEXT, **options)["CiphertextBlob"]

    def test_encrypts_and_decrypts_under_a_context(self):
        sealed = self.kms.encrypt(KeyId=self.arn, Plaintext=PLAINTEXT, EncryptionContext=CONTEXT)
        self.assertEqual(sealed["KeyId"], self.arn)
        self.assertEqual(sealed["EncryptionAlgorithm"], "SYMMETRIC_DEFAULT")
        shuffled = dict(reversed(CONTEXT.items()))
        opened = self.kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=shuffled, KeyId=self.arn)
        self.assertEqual(opened["Plaintext"], PLAINTEXT)
        self.assertEqual(opened["KeyId"], self.arn)

    def test_refuses_another_context_with_its_exception(self):
        blob = self.encrypt(EncryptionContext={"a": "bc"})
        for other in ({}, {"a": "b"}, {"ab": "c"}, {"a": "bc", "d": "e"}):
            with self.subTest(other=other), self.assertRaises(self.kms.exceptions.InvalidCiphertextException):
                self.kms.decrypt(CiphertextBlob=blob, EncryptionContext=other)

    def test_refuses_a_changed_ciphertext_with_its_exception(self):
        blob = self.encrypt()
        for changed in (flipped(blob, 0), flipped(blob, len(blob) // 2), flipped(blob), blob[:-1], blob + b"\0", b"malformed"):
            with self.assertRaises(self.kms.exceptions.InvalidCiphertextException):
                self.kms.decrypt(CiphertextBlob=changed)

    def test_refuses_to_open_with_another_key_with_its_exception(self):
        other = self.kms.create_key()["KeyMetadata"]["Arn"]
        with self.assertRaises(self.kms.exceptions.IncorrectKeyException):
            self.kms.decrypt(CiphertextBlob=self.encrypt(), KeyId=other)

    def test_makes_data_keys(self):
        made = self.kms.generate_data_key(KeyId=self.arn, KeySpec="AES_256", EncryptionContext=CONTEXT)
        self.assertEqual(len(made["Plaintext"]), 32)
        opened = self.kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
        self.assertEqual(opened["Plaintext"], made["Plaintext"])
        self.assertEqual(len(self.kms.generate_data_key(KeyId=self.arn, NumberOfBytes=64)["Plaintext"]), 64)
        self.assertNotIn("Plaintext", self.kms.generate_data_key_without_plaintext(KeyId=self.arn, KeySpec="AES_128"))

    def test_moves_a_ciphertext_to_another_key(self):
        other = self.kms.create_key()["KeyMetadata"]["Arn"]
        moved = self.kms.re_encrypt(
            CiphertextBlob=self.encrypt(EncryptionContext={"a": "1"}),
            SourceKeyId=self.arn,
            SourceEncryptionContext={"a": "1"},
            DestinationKeyId=other,
            DestinationEncryptionContext={"b": "2"},
        )
        self.assertEqual((moved["SourceKeyId"], moved["KeyId"]), (self.arn, other))
        opened = self.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"}, KeyId=other)
        self.assertEqual(opened["Plaintext"], PLAINTEXT)

    def test_opens_what_older_key_material_sealed(self):
        first = self.encrypt()
        before = self.kms.describe_key(KeyId=self.arn)["KeyMetadata"]["CurrentKeyMaterialId"]
        self.kms.rotate_key_on_demand(KeyId=self.arn)
        after = self.kms.describe_key(KeyId=self.arn)["KeyMetadata"]["CurrentKeyMaterialId"]
        self.assertNotEqual(before, after)
        self.assertEqual(self.kms.decrypt(CiphertextBlob=first)["KeyMaterialId"], before)
        self.assertEqual(self.kms.decrypt(CiphertextBlob=self.encrypt())["KeyMaterialId"], after)
        rotations = self.kms.list_key_rotations(KeyId=self.arn)["Rotations"]
        self.assertEqual([rotation["RotationType"] for rotation in rotations], ["ON_DEMAND"])

    def test_refuses_a_disabled_key_with_its_exception_until_it_is_enabled(self):
        blob = self.encrypt()
        self.kms.disable_key(KeyId=self.arn)
        for call in (lambda: self.encrypt(), lambda: self.kms.decrypt(CiphertextBlob=blob)):
            with self.assertRaises(self.kms.exceptions.DisabledException):
                call()
        self.kms.enable_key(KeyId=self.arn)
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob)["Plaintext"], PLAINTEXT)

    def test_refuses_a_key_that_waits_for_its_deletion_until_that_is_cancelled(self):
        blob = self.encrypt()
        self.assertEqual(self.kms.schedule_key_deletion(KeyId=self.arn, PendingWindowInDays=7)["KeyState"], "PendingDeletion")
        with self.assertRaises(self.kms.exceptions.KMSInvalidStateException):
            self.kms.decrypt(CiphertextBlob=blob)
        self.kms.cancel_key_deletion(KeyId=self.arn)
        self.assertEqual(self.kms.describe_key(KeyId=self.arn)["KeyMetadata"]["KeyState"], "Disabled")
        self.kms.enable_key(KeyId=self.arn)
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob)["Plaintext"], PLAINTEXT)

    def test_says_that_a_key_is_missing_with_its_exception(self):
        for missing in ("00000000-0000-4000-8000-000000000000", "alias/missing"):
            with self.assertRaises(self.kms.exceptions.NotFoundException):
                self.kms.encrypt(KeyId=missing, Plaintext=PLAINTEXT)

    def test_takes_an_alias_and_follows_it_to_another_key(self):
        alias = f"alias/{random_name()}"
        other = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.kms.create_alias(AliasName=alias, TargetKeyId=self.arn)
        self.assertEqual(self.kms.encrypt(KeyId=alias, Plaintext=PLAINTEXT)["KeyId"], self.arn)
        self.kms.update_alias(AliasName=alias, TargetKeyId=other)
        self.assertTrue(self.kms.encrypt(KeyId=alias, Plaintext=PLAINTEXT)["KeyId"].endswith(other))
        self.kms.delete_alias(AliasName=alias)
        with self.assertRaises(self.kms.exceptions.NotFoundException):
            self.kms.encrypt(KeyId=alias, Plaintext=PLAINTEXT)

    def test_lists_keys_and_aliases_page_by_page(self):
        made = {self.arn} | {self.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(4)}
        names = {f"alias/{random_name()}" for _ in made}
        for name, arn in zip(sorted(names), sorted(made)):
            self.kms.create_alias(AliasName=name, TargetKeyId=arn)
        pages = list(self.kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
        self.assertTrue(all(len(page["Keys"]) <= 2 for page in pages))
        self.assertLessEqual(made, {key["KeyArn"] for page in pages for key in page["Keys"]})
        pages = list(self.kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2}))
        self.assertLessEqual(names, {alias["AliasName"] for page in pages for alias in page["Aliases"]})

    def test_keeps_tags(self):
        self.kms.tag_resource(KeyId=self.arn, Tags=[{"TagKey": "team", "TagValue": "billing"}])
        self.assertEqual(self.kms.list_resource_tags(KeyId=self.arn)["Tags"], [{"TagKey": "team", "TagValue": "billing"}])

    def test_wraps_under_an_rsa_key(self):
        made = self.kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
        algorithm = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        sealed = self.kms.encrypt(KeyId=made["Arn"], Plaintext=PLAINTEXT, **algorithm)["CiphertextBlob"]
        self.assertEqual(len(sealed), 256)
        self.assertEqual(self.kms.decrypt(KeyId=made["Arn"], CiphertextBlob=sealed, **algorithm)["Plaintext"], PLAINTEXT)
        with self.assertRaises(self.kms.exceptions.InvalidCiphertextException):
            self.kms.decrypt(KeyId=made["Arn"], CiphertextBlob=flipped(sealed), **algorithm)
        self.assertIn("RSAES_OAEP_SHA_256", self.kms.get_public_key(KeyId=made["Arn"])["EncryptionAlgorithms"])

    def test_refuses_too_much_plaintext(self):
        with self.assertRaises(ClientError) as refused:
            self.kms.encrypt(KeyId=self.arn, Plaintext=bytes(4097))
        self.assertEqual(refused.exception.response["Error"]["Code"], "ValidationException")

    def test_denies_one_access_key_and_not_another(self):
        admin("aws-kms", "deny", {"credential": "AKIDSTRANGER", "operation": "Decrypt"})
        blob = self.encrypt()
        with self.assertRaises(ClientError) as refused:
            client("AKIDSTRANGER").decrypt(CiphertextBlob=blob)
        self.assertEqual(refused.exception.response["Error"]["Code"], "AccessDeniedException")
        self.assertIn("is not authorized to perform: kms:Decrypt", refused.exception.response["Error"]["Message"])
        self.assertEqual(self.kms.decrypt(CiphertextBlob=blob)["Plaintext"], PLAINTEXT)

    def test_waits_and_asks_again_when_it_is_throttled(self):
        admin("aws-kms", "fail", {"operation": "Encrypt", "as": "throttled", "times": 1})
        with self.assertRaises(ClientError) as refused:
            self.encrypt()
        self.assertEqual(refused.exception.response["Error"]["Code"], "ThrottlingException")
        admin("aws-kms", "fail", {"operation": "Encrypt", "as": "throttled", "times": 1})
        answer = client(attempts=3).encrypt(KeyId=self.arn, Plaintext=PLAINTEXT)
        self.assertEqual(answer["ResponseMetadata"]["RetryAttempts"], 1)

    def test_sees_an_outage_a_broken_connection_and_silence(self):
        admin("aws-kms", "fail", {"operation": "Encrypt", "as": "unavailable"})
        with self.assertRaises(ClientError) as refused:
            self.encrypt()
        self.assertGreaterEqual(refused.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500)
        admin("aws-kms", "fail", {"operation": "Encrypt", "as": "reset"})
        with self.assertRaises((EndpointConnectionError, Exception)) as broken:
            self.encrypt()
        self.assertNotIsInstance(broken.exception, ClientError)
        admin("aws-kms", "fail", {"operation": "Encrypt", "as": "timeout"})
        with self.assertRaises(ReadTimeoutError):
            client(read_timeout=0.3).encrypt(KeyId=self.arn, Plaintext=PLAINTEXT)

    def test_names_the_request_that_failed(self):
        with self.assertRaises(ClientError) as refused:
            self.kms.decrypt(CiphertextBlob=b"malformed")
        self.assertTrue(refused.exception.response["ResponseMetadata"]["RequestId"])
        self.assertEqual(urllib.parse.urlparse(self.kms.meta.endpoint_url).hostname, "127.0.0.1")
