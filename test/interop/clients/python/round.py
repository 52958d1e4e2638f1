"""The full round with the unmodified official SDK for Python."""

import os
import sys
import threading
import time

from mns.account import Account
from mns.message_property import MessagePropertyValue, PropertyType
from mns.mns_exception import MNSExceptionBase
from mns.mns_client import MNSClient  # noqa: F401  (proves that the package is whole)
from mns.pkg_info import version
from mns.queue import Message, QueueMeta

ENDPOINT = os.environ["SMQ_ENDPOINT"]
KEY_ID = os.environ["SMQ_KEY_ID"]
KEY_SECRET = os.environ["SMQ_KEY_SECRET"]


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def fails(code, call):
    try:
        call()
    except MNSExceptionBase as error:
        expect(error.type == code, "expected %s, got %s" % (code, error.type))
        return
    raise AssertionError("expected %s, got success" % code)


def queue_of(name, key_id=KEY_ID, secret=KEY_SECRET):
    return Account(ENDPOINT, key_id, secret).get_queue(name)


def create():
    queue = queue_of("python")
    url = queue.create(QueueMeta(vis_timeout=20, polling_wait_sec=0))
    expect(url.endswith("/queues/python"), "the queue's address is given: %s" % url)
    queue_of("python").create(QueueMeta(vis_timeout=20, polling_wait_sec=0))
    fails("QueueAlreadyExist", lambda: queue_of("python").create(QueueMeta(vis_timeout=21)))


def attributes():
    queue = queue_of("python")
    queue.set_attributes(QueueMeta(vis_timeout=25))
    meta = queue.get_attributes()
    expect(meta.visibility_timeout == 25, "the attribute is set")
    expect(meta.logging_enabled in (False, "False"), "logging is off")


def list_queues():
    urls, marker = Account(ENDPOINT, KEY_ID, KEY_SECRET).list_queue("pyt", 10, "")
    expect(len(urls) == 1 and urls[0].endswith("/queues/python"), "the queue is listed")
    expect(marker == "", "there is no next page")


def send_receive_delete():
    queue = queue_of("python")
    message = Message("hello \u4f60\u597d <&>", priority=3)
    message.add_user_property("trace", MessagePropertyValue(PropertyType.STRING, "abc"))
    sent = queue.send_message(message)
    expect(len(sent.message_id) == 32, "there is a message id")
    peeked = queue.peek_message()
    expect(peeked.message_id == sent.message_id, "the same message is peeked at")
    received = queue.receive_message(1)
    body = received.message_body
    expect((body.decode("utf-8") if isinstance(body, bytes) else body) == "hello \u4f60\u597d <&>", "the body comes back")
    expect(received.message_body_md5 == sent.message_body_md5, "its digest is the same")
    expect(received.dequeue_count == 1 or received.dequeue_count == "1", "it was received once")
    expect(received.get_user_properties()["trace"].get_string_value_by_type() == "abc"
           if hasattr(received.get_user_properties()["trace"], "get_string_value_by_type")
           else received.get_user_properties()["trace"].string_value == "abc", "the property comes back")
    changed = queue.change_message_visibility(received.receipt_handle, 60)
    queue.delete_message(changed.receipt_handle)
    fails("MessageNotExist", lambda: queue.delete_message(received.receipt_handle))
    fails("ReceiptHandleError", lambda: queue.delete_message("1-ODU4OTkzLTItNg"))
    fails("MessageNotExist", lambda: queue.receive_message(0))


def batch():
    queue = queue_of("python")
    sent = queue.batch_send_message([Message("message %d" % index) for index in range(16)])
    expect(len(sent) == 16, "all are sent")
    expect(len(queue.batch_peek_message(16)) == 16, "all are peeked at")
    received = queue.batch_receive_message(16, 1)
    expect(len(received) == 16, "all come back")
    queue.batch_delete_message([message.receipt_handle for message in received])
    fails("MessageNotExist", lambda: queue.batch_receive_message(16, 0))


def delayed():
    queue = queue_of("python")
    queue.send_message(Message("later", delay_seconds=1))
    fails("MessageNotExist", lambda: queue.receive_message(0))
    received = queue.receive_message(10)
    queue.delete_message(received.receipt_handle)


def long_poll():
    queue = queue_of("python")
    threading.Timer(0.5, lambda: queue_of("python").send_message(Message("at last"))).start()
    started = time.time()
    received = queue.receive_message(20)
    expect(time.time() - started < 5, "the waiting receive is woken by the send")
    queue.delete_message(received.receipt_handle)


def wrong_key():
    fails("InvalidAccessKeyId", lambda: queue_of("python", "nobody").receive_message(0))
    fails("SignatureDoesNotMatch", lambda: queue_of("python", KEY_ID, "wrong").receive_message(0))


def delete_queue():
    queue = queue_of("python")
    queue.delete()
    fails("QueueNotExist", lambda: queue.send_message(Message("nobody home")))


print("version aliyun-mns-sdk %s" % version)
failed = 0
for step in (create, attributes, list_queues, send_receive_delete, batch, delayed, long_poll, wrong_key, delete_queue):
    try:
        step()
        print("ok %s" % step.__name__)
    except Exception as error:  # every step is tried, whatever one of them ran into
        failed += 1
        print("FAIL %s: %r" % (step.__name__, error))
sys.exit(1 if failed else 0)
